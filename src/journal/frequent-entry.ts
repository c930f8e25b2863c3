/**
 * The entries that a large journal is full of, as rivet's serde writes them.
 *
 * The general way, through `entryToJson` of the codec, is the definition. Three kinds with few fields,
 * whose order is known, are spelled directly, which gives the same text at a fraction of the cost.
 */
import { type JsonObject, memberCount } from '../json/lossless.js'
import type { Integer } from './integer.js'
import type { JournalEntry } from './run-journal.js'

/** What stands between quotes as it is. */
const NOTHING_TO_ESCAPE = /^[ !#-[\]-~]*$/

/**
 * An entry of a frequent kind as JSON; `undefined` for any other, and for one with a member that is not
 * known or not as it should be.
 *
 * @example
 * frequentEntry({ recorded_at: '2026-11-21T08:53:39Z', event: 'Paused' }) // undefined
 */
export function frequentEntry({ recorded_at, event, extra }: JournalEntry): string | undefined {
  if (extra !== undefined || typeof event !== 'object') return undefined
  const spelled = frequentEvent(event as JsonObject)
  return spelled && `{"recorded_at":${quoted(recorded_at)},"event":${spelled}}`
}

function frequentEvent(event: JsonObject): string | undefined {
  if (memberCount(event) !== 1) return undefined
  for (const kind in event) {
    if (kind === 'ChunkStarted') return chunkStarted(event.ChunkStarted as JsonObject)
    if (kind === 'ChunkCompleted') return chunkCompleted(event.ChunkCompleted as JsonObject)
    if (kind === 'FileWritten') return fileWritten(event.FileWritten as JsonObject)
  }
  return undefined
}

function chunkStarted(fields: JsonObject): string | undefined {
  const { chunk_index, start_key, end_key } = fields
  if (
    memberCount(fields) === 3 &&
    isWhole(chunk_index) &&
    typeof start_key === 'string' &&
    typeof end_key === 'string'
  )
    return `{"ChunkStarted":{"chunk_index":${chunk_index},"start_key":${quoted(start_key)},"end_key":${quoted(end_key)}}}`
  return undefined
}

/** A file name that is absent is written as null. */
function chunkCompleted(fields: JsonObject): string | undefined {
  const { chunk_index, rows, file_name } = fields
  const members = memberCount(fields)
  if (!isWhole(chunk_index) || !isWhole(rows)) return undefined
  if (members === 3 && typeof file_name === 'string')
    return `{"ChunkCompleted":{"chunk_index":${chunk_index},"rows":${rows},"file_name":${quoted(file_name)}}}`
  if (file_name === undefined ? members === 2 : members === 3 && file_name === null)
    return `{"ChunkCompleted":{"chunk_index":${chunk_index},"rows":${rows},"file_name":null}}`
  return undefined
}

function fileWritten(fields: JsonObject): string | undefined {
  const { file_name, rows, bytes, part_index } = fields
  if (
    memberCount(fields) === 4 &&
    typeof file_name === 'string' &&
    isWhole(rows) &&
    isWhole(bytes) &&
    isWhole(part_index)
  )
    return `{"FileWritten":{"file_name":${quoted(file_name)},"rows":${rows},"bytes":${bytes},"part_index":${part_index}}}`
  return undefined
}

/** Whether the digits of a value are what it is. */
function isWhole(value: unknown): value is Integer {
  return typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0))
}

function quoted(text: string): string {
  return NOTHING_TO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text)
}
