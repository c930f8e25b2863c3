/** One attempt at a chunk as one span, and its two entries back from it. */

import { type EventKind, fieldsOf, openEvent } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
import type { JsonObject } from '../json/lossless.js'
import type { Span, SpanStatus } from '../trace/trace.js'
import type { AttributesInTheMaking } from './attributes.js'
import type { ChunkAttempt } from './chunk-attempts.js'
import { ERROR_TYPE } from './conventions.js'
import { type IndexedEntry, putEntry, takeEntry, takeIndex, unknownFields } from './entry-event.js'
import { putFields, takeEvent } from './fields.js'
import { errorStatus, errorType } from './run-facts.js'
import type { TimesInTrace } from './times.js'

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
  times: TimesInTrace,
  attributes: AttributesInTheMaking,
): ChunkSpanParts {
  const startTimeUnixNano = times.of(start ?? end ?? 0)
  const lasts = start !== undefined && end !== undefined && times.of(end) > startTimeUnixNano
  const endTimeUnixNano = lasts && timing === 'measured' ? times.of(end) : startTimeUnixNano + 1n
  attributes['rivet.chunk.timing'] = timing
  const put = (index: number, prefix: string, time: bigint, spanStart?: bigint) => {
    const entry = entries[index]
    const opened = entry === undefined ? undefined : openEvent(entry.event)
    if (entry === undefined || opened === undefined || opened.kind === 'unknown') return
    putFields(attributes, opened.kind, opened.fields as JsonObject, unknownFields(prefix))
    putEntry(attributes, prefix, entry, index, time, spanStart)
  }
  if (start !== undefined) put(start, START, startTimeUnixNano)
  if (end !== undefined && start === undefined) put(end, END, startTimeUnixNano)
  if (end !== undefined && start !== undefined) put(end, END, endTimeUnixNano, startTimeUnixNano)
  if (!failed) return { startTimeUnixNano, endTimeUnixNano, attributes }
  const error = fieldsOf(entries[end ?? 0]?.event ?? '', 'ChunkFailed')?.error ?? ''
  attributes[ERROR_TYPE] = errorType(error)
  return { startTimeUnixNano, endTimeUnixNano, attributes, status: errorStatus(error) }
}

/**
 * Reads the entry that starts a chunk span; `undefined` where nothing started it.
 *
 * @throws {RivetOtelError} `INVALID_TRACE`, naming the attribute that is missing or wrong.
 * @example
 * spanToStart(span)?.index // 1
 */
export function spanToStart(span: Span): IndexedEntry | undefined {
  return takeAttemptEntry(span, START, 'ChunkStarted', span.startTimeUnixNano)
}

/**
 * Reads the entry that ends a chunk span; `undefined` where nothing ended it.
 *
 * @throws {RivetOtelError} `INVALID_TRACE`, naming the attribute that is missing or wrong.
 * @example
 * spanToEnd(span)?.index // 2
 */
export function spanToEnd(span: Span): IndexedEntry | undefined {
  const { attributes, startTimeUnixNano, endTimeUnixNano } = span
  const kind = attributes['rivet.chunk.attempt'] === undefined ? 'ChunkCompleted' : 'ChunkFailed'
  const isStarted = attributes[`${START}.index`] !== undefined
  return takeAttemptEntry(span, END, kind, isStarted ? endTimeUnixNano : startTimeUnixNano)
}

function takeAttemptEntry(
  { attributes }: Span,
  prefix: string,
  kind: EventKind,
  time: bigint,
): IndexedEntry | undefined {
  const index = takeIndex(attributes, prefix)
  if (index === undefined) return undefined
  const event = takeEvent(attributes, kind, unknownFields(prefix))
  return { index, entry: takeEntry(attributes, prefix, time, event) }
}
