/** One entry of a journal as one span event, and back. */

import { ENTRY_MEMBERS, eventFromJson } from '../journal/codec.js'
import { openEvent, type RunEvent } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/lossless.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import type { Attributes, SpanEvent } from '../trace/trace.js'
import {
  type AttributesInTheMaking,
  putInteger,
  putJson,
  putText,
  takeInteger,
  takeJson,
  takeText,
} from './attributes.js'
import { entryNames } from './entry-names.js'
import { EVENT_NAMES, kindOfEventName, UNKNOWN_EVENT_NAME } from './event-names.js'
import { putFields, takeEvent } from './fields.js'
import { putCarriedTime, type TimesInTrace, takeTime } from './times.js'

/** What the attributes about an entry of a span event begin with. */
export const ENTRY = 'rivet.entry'

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
  putEntry(attributes, ENTRY, entry, index, time)
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
 * and members that are unknown. `spanStart` is given for an entry that stands at the end of a span.
 *
 * @example
 * putEntry(attributes, 'rivet.entry', entry, 7, times.of(7))
 * attributes['rivet.entry.index'] // 7
 */
export function putEntry(
  attributes: AttributesInTheMaking,
  prefix: string,
  entry: JournalEntry,
  index: number,
  writtenTime: bigint,
  spanStart?: bigint,
): void {
  putInteger(attributes, `${prefix}.index`, index)
  putCarriedTime(attributes, prefix, entry.recorded_at, writtenTime, spanStart)
  if (entry.extra !== undefined) putJson(attributes, `${prefix}.unknown_members`, entry.extra)
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
export function unknownFields(prefix: string): string {
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
