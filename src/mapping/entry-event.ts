/** One entry of a journal as one span event, and back. */

import { ENTRY_MEMBERS, eventFromJson } from '../journal/codec.js'
import { openEvent, type RunEvent } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/lossless.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import type { Attributes, SpanEvent } from '../trace/trace.js'
import {
  type AttributesInTheMaking,
  putJson,
  putText,
  takeInteger,
  takeJson,
  takeText,
} from './attributes.js'
import { entryNames } from './entry-names.js'
import { EVENT_NAMES, kindOfEventName, UNKNOWN_EVENT_NAME } from './event-names.js'
import { putFields, takeEvent } from './fields.js'
import { NO_REMAINDER, putCarriedTime, type TimesInTrace, takeTime } from './times.js'

/** What the attributes about an entry of a span event begin with. */
export const ENTRY = 'rivet.entry'

/** What those about the entry at the start of a chunk span begin with. */
export const START = 'rivet.entry.start'

/** What those about the entry at its end begin with. */
export const END = 'rivet.entry.end'

/** One of the three. */
export type EntryPrefix = typeof ENTRY | typeof START | typeof END

/** An entry that was read back, and its place in the journal. */
export interface IndexedEntry {
  readonly index: number
  readonly entry: JournalEntry
}

/**
 * Writes an entry as a span event with all its fields.
 *
 * @example
 * entryToEvent(journal.entries[0], 0, times).name // 'rivet.plan_resolved'
 */
export function entryToEvent(entry: JournalEntry, index: number, times: TimesInTrace): SpanEvent {
  const attributes: AttributesInTheMaking = {}
  const time = times.of(index)
  putEntry(attributes, ENTRY, entry, index, times)
  const opened = openEvent(entry.event)
  if (opened.kind !== 'unknown') {
    putFields(attributes, opened.kind, opened.fields as JsonObject, unknownFields(ENTRY))
    return { name: EVENT_NAMES[opened.kind], timeUnixNano: time, attributes }
  }
  putText(attributes, `${ENTRY}.kind`, opened.name)
  if (opened.payload !== undefined) putJson(attributes, `${ENTRY}.json`, opened.payload)
  return { name: UNKNOWN_EVENT_NAME, timeUnixNano: time, attributes }
}

/**
 * Reads an entry back from a span event; `undefined` where the event is not one of a journal.
 *
 * @throws {RivetOtelError} `INVALID_TRACE`, naming the attribute that is missing or wrong.
 * @example
 * eventToEntry(span.events[0])?.entry.recorded_at // '2026-11-21T08:53:39.134436857Z'
 */
export function eventToEntry({
  name,
  timeUnixNano,
  attributes,
}: SpanEvent): IndexedEntry | undefined {
  const index = takeIndex(attributes, ENTRY)
  if (index === undefined) return undefined
  const kind = kindOfEventName(name)
  if (kind === undefined && name !== UNKNOWN_EVENT_NAME) {
    throw new RivetOtelError(
      'INVALID_TRACE',
      `${JSON.stringify(name)} is the name of no journal event`,
    )
  }
  const event =
    kind === undefined ? takeUnknown(attributes) : takeEvent(attributes, kind, unknownFields(ENTRY))
  return { index, entry: takeEntry(attributes, ENTRY, timeUnixNano, event) }
}

/**
 * Writes what belongs to the entry rather than to its event: its index, what its time cannot say,
 * and members that are unknown.
 *
 * @param written the time that stands in the trace for it, where it is another than that of `times`
 * @param start the index of the entry at the start of the span, for the one at its end
 * @example
 * putEntry(attributes, 'rivet.entry', entry, 7, times)
 * attributes['rivet.entry.index'] // 7
 */
export function putEntry(
  attributes: AttributesInTheMaking,
  prefix: EntryPrefix,
  entry: JournalEntry,
  index: number,
  times: TimesInTrace,
  written?: bigint,
  start?: number,
): void {
  putIndex(attributes, prefix, index)
  const remainder = written === undefined ? times.remainder(index) : NO_REMAINDER
  const before = start === undefined ? 0 : times.remainder(start)
  if (remainder === NO_REMAINDER || before === NO_REMAINDER) {
    const spanStart = start === undefined ? 0n : times.of(start)
    putCarriedTime(attributes, prefix, entry.recorded_at, written ?? times.of(index), spanStart)
  } else if (remainder < before) {
    putText(attributes, `${prefix}.time`, entry.recorded_at)
  } else if (remainder !== 0) {
    putNanos(attributes, prefix, remainder)
  }
  if (entry.extra !== undefined) putJson(attributes, `${prefix}.unknown_members`, entry.extra)
}

/** With its name in place, which is quicker than a name that is put together. */
function putIndex(attributes: AttributesInTheMaking, prefix: EntryPrefix, index: number): void {
  if (prefix === ENTRY) attributes['rivet.entry.index'] = index
  else if (prefix === START) attributes['rivet.entry.start.index'] = index
  else attributes['rivet.entry.end.index'] = index
}

/** Like {@link putIndex}. */
function putNanos(attributes: AttributesInTheMaking, prefix: EntryPrefix, nanos: number): void {
  if (prefix === ENTRY) attributes['rivet.entry.nanos'] = nanos
  else if (prefix === START) attributes['rivet.entry.start.nanos'] = nanos
  else attributes['rivet.entry.end.nanos'] = nanos
}

/**
 * Puts an entry together from its event and what {@link putEntry} wrote.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where what was written cannot be read.
 * @example
 * takeEntry(attributes, 'rivet.entry', timeUnixNano, event).recorded_at
 * // '2026-11-21T08:53:39.134436857Z'
 */
export function takeEntry(
  attributes: Attributes,
  prefix: string,
  receivedTime: bigint,
  event: RunEvent,
): JournalEntry {
  const recorded_at = takeTime(attributes, prefix, receivedTime)
  const extra = takeUnknownMembers(attributes, entryNames(prefix).unknownMembers, ENTRY_MEMBERS)
  return extra === undefined ? { recorded_at, event } : { recorded_at, event, extra }
}

/**
 * The members that a version did not know; `undefined` where there are none.
 *
 * @param known the members that cannot be among them: they would stand there twice
 * @throws {RivetOtelError} `INVALID_TRACE` where they hold a known one.
 * @example
 * takeUnknownMembers({ 'rivet.entry.unknown_members': '{"host":"db"}' }, 'rivet.entry.unknown_members', [])
 * // { host: 'db' }
 */
export function takeUnknownMembers(
  attributes: Attributes,
  name: string,
  known: readonly string[],
): JsonObject | undefined {
  const members = takeJson(attributes, name)
  if (!isJsonObject(members)) return undefined
  const doubled = known.find((member) => Object.hasOwn(members, member))
  if (doubled === undefined) return members
  throw new RivetOtelError('INVALID_TRACE', `${name}: ${doubled} is no unknown member`)
}

/**
 * The index of the entry that these attributes are about; `undefined` where they are about none.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where it is no whole number of 0 or more.
 * @example
 * takeIndex({ 'rivet.entry.index': 7 }, 'rivet.entry') // 7
 */
export function takeIndex(attributes: Attributes, prefix: string): number | undefined {
  const name = entryNames(prefix).index
  const index = takeInteger(attributes, name)
  if (index === undefined || (typeof index === 'number' && index >= 0)) return index
  throw new RivetOtelError('INVALID_TRACE', `${name}: expected 0 or more, got ${index}`)
}

/**
 * The attribute that holds the fields of an event that this version does not know.
 *
 * @example
 * unknownFields('rivet.entry') // 'rivet.entry.unknown_fields'
 */
export function unknownFields(prefix: EntryPrefix): string {
  return entryNames(prefix).unknownFields
}

function takeUnknown(attributes: Attributes): RunEvent {
  const kind = takeText(attributes, `${ENTRY}.kind`)
  if (kind === undefined) throw new RivetOtelError('INVALID_TRACE', `${ENTRY}.kind is missing`)
  const payload = takeJson(attributes, `${ENTRY}.json`)
  // A computed member, because `__proto__` is a member here like any other.
  const event: JsonValue = payload === undefined ? kind : { [kind]: payload }
  try {
    // What was unknown when it was sent may be known by now, and must then be what rivet writes.
    return eventFromJson(event, `${ENTRY}.json`)
  } catch (error) {
    throw new RivetOtelError('INVALID_TRACE', reasonOf(error), { cause: error })
  }
}
