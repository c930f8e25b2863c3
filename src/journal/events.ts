/**
 * The events of a run journal, as zod schemas with inferred types: what rivet's `journal.rs` says.
 *
 * An event is serde's externally tagged enum: an object with one member, named by the kind. A
 * schema lets unknown fields pass, because a newer rivet may write more than this knows.
 */
import { z } from 'zod'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/lossless.js'
import type { Integer } from './integer.js'

export type { Integer } from './integer.js'

const I64_MAX = 2n ** 63n - 1n
const U64_MAX = 2n ** 64n - 1n
const U32_MAX = 2n ** 32n - 1n

function integer(type: string, min: bigint, max: bigint) {
  return z.custom<Integer>(
    (value) =>
      typeof value === 'bigint'
        ? value >= min && value <= max
        : Number.isSafeInteger(value) &&
          (value as number) >= min &&
          (value as number) <= max &&
          !Object.is(value, -0),
    { error: `expected an integer (${type}: ${min} to ${max})` },
  )
}

const i64 = integer('i64', -I64_MAX - 1n, I64_MAX)
const u64 = integer('u64', 0n, U64_MAX)
const u32 = integer('u32', 0n, U32_MAX)
const jsonObject = z.custom<JsonObject>((value) => isJsonObject(value as JsonValue), {
  error: 'expected an object',
})

/**
 * The resolved plan of a run: what was going to be exported, and how.
 *
 * `chunk_key`, `resumable` and `row_hash` came later; older journals lack them.
 * Source: rivet's `PlanSnapshot`.
 *
 * @example
 * PlanSnapshotSchema.parse(journal.planSnapshot())
 */
export const PlanSnapshotSchema = z.looseObject({
  export_name: z.string(),
  base_query: z.string(),
  strategy: z.string(),
  format: z.string(),
  compression: z.string(),
  destination_type: z.string(),
  tuning_profile: z.string(),
  batch_size: u64,
  validate: z.boolean(),
  reconcile: z.boolean(),
  resume: z.boolean(),
  chunk_key: z.string().nullish(),
  resumable: z.boolean().optional(),
  row_hash: jsonObject.nullish(),
})

/** The resolved plan of a run; `batch_size` in rows. See {@link PlanSnapshotSchema}. */
export type PlanSnapshot = z.infer<typeof PlanSnapshotSchema>

/**
 * The fields of each of the 14 kinds of event, in the order in which rivet writes them.
 *
 * `rows`, `source_count` and `exported_rows` are rows, `bytes` bytes, `backoff_ms` and
 * `duration_ms` milliseconds, `from` and `to` permits. Source: rivet's `RunEvent`.
 *
 * @example
 * EventSchemas.ChunkStarted.safeParse({ chunk_index: 0, start_key: '1', end_key: '25000' }).success // true
 */
export const EventSchemas = {
  PlanResolved: PlanSnapshotSchema,
  PlanWarning: z.looseObject({ rule: z.string(), message: z.string() }),
  FileWritten: z.looseObject({ file_name: z.string(), rows: i64, bytes: u64, part_index: u64 }),
  ChunkStarted: z.looseObject({ chunk_index: i64, start_key: z.string(), end_key: z.string() }),
  ChunkCompleted: z.looseObject({ chunk_index: i64, rows: i64, file_name: z.string().nullish() }),
  ChunkFailed: z.looseObject({ chunk_index: i64, error: z.string(), attempt: i64 }),
  RetryAttempted: z.looseObject({ attempt: u32, reason: z.string(), backoff_ms: u64 }),
  QualityIssue: z.looseObject({ severity: z.string(), message: z.string() }),
  SchemaChanged: z.looseObject({
    added: z.array(z.string()),
    removed: z.array(z.string()),
    type_changed: z.array(
      z.tuple([z.string(), z.string(), z.string()], { error: 'expected a list of three strings' }),
    ),
  }),
  Warning: z.looseObject({ context: z.string(), message: z.string() }),
  ParallelismAdjusted: z.looseObject({ from: u64, to: u64, reason: z.string() }),
  ValidationResult: z.looseObject({ passed: z.boolean() }),
  ReconciliationResult: z.looseObject({
    source_count: i64,
    exported_rows: i64,
    matched: z.boolean(),
  }),
  RunCompleted: z.looseObject({
    status: z.string(),
    error_message: z.string().nullish(),
    duration_ms: i64,
  }),
} as const

/** The name of one of the 14 kinds of event that this version knows. */
export type EventKind = keyof typeof EventSchemas

/** The fields of the events of one kind, for example `EventFields<'ChunkStarted'>`. */
export type EventFields<K extends EventKind> = z.infer<(typeof EventSchemas)[K]>

/** An event of a known kind as it stands in a journal: `{ ChunkStarted: { … } }`. */
export type KnownEvent = { [K in EventKind]: { readonly [P in K]: EventFields<K> } }[EventKind]

/** An event of a kind that this version does not know: serde's `"Name"` or `{"Name": …}`. */
export type UnknownEvent = string | { readonly [kind: string]: JsonValue }

/** An event as it stands in a journal. */
export type RunEvent = KnownEvent | UnknownEvent

/** An event taken apart: its kind, and the fields that belong to the kind. */
export type OpenedEvent =
  | { [K in EventKind]: { readonly kind: K; readonly fields: EventFields<K> } }[EventKind]
  | { readonly kind: 'unknown'; readonly name: string; readonly payload: JsonValue | undefined }

const KINDS: ReadonlySet<string> = new Set(Object.keys(EventSchemas))

/**
 * Whether a name is one of the 14 kinds.
 *
 * @example
 * isEventKind('ChunkStarted') // true
 */
export function isEventKind(name: string): name is EventKind {
  return KINDS.has(name)
}

/**
 * Takes an event apart, so that a `switch` over `kind` knows the fields.
 *
 * @example
 * const opened = openEvent(entry.event)
 * if (opened.kind === 'ChunkCompleted') console.log(opened.fields.rows)
 */
export function openEvent(event: RunEvent): OpenedEvent {
  if (typeof event === 'string') return { kind: 'unknown', name: event, payload: undefined }
  const name = kindOf(event)
  const payload = (event as JsonObject)[name]
  return isEventKind(name)
    ? ({ kind: name, fields: payload } as unknown as OpenedEvent)
    : { kind: 'unknown', name, payload }
}

/**
 * The name of an event's kind, known or not.
 *
 * @example
 * kindOf({ ValidationResult: { passed: true } }) // 'ValidationResult'
 */
export function kindOf(event: RunEvent): string {
  if (typeof event === 'string') return event
  for (const name in event) return name
  return ''
}

/**
 * The fields of an event when it is of this kind, else `undefined`.
 *
 * @example
 * fieldsOf(entry.event, 'RunCompleted')?.status // 'success'
 */
export function fieldsOf<K extends EventKind>(
  event: RunEvent,
  kind: K,
): EventFields<K> | undefined {
  if (typeof event === 'string' || kindOf(event) !== kind) return undefined
  return (event as { [P in K]: EventFields<K> })[kind]
}
