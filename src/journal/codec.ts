/**
 * Journal text to `RunJournal` and back.
 *
 * Reading checks every known field and keeps every unknown one. Writing gives what rivet's serde
 * would write: known fields in rivet's order, `null` where rivet writes `null`, unknown ones after.
 */
import {
  isJsonObject,
  isList,
  type JsonObject,
  type JsonValue,
  MAX_JSON_DEPTH,
  memberCount,
  parseJson,
  parseJsonWithin,
  setMember,
  stringifyJson,
} from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { withoutConnectionSecrets } from './connection-secrets.js'
import { type EventKind, fieldNames, fieldProblem, isEventKind, type RunEvent } from './events.js'
import { frequentEntry } from './frequent-entry.js'
import { type JournalEntry, RunJournal } from './run-journal.js'
import { readSerdeText } from './serde-text.js'
import { isTimestamp } from './timestamp.js'

/** Fields that rivet writes as `null` when they have no value; it leaves out none of its own. */
const NULLED_FIELDS: { readonly [K in EventKind]?: readonly string[] } = {
  ChunkCompleted: ['file_name'],
  RunCompleted: ['error_message'],
}

/** A plan that has `resumable` comes from a rivet that always writes these two as well. */
const NULLED_PLAN_FIELDS = ['chunk_key', 'row_hash']

/** The members of a journal that this version knows; all others are its `extra`. */
export const JOURNAL_MEMBERS: readonly string[] = ['run_id', 'export_name', 'entries']

/** The members of an entry that this version knows; all others are its `extra`. */
export const ENTRY_MEMBERS: readonly string[] = ['recorded_at', 'event']

/**
 * Reads one journal from its JSON text, as it stands in `run_journal.journal_json`.
 *
 * @throws {RivetOtelError} `INVALID_JSON` or `INVALID_JOURNAL`, naming the entry and the field.
 * @example
 * parseJournal('{"run_id":"orders_1","export_name":"orders","entries":[]}').run_id // 'orders_1'
 */
export function parseJournal(text: string): RunJournal {
  if (text.trim() === '')
    throw invalid('the text is empty; expected a JSON object with run_id, export_name and entries')
  return quickly(text) ?? journalFromJson(parseJson(text))
}

/**
 * Checks a JSON value and takes it for a journal; the value is not copied.
 *
 * @throws {RivetOtelError} `INVALID_JOURNAL`, naming the entry and the field.
 * @example
 * journalFromJson({ run_id: 'orders_1', export_name: 'orders', entries: [] }).entries.length // 0
 */
export function journalFromJson(value: JsonValue): RunJournal {
  if (!isJsonObject(value))
    throw invalid(
      `expected a JSON object with run_id, export_name and entries, got ${describe(value)}`,
    )
  const { run_id, export_name, entries } = value
  if (typeof run_id !== 'string') throw invalid(`run_id: expected a text, got ${describe(run_id)}`)
  if (typeof export_name !== 'string')
    throw invalid(`export_name: expected a text, got ${describe(export_name)}`)
  if (!isList(entries)) throw invalid(`entries: expected a list, got ${describe(entries)}`)
  return new RunJournal(
    run_id,
    export_name,
    entries.map(entryFromJson),
    membersBeside(value, JOURNAL_MEMBERS),
  )
}

/**
 * Writes a journal as rivet's serde would: one line of JSON.
 *
 * @example
 * stringifyJournal(new RunJournal('orders_1', 'orders'))
 * // '{"run_id":"orders_1","export_name":"orders","entries":[]}'
 */
export function stringifyJournal(journal: RunJournal): string {
  return [...journalPieces(journal)].join('')
}

/** How long a piece is about, in UTF-16 units. */
const PIECE_LENGTH = 65_536

/**
 * What {@link stringifyJournal} writes, in pieces: a huge journal may be longer than a text can be.
 *
 * @example
 * [...journalPieces(journal)].join('') === stringifyJournal(journal) // true
 */
export function* journalPieces(journal: RunJournal): Generator<string> {
  const { run_id, export_name, entries, extra } = journal
  if (memberCount(extra) > 0) {
    yield stringifyJson(journalToJson(journal))
    return
  }
  let text = `{"run_id":${JSON.stringify(run_id)},"export_name":${JSON.stringify(export_name)},"entries":[`
  let separator = ''
  for (const entry of entries) {
    text += separator + (frequentEntry(entry) ?? stringifyJson(entryToJson(entry)))
    separator = ','
    if (text.length < PIECE_LENGTH) continue
    yield text
    text = ''
  }
  yield `${text}]}`
}

/**
 * The JSON value of a journal, as {@link stringifyJournal} writes it.
 *
 * @example
 * journalToJson(new RunJournal('orders_1', 'orders')) // { run_id: 'orders_1', export_name: 'orders', entries: [] }
 */
export function journalToJson(journal: RunJournal): JsonObject {
  const { run_id, export_name, entries, extra } = journal
  const known = { run_id, export_name, entries: entries.map(entryToJson) }
  return withMembers(known, membersBeside(extra, JOURNAL_MEMBERS))
}

const NOTHING: JsonObject = Object.freeze({})

/** Around the entries of a journal there are a list and an object. */
const LEVELS_OF_ENTRY = MAX_JSON_DEPTH - 2

/** `undefined` also for what is no journal: the general way finds the words for it. */
function quickly(text: string): RunJournal | undefined {
  try {
    return readSerdeText(text, (entry) => entryFromJson(parseJsonWithin(entry, LEVELS_OF_ENTRY), 0))
  } catch (error) {
    if (error instanceof RivetOtelError) return undefined
    throw error
  }
}

function entryFromJson(value: JsonValue, index: number): JournalEntry {
  return isPlainEntry(value) ? value : checkedEntry(value, index)
}

/** Whether a value is an entry as it stands; false also for many a good one. */
function isPlainEntry(value: JsonValue): value is JsonObject & JournalEntry {
  if (!isJsonObject(value) || memberCount(value) !== 2) return false
  const { recorded_at, event } = value
  if (typeof recorded_at !== 'string' || !isTimestamp(recorded_at)) return false
  if (!isJsonObject(event) || memberCount(event) !== 1) return false
  for (const kind in event)
    return isEventKind(kind) && fieldProblem(kind, event[kind]) === undefined
  return false
}

function checkedEntry(value: JsonValue, index: number): JournalEntry {
  const where = `entries[${index}]`
  if (!isJsonObject(value))
    throw invalid(`${where}: expected an object with recorded_at and event, got ${describe(value)}`)
  const { recorded_at, event } = value
  if (typeof recorded_at !== 'string' || !isTimestamp(recorded_at)) {
    throw invalid(
      `${where}.recorded_at: expected a timestamp like 2026-11-21T08:53:39.134436857Z, got ${describe(recorded_at)}`,
    )
  }
  const checked = eventFromJson(event, `${where}.event`)
  const extra = membersBeside(value, ENTRY_MEMBERS)
  return extra === NOTHING
    ? { recorded_at, event: checked }
    : { recorded_at, event: checked, extra }
}

/**
 * Checks a JSON value and takes it for an event; the value is not copied.
 *
 * @param where what the message begins with, for example `entries[3].event`
 * @throws {RivetOtelError} `INVALID_JOURNAL`, naming the field.
 * @example
 * eventFromJson({ ValidationResult: { passed: true } }, 'entries[3].event')
 */
export function eventFromJson(value: JsonValue | undefined, where: string): RunEvent {
  if (typeof value === 'string' && !isEventKind(value)) return value
  const kinds = isJsonObject(value) ? Object.keys(value) : []
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1) {
    throw invalid(
      `${where}: expected an object with one member named by the event's kind, got ${describe(value)}`,
    )
  }
  const event = value as JsonObject
  if (isEventKind(kind)) checkFields(kind, event[kind], `${where}.${kind}`)
  return event as RunEvent
}

function checkFields(kind: EventKind, fields: JsonValue | undefined, where: string): void {
  const problem = fieldProblem(kind, fields)
  if (problem === undefined) return
  const { path, expected } = problem
  const field = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
  throw invalid(`${where}${field}: ${expected}, got ${describe(valueAt(fields, path))}`)
}

function valueAt(
  value: JsonValue | undefined,
  path: readonly PropertyKey[],
): JsonValue | undefined {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Record<PropertyKey, JsonValue>)[key]
  }
  return at
}

function entryToJson({ recorded_at, event, extra }: JournalEntry): JsonObject {
  const known = { recorded_at, event: eventToJson(event) }
  return extra === undefined ? known : withMembers(known, membersBeside(extra, ENTRY_MEMBERS))
}

function eventToJson(event: RunEvent): JsonValue {
  if (typeof event === 'string') return event
  const [kind] = Object.keys(event)
  if (kind === undefined || !isEventKind(kind)) return event as JsonObject
  return { [kind]: fieldsToJson(kind, (event as JsonObject)[kind] as JsonObject) }
}

function fieldsToJson(kind: EventKind, fields: JsonObject): JsonObject {
  const known: Record<string, JsonValue> = {}
  const names = fieldNames(kind)
  const nulled = nulledFields(kind, fields)
  for (const name of names) {
    const value = fields[name] ?? (nulled.includes(name) ? null : undefined)
    if (value !== undefined) known[name] = value
  }
  return withMembers(known, membersBeside(fields, names))
}

function nulledFields(kind: EventKind, fields: JsonObject): readonly string[] {
  if (kind === 'PlanResolved') return fields.resumable === undefined ? [] : NULLED_PLAN_FIELDS
  return NULLED_FIELDS[kind] ?? []
}

/**
 * The members of an object that are not among the known ones; one shared empty object where there
 * are none.
 *
 * @example
 * membersBeside({ rows: 7, host: 'db' }, ['rows']) // { host: 'db' }
 */
export function membersBeside(object: JsonObject, known: readonly string[]): JsonObject {
  let beside: Record<string, JsonValue> | undefined
  for (const key of Object.keys(object)) {
    const value = object[key]
    if (known.includes(key) || value === undefined) continue
    beside ??= {}
    setMember(beside, key, value)
  }
  return beside ?? NOTHING
}

function withMembers(known: Record<string, JsonValue>, more: JsonObject): JsonObject {
  for (const key of Object.keys(more)) setMember(known, key, more[key] as JsonValue)
  return known
}

/** A value as an error message shows it: its type, and the beginning of what it is. */
function describe(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (isList(value)) return `a list of ${value.length}`
  if (typeof value === 'object')
    return `an object with ${
      Object.keys(value)
        .slice(0, 4)
        .map((key) => JSON.stringify(key))
        .join(', ') || 'no members'
    }`
  // Before it is cut: half of a connection string is not known for one.
  const text = withoutConnectionSecrets(stringifyJson(value))
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function invalid(what: string): RivetOtelError {
  return new RivetOtelError('INVALID_JOURNAL', what)
}
