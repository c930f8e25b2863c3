/** One attempt at a chunk as one span, and its two entries back from it. */

import { type EventKind, fieldsOf } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
import type { JsonObject } from '../json/lossless.js'
import type { Span, SpanStatus } from '../trace/trace.js'
import type { AttributesInTheMaking } from './attributes.js'
import type { ChunkAttempt } from './chunk-attempts.js'
import { ERROR_TYPE } from './conventions.js'
import {
  END,
  type EntryPrefix,
  type IndexedEntry,
  putEntry,
  START,
  takeEntry,
  takeIndex,
  unknownFields,
} from './entry-event.js'
import { putFields, takeEvent } from './fields.js'
import { errorStatus, errorType } from './run-facts.js'
import type { TimesInTrace } from './times.js'

/** The name of every chunk span. */
export const CHUNK_SPAN_NAME = 'chunk'

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
  const ownEnd = timing === 'measured' && end !== undefined ? times.of(end) : startTimeUnixNano
  const lasts = ownEnd > startTimeUnixNano
  const endTimeUnixNano = lasts ? ownEnd : startTimeUnixNano + 1n
  attributes['rivet.chunk.timing'] = timing
  const opening = start === undefined ? undefined : entries[start]
  if (start !== undefined && opening !== undefined) {
    putChunkFields(attributes, 'ChunkStarted', opening, START)
    putEntry(attributes, START, opening, start, times)
  }
  const ending = end === undefined ? undefined : entries[end]
  if (end !== undefined && ending !== undefined) {
    putChunkFields(attributes, failed ? 'ChunkFailed' : 'ChunkCompleted', ending, END)
    const isMoved = start !== undefined && !lasts
    putEntry(attributes, END, ending, end, times, isMoved ? endTimeUnixNano : undefined, start)
  }
  if (!failed) return { startTimeUnixNano, endTimeUnixNano, attributes }
  const error = fieldsOf(entries[end ?? 0]?.event ?? '', 'ChunkFailed')?.error ?? ''
  attributes[ERROR_TYPE] = errorType(error)
  return { startTimeUnixNano, endTimeUnixNano, attributes, status: errorStatus(error) }
}

function putChunkFields(
  attributes: AttributesInTheMaking,
  kind: 'ChunkStarted' | 'ChunkCompleted' | 'ChunkFailed',
  { event }: JournalEntry,
  prefix: EntryPrefix,
): void {
  const fields = (event as { readonly [kind: string]: JsonObject })[kind]
  if (fields !== undefined) putFields(attributes, kind, fields, unknownFields(prefix))
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
  prefix: EntryPrefix,
  kind: EventKind,
  time: bigint,
): IndexedEntry | undefined {
  const index = takeIndex(attributes, prefix)
  if (index === undefined) return undefined
  const event = takeEvent(attributes, kind, unknownFields(prefix))
  return { index, entry: takeEntry(attributes, prefix, time, event) }
}
