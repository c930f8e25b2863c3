/**
 * A journal without what must not leave: chosen fields, matches of patterns, and always the passwords
 * of connection strings.
 *
 * What comes out is a journal like any other, with a digest of its own; the same journal and policy
 * give the same journal, and redacting it again changes nothing. Only texts change: entries, their
 * order, times, numbers and what is null stay. Pure; nothing here knows of traces.
 */
import { isList, type JsonObject, type JsonValue, setMember } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { type EventKind, fieldNames, openEvent, type RunEvent } from './events.js'
import { masked } from './masked-secret.js'
import { TextRedaction } from './redacted-text.js'
import { type JournalEntry, RunJournal } from './run-journal.js'
import { isSecretName } from './setting-secrets.js'
import { surelyKeeps } from './unredacted-entry.js'

/**
 * The fields that are taken out together, each as its kind and its name. Status, severity and the
 * rule of a plan warning are fixed words of rivet, not texts about data, and stay.
 *
 * @example
 * REDACTED_FIELDS.query // ['PlanResolved.base_query']
 */
export const REDACTED_FIELDS = {
  errors: [
    'ChunkFailed.error',
    'RunCompleted.error_message',
    'RetryAttempted.reason',
    'QualityIssue.message',
    'PlanWarning.message',
    'Warning.context',
    'Warning.message',
    'ParallelismAdjusted.reason',
  ],
  files: ['FileWritten.file_name', 'ChunkCompleted.file_name'],
  keys: ['ChunkStarted.start_key', 'ChunkStarted.end_key'],
  query: ['PlanResolved.base_query'],
} as const satisfies { readonly [name: string]: readonly `${EventKind}.${string}`[] }

/** The name of fields that are taken out together. */
export type RedactedFields = keyof typeof REDACTED_FIELDS

/** What is taken out of a journal, beside passwords. */
export interface RedactionPolicy {
  /** Their whole texts; an empty one stays empty. */
  readonly fields?: readonly RedactedFields[]
  /** Every match in every text. See `redactionPattern`. */
  readonly patterns?: readonly RegExp[]
  /**
   * A secret of 16 or more characters: placeholders then carry an HMAC-SHA-256 of what they stand
   * for, so that equal texts stay equal. It cannot be undone or tried out without the key.
   */
  readonly key?: string
}

/** A journal that may leave. */
export interface RedactedJournal {
  /** The very journal that was given where nothing had to be taken out. */
  readonly journal: RunJournal
  /**
   * What it lacks: names of fields, `passwords` and `patterns`, sorted, with commas between them;
   * `undefined` where it lacks nothing.
   */
  readonly redaction: string | undefined
}

const SHORTEST_KEY = 16

/** By kind, then by name. */
const FIELD_NAMES: ReadonlyMap<string, ReadonlyMap<string, RedactedFields>> = fieldsByKind()

/**
 * Makes the one function that journals go through on their way out.
 *
 * A run_id in which something is found changes like any other text; who sends the journal must not
 * do that then, because its ids follow from the run_id.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a key that is too short to be one.
 * @example
 * const redact = redactorOf({ fields: ['files', 'query'] })
 * redact(journal).redaction // 'files,query'
 */
export function redactorOf(policy: RedactionPolicy = {}): (journal: RunJournal) => RedactedJournal {
  const textsOf = textRedactorOf(policy)
  return (journal) => {
    const texts = textsOf()
    const redacted = new Redacting(texts).journal(journal)
    return { journal: redacted, redaction: texts.redaction }
  }
}

/**
 * Makes the same for texts that are no part of a journal: what a state database says beside it.
 *
 * @returns gives each thing, however many texts it has, a redaction of its own
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a key that is too short to be one.
 * @example
 * const texts = textRedactorOf({ fields: ['files'] })()
 * texts.field('files', 'orders_1.parquet') // '[redacted]'
 */
export function textRedactorOf(policy: RedactionPolicy = {}): () => TextRedaction {
  if (policy.key !== undefined && [...policy.key].length < SHORTEST_KEY) {
    throw new RivetOtelError(
      'INVALID_CONFIGURATION',
      `the key for redaction is too short; expected ${SHORTEST_KEY} or more characters`,
      { hint: 'For example the output of: openssl rand -hex 32' },
    )
  }
  return () => new TextRedaction(policy)
}

/** One journal on its way through a policy. What has nothing to be taken out stays the same object. */
class Redacting {
  readonly #texts: TextRedaction

  constructor(texts: TextRedaction) {
    this.#texts = texts
  }

  journal(journal: RunJournal): RunJournal {
    const run_id = this.#texts.text(journal.run_id)
    const export_name = this.#texts.text(journal.export_name)
    const entries = mapped(journal.entries, (entry) => this.#entry(entry))
    const extra = this.#members(journal.extra, ['run_id', 'export_name', 'entries'])
    const isSame =
      run_id === journal.run_id &&
      export_name === journal.export_name &&
      entries === journal.entries &&
      extra === journal.extra
    return isSame ? journal : new RunJournal(run_id, export_name, entries, extra)
  }

  #entry(entry: JournalEntry): JournalEntry {
    if (surelyKeeps(this.#texts, entry)) return entry
    const event = this.#event(entry.event)
    const extra =
      entry.extra === undefined ? undefined : this.#members(entry.extra, ['recorded_at', 'event'])
    if (event === entry.event && extra === entry.extra) return entry
    const { recorded_at } = entry
    return extra === undefined ? { recorded_at, event } : { recorded_at, event, extra }
  }

  #event(event: RunEvent): RunEvent {
    if (typeof event === 'string') return this.#texts.text(event)
    const opened = openEvent(event)
    if (opened.kind === 'unknown') return this.#members(event as JsonObject, []) as RunEvent
    const { kind } = opened
    const before = opened.fields as JsonObject
    const fields = this.#members(before, fieldNames(kind), kind)
    return fields === before ? event : ({ [kind]: fields } as RunEvent)
  }

  /** The members of an object. The names of those that are known stay, all others are texts too. */
  #members(object: JsonObject, known: readonly string[], kind?: EventKind): JsonObject {
    const ofKind = kind === undefined ? undefined : FIELD_NAMES.get(kind)
    const names = Object.keys(object)
    let changed: Record<string, JsonValue> | undefined
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      const value = object[name] as JsonValue
      const isKnown = known.includes(name)
      const shownName = isKnown
        ? name
        : unusedName(this.#texts.text(name), name, object, changed ?? object)
      const shown =
        kind !== undefined && isKnown
          ? this.#field(ofKind?.get(name), value)
          : this.#member(name, value)
      if (changed === undefined && shown === value && shownName === name) continue
      changed ??= firstMembers(object, names, i)
      setMember(changed, shownName, shown)
    }
    return changed ?? object
  }

  #field(fields: RedactedFields | undefined, value: JsonValue): JsonValue {
    return fields === undefined || typeof value !== 'string'
      ? this.#value(value)
      : this.#texts.field(fields, value)
  }

  /** A member that version 1 does not know: what is called a password is one. */
  #member(name: string, value: JsonValue): JsonValue {
    if (typeof value !== 'string' || !isSecretName(name)) return this.#value(value)
    const shown = masked(value)
    if (shown === value) return this.#value(value)
    this.#texts.taken.add('passwords')
    return shown
  }

  #value(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.#texts.text(value)
    if (typeof value !== 'object' || value === null) return value
    return isList(value)
      ? mapped(value, (item) => this.#value(item))
      : this.#members(value as JsonObject, [])
  }
}

/** The list itself where every item stays the same. */
function mapped<T>(list: readonly T[], change: (item: T) => T): T[] {
  let changed: T[] | undefined
  for (let i = 0; i < list.length; i++) {
    const item = list[i] as T
    const made = change(item)
    if (changed === undefined && made === item) continue
    changed ??= list.slice(0, i)
    changed.push(made)
  }
  return changed ?? (list as T[])
}

function firstMembers(
  object: JsonObject,
  names: readonly string[],
  count: number,
): Record<string, JsonValue> {
  const members: Record<string, JsonValue> = {}
  for (const name of names.slice(0, count)) setMember(members, name, object[name] as JsonValue)
  return members
}

/** Two members whose names became the same are still two. */
function unusedName(shown: string, name: string, object: JsonObject, changed: JsonObject): string {
  if (shown === name) return name
  let unused = shown
  while (Object.hasOwn(object, unused) || Object.hasOwn(changed, unused)) unused += '[redacted]'
  return unused
}

function fieldsByKind(): Map<string, Map<string, RedactedFields>> {
  const byKind = new Map<string, Map<string, RedactedFields>>()
  for (const [group, fields] of Object.entries(REDACTED_FIELDS)) {
    for (const field of fields) {
      const [kind = '', name = ''] = field.split('.')
      const names = byKind.get(kind) ?? new Map<string, RedactedFields>()
      byKind.set(kind, names.set(name, group as RedactedFields))
    }
  }
  return byKind
}
