/**
 * The two entries of the chunk spans that a large trace is full of: an attempt that started and completed,
 * with nothing in it that is unknown, long, or spelled in another way.
 *
 * The general way, `spanToStart` and `spanToEnd`, is the definition. Here every attribute is looked up by
 * a name that stands in the code, which gives the same entries at a fraction of the cost.
 */
import type { RunEvent } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
import { formatTimestamp, isPlain } from '../journal/timestamp.js'
import type { Attributes, AttributeValue, Span } from '../trace/trace.js'
import type { IndexedEntry } from './entry-event.js'

/**
 * Reads both entries of a chunk span; `undefined` where it is to be read in the general way.
 *
 * @example
 * frequentChunk(span)?.map(({ index }) => index) // [1, 2]
 */
export function frequentChunk(span: Span): readonly [IndexedEntry, IndexedEntry] | undefined {
  const { attributes } = span
  const start = attributes['rivet.entry.start.index']
  const end = attributes['rivet.entry.end.index']
  if (!isCount(start) || !isCount(end) || !isUsual(attributes)) return undefined
  const chunk = attributes['rivet.chunk.index']
  const startKey = attributes['rivet.chunk.start_key']
  const endKey = attributes['rivet.chunk.end_key']
  const rows = attributes['rivet.chunk.rows']
  const fileName = attributes['rivet.file.name']
  if (!isInteger(chunk) || !isInteger(rows)) return undefined
  if (typeof startKey !== 'string' || typeof endKey !== 'string') return undefined
  if (typeof fileName !== 'string' && fileName !== undefined) return undefined
  const startedAt = timeOf(
    attributes['rivet.entry.start.time'],
    attributes['rivet.entry.start.nanos'],
    span.startTimeUnixNano,
  )
  const completedAt = timeOf(
    attributes['rivet.entry.end.time'],
    attributes['rivet.entry.end.nanos'],
    span.endTimeUnixNano,
  )
  if (startedAt === undefined || completedAt === undefined) return undefined
  const started: RunEvent = {
    ChunkStarted: { chunk_index: chunk, start_key: startKey, end_key: endKey },
  }
  const completed: RunEvent = {
    ChunkCompleted:
      fileName === undefined
        ? { chunk_index: chunk, rows }
        : { chunk_index: chunk, rows, file_name: fileName },
  }
  return [entryAt(start, startedAt, started), entryAt(end, completedAt, completed)]
}

/** Whether nothing is there that only the general way reads. */
function isUsual(attributes: Attributes): boolean {
  return (
    attributes['rivet.chunk.attempt'] === undefined &&
    attributes['rivet.chunk.start_key.parts'] === undefined &&
    attributes['rivet.chunk.end_key.parts'] === undefined &&
    attributes['rivet.file.name.parts'] === undefined &&
    attributes['rivet.entry.start.time.parts'] === undefined &&
    attributes['rivet.entry.start.unknown_fields'] === undefined &&
    attributes['rivet.entry.start.unknown_fields.parts'] === undefined &&
    attributes['rivet.entry.start.unknown_members'] === undefined &&
    attributes['rivet.entry.start.unknown_members.parts'] === undefined &&
    attributes['rivet.entry.end.time.parts'] === undefined &&
    attributes['rivet.entry.end.unknown_fields'] === undefined &&
    attributes['rivet.entry.end.unknown_fields.parts'] === undefined &&
    attributes['rivet.entry.end.unknown_members'] === undefined &&
    attributes['rivet.entry.end.unknown_members.parts'] === undefined
  )
}

/** Only where OTLP's time says it all, or what was carried is a plain text. */
function timeOf(
  carried: AttributeValue | undefined,
  nanos: AttributeValue | undefined,
  received: bigint,
): string | undefined {
  if (carried !== undefined)
    return typeof carried === 'string' && isPlain(carried) ? carried : undefined
  if (BigInt.asUintN(64, received) !== received) return undefined
  const time = formatTimestamp(received)
  return nanos === undefined || nanos === nanosOf(time) ? time : undefined
}

/** The nanoseconds below a microsecond of a timestamp with nine digits; else there are none. */
function nanosOf(time: string): number {
  const { length } = time
  if (length !== 30) return 0
  return (
    100 * (time.charCodeAt(length - 4) - 0x30) +
    10 * (time.charCodeAt(length - 3) - 0x30) +
    (time.charCodeAt(length - 2) - 0x30)
  )
}

function isInteger(value: AttributeValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)
}

function isCount(value: AttributeValue | undefined): value is number {
  return isInteger(value) && value >= 0
}

function entryAt(index: number, recorded_at: string, event: RunEvent): IndexedEntry {
  const entry: JournalEntry = { recorded_at, event }
  return { index, entry }
}
