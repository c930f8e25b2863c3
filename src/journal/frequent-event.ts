/**
 * Which entries are of the three kinds that nearly all of a large journal consists of, with nothing in them
 * that is unknown: the one place where that is told.
 *
 * Whoever handles entries has a general way, which is the definition, and may have a shorter one for these.
 * A journal may be changed at any time, so an entry is looked at whenever it is handled.
 */
import { type JsonObject, type JsonValue, memberCount } from '../json/lossless.js'
import type { EventFields } from './events.js'
import type { JournalEntry } from './run-journal.js'

type FrequentKind = 'ChunkStarted' | 'ChunkCompleted' | 'FileWritten'

type EventOf<Kind extends FrequentKind> = {
  readonly [K in Kind]: EventFields<K>
} & { readonly [K in Exclude<FrequentKind, Kind>]?: undefined }

/** An event of a frequent kind, with the fields that rivet writes and no others; a file name may be absent. */
export type FrequentEvent = { readonly [Kind in FrequentKind]: EventOf<Kind> }[FrequentKind]

/**
 * The event of an entry, where it is of a frequent kind with its own fields, each of its type, and the entry
 * has no unknown members; else `undefined`.
 *
 * @example
 * frequentEvent({ recorded_at, event: { ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '9' } } })
 *   ?.ChunkStarted?.end_key // '9'
 */
export function frequentEvent({ event, extra }: JournalEntry): FrequentEvent | undefined {
  if (extra !== undefined || typeof event === 'string') return undefined
  let only: string | undefined
  for (const kind in event) {
    if (only !== undefined) return undefined
    only = kind
  }
  return isFrequent(only, event as JsonObject) ? (event as FrequentEvent) : undefined
}

function isFrequent(kind: string | undefined, event: JsonObject): boolean {
  if (kind === 'ChunkStarted') return isChunkStarted(event.ChunkStarted as JsonObject)
  if (kind === 'ChunkCompleted') return isChunkCompleted(event.ChunkCompleted as JsonObject)
  if (kind === 'FileWritten') return isFileWritten(event.FileWritten as JsonObject)
  return false
}

function isChunkStarted(fields: JsonObject): boolean {
  const { chunk_index, start_key, end_key } = fields
  return (
    memberCount(fields) === 3 &&
    isWhole(chunk_index) &&
    typeof start_key === 'string' &&
    typeof end_key === 'string'
  )
}

function isChunkCompleted(fields: JsonObject): boolean {
  const { chunk_index, rows, file_name } = fields
  if (!isWhole(chunk_index) || !isWhole(rows)) return false
  return file_name === undefined
    ? memberCount(fields) === 2
    : memberCount(fields) === 3 && (file_name === null || typeof file_name === 'string')
}

function isFileWritten(fields: JsonObject): boolean {
  const { file_name, rows, bytes, part_index } = fields
  return (
    memberCount(fields) === 4 &&
    typeof file_name === 'string' &&
    isWhole(rows) &&
    isWhole(bytes) &&
    isWhole(part_index)
  )
}

/** Whether the digits of a value are what it is. */
function isWhole(value: JsonValue | undefined): boolean {
  return typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0))
}
