/** One attempt at a chunk as one span, and its two entries back from it. */

import { type EventKind, fieldsOf, openEvent } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
import type { JsonObject } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import type { Span, SpanStatus } from '../trace/trace.js'
import type { AttributesInTheMaking } from './attributes.js'
import type { ChunkAttempt } from './chunk-attempts.js'
import { type IndexedEntry, putEntry, takeEntry, takeIndex, unknownFields } from './entry-event.js'
import { putFields, takeEvent } from './fields.js'
import { errorStatus, errorType } from './run-facts.js'
import type { EntryTimes } from './times.js'

/** The name of every chunk span. */
export const CHUNK_SPAN_NAME = 'chunk'

const START = 'rivet.entry.start'
const END = 'rivet.entry.end'

/** What a chunk span has of its own, beside ids, kind and the attributes of every journal span. */
export type ChunkSpanParts = Pick<Span, 'startTimeUnixNano' | 'endTimeUnixNano'> & {
  readonly attributes: AttributesInTheMaking
  readonly status?: SpanStatus
}

/**
 * Writes an attempt into the attributes of its span.
 *
 * A `measured` attempt lasts from its start to its end; the others, which have no duration, last
 * 1 ns, and so does a measured one that took no time.
 *
 * @example
 * attemptToSpan({ start: 1, end: 2, failed: false, timing: 'measured' }, journal.entries, times, {})
 */
export function attemptToSpan(
  { start, end, failed, timing }: ChunkAttempt,
  entries: readonly JournalEntry[],
  times: EntryTimes,
  attributes: AttributesInTheMaking,
): ChunkSpanParts {
  const startTimeUnixNano = times.of(start ?? end ?? 0)
  const lasts = start !== undefined && end !== undefined && times.of(end) > startTimeUnixNano
  const endTimeUnixNano = lasts && timing === 'measured' ? times.of(end) : startTimeUnixNano + 1n
  attributes['rivet.chunk.timing'] = timing
  const put = (index: number, prefix: string, time: bigint) => {
    const entry = entries[index]
    const opened = entry === undefined ? undefined : openEvent(entry.event)
    if (entry === undefined || opened === undefined || opened.kind === 'unknown') return
    putFields(attributes, opened.kind, opened.fields as JsonObject, unknownFields(prefix))
    putEntry(attributes, prefix, entry, index, times, time)
  }
  if (start !== undefined) put(start, START, startTimeUnixNano)
  if (end !== undefined) put(end, END, start === undefined ? startTimeUnixNano : endTimeUnixNano)
  if (!failed) return { startTimeUnixNano, endTimeUnixNano, attributes }
  const error = fieldsOf(entries[end ?? 0]?.event ?? '', 'ChunkFailed')?.error ?? ''
  attributes['error.type'] = errorType(error)
  return { startTimeUnixNano, endTimeUnixNano, attributes, status: errorStatus(error) }
}

/**
 * Reads the entries at the ends of a chunk span.
 *
 * @throws {RivetOtelError} `INVALID_TRACE`, naming the attribute that is missing or wrong.
 * @example
 * spanToEntries(span).map(({ index }) => index) // [1, 2]
 */
export function spanToEntries(span: Span): IndexedEntry[] {
  const { attributes, startTimeUnixNano, endTimeUnixNano } = span
  const start = takeIndex(attributes, START)
  const end = takeIndex(attributes, END)
  const take = (index: number, prefix: string, kind: EventKind, time: bigint): IndexedEntry => ({
    index,
    entry: takeEntry(attributes, prefix, time, takeEvent(attributes, kind, unknownFields(prefix))),
  })
  const entries: IndexedEntry[] = []
  if (start !== undefined) entries.push(take(start, START, 'ChunkStarted', startTimeUnixNano))
  if (end !== undefined) {
    const time = start === undefined ? startTimeUnixNano : endTimeUnixNano
    entries.push(take(end, END, endKind(span), time))
  }
  if (entries.length === 0) {
    throw new RivetOtelError(
      'INVALID_TRACE',
      `a chunk span lacks both ${START}.index and ${END}.index`,
    )
  }
  return entries
}

function endKind({ attributes }: Span): EventKind {
  return attributes['rivet.chunk.attempt'] === undefined ? 'ChunkCompleted' : 'ChunkFailed'
}
