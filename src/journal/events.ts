/**
 * The events of a run journal: what rivet's `journal.rs` says, as one table with inferred types.
 *
 * An event is serde's externally tagged enum: an object with one member, named by the kind. Unknown
 * fields pass, because a newer rivet may write more than this knows.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../json/lossless.js'
import {
  boolean,
  type FieldProblem,
  type FieldsOf,
  type FieldType,
  i64,
  isOfType,
  nullable,
  object,
  optional,
  problemIn,
  text,
  texts,
  textTriples,
  u32,
  u64,
} from './field-types.js'

export type { Integer } from './integer.js'

/**
 * The fields of each of the 14 kinds of event, in the order in which rivet writes them.
 *
 * `batch_size`, `rows`, `source_count` and `exported_rows` are rows, `bytes` bytes, `backoff_ms` and
 * `duration_ms` milliseconds, `from` and `to` permits. `chunk_key`, `resumable` and `row_hash` of a plan
 * came later; older journals lack them. Source: rivet's `RunEvent` and `PlanSnapshot`.
 *
 * @example
 * Object.keys(EVENT_FIELDS.ChunkStarted) // ['chunk_index', 'start_key', 'end_key']
 */
export const EVENT_FIELDS = {
  PlanResolved: {
    export_name: text,
    base_query: text,
    strategy: text,
    format: text,
    compression: text,
    destination_type: text,
    tuning_profile: text,
    batch_size: u64,
    validate: boolean,
    reconcile: boolean,
    resume: boolean,
    chunk_key: nullable(text),
    resumable: optional(boolean),
    row_hash: nullable(object),
  },
  PlanWarning: { rule: text, message: text },
  FileWritten: { file_name: text, rows: i64, bytes: u64, part_index: u64 },
  ChunkStarted: { chunk_index: i64, start_key: text, end_key: text },
  ChunkCompleted: { chunk_index: i64, rows: i64, file_name: nullable(text) },
  ChunkFailed: { chunk_index: i64, error: text, attempt: i64 },
  RetryAttempted: { attempt: u32, reason: text, backoff_ms: u64 },
  QualityIssue: { severity: text, message: text },
  SchemaChanged: { added: texts, removed: texts, type_changed: textTriples },
  Warning: { context: text, message: text },
  ParallelismAdjusted: { from: u64, to: u64, reason: text },
  ValidationResult: { passed: boolean },
  ReconciliationResult: { source_count: i64, exported_rows: i64, matched: boolean },
  RunCompleted: { status: text, error_message: nullable(text), duration_ms: i64 },
} as const

/** The name of one of the 14 kinds of event that this version knows. */
export type EventKind = keyof typeof EVENT_FIELDS

/** The fields of the events of one kind, for example `EventFields<'ChunkStarted'>`. */
export type EventFields<K extends EventKind> = FieldsOf<(typeof EVENT_FIELDS)[K]>

/** The resolved plan of a run: what was going to be exported, and how; `batch_size` in rows. */
export type PlanSnapshot = EventFields<'PlanResolved'>

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

const KINDS: ReadonlySet<string> = new Set(Object.keys(EVENT_FIELDS))

/**
 * Whether a name is one of the 14 kinds.
 *
 * @example
 * isEventKind('ChunkStarted') // true
 */
export function isEventKind(name: string): name is EventKind {
  return KINDS.has(name)
}

/** The names and types of a kind's fields as two lists, which is quick to go through. */
const RULES = Object.fromEntries(
  Object.entries(EVENT_FIELDS).map(([kind, types]) => [
    kind,
    { names: Object.keys(types), types: Object.values<FieldType<unknown>>(types) },
  ]),
) as unknown as {
  readonly [K in EventKind]: {
    readonly names: readonly string[]
    readonly types: readonly FieldType<unknown>[]
  }
}

/**
 * The names of the fields of a kind that this version knows, in the order in which rivet writes them.
 *
 * @example
 * fieldNames('ValidationResult') // ['passed']
 */
export function fieldNames(kind: EventKind): readonly string[] {
  return RULES[kind].names
}

/**
 * What keeps a value from being the fields of a kind; `undefined` where nothing does.
 *
 * @example
 * fieldProblem('ValidationResult', { passed: 1 }) // { path: ['passed'], expected: 'expected boolean' }
 */
export function fieldProblem(kind: EventKind, value: unknown): FieldProblem | undefined {
  const fields = value as JsonValue | undefined
  if (!isJsonObject(fields)) return { path: [], expected: 'expected object' }
  const { names, types } = RULES[kind]
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    const type = types[i] as FieldType<unknown>
    if (isOfType(fields[name], type)) continue
    const { path, expected } = problemIn(fields[name], type)
    return { path: [name, ...path], expected }
  }
  return undefined
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
