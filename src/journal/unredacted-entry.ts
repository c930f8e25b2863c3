/**
 * A first look at an entry on its way out: whether redaction has nothing to do with it.
 *
 * Nearly all entries of a large journal are of three kinds with few texts, in which there is nothing to
 * be taken out; these need not go the general way through `redaction.ts`, which is the definition.
 */
import { type JsonObject, type JsonValue, memberCount } from '../json/lossless.js'
import { isInteger } from './integer.js'
import type { TextRedaction } from './redacted-text.js'
import type { JournalEntry } from './run-journal.js'

/**
 * Whether an entry surely leaves as it is, with nothing to note; false says nothing.
 *
 * @example
 * surelyKeeps(texts, { recorded_at, event: { ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '9' } } }) // true
 */
export function surelyKeeps(texts: TextRedaction, { event, extra }: JournalEntry): boolean {
  if (extra !== undefined || typeof event === 'string') return false
  let only: string | undefined
  for (const kind in event) {
    if (only !== undefined) return false
    only = kind
  }
  if (only === 'ChunkStarted') {
    const fields = (event as JsonObject).ChunkStarted as JsonObject
    const { chunk_index, start_key, end_key } = fields
    return (
      memberCount(fields) === 3 &&
      isInteger(chunk_index) &&
      isKept(texts, 'keys', start_key) &&
      isKept(texts, 'keys', end_key)
    )
  }
  if (only === 'ChunkCompleted') {
    const fields = (event as JsonObject).ChunkCompleted as JsonObject
    const { chunk_index, rows, file_name } = fields
    return (
      memberCount(fields) === 3 &&
      isInteger(chunk_index) &&
      isInteger(rows) &&
      (file_name === null || isKept(texts, 'files', file_name))
    )
  }
  if (only === 'FileWritten') {
    const fields = (event as JsonObject).FileWritten as JsonObject
    const { file_name, rows, bytes, part_index } = fields
    return (
      memberCount(fields) === 4 &&
      isInteger(rows) &&
      isInteger(bytes) &&
      isInteger(part_index) &&
      isKept(texts, 'files', file_name)
    )
  }
  return false
}

function isKept(
  texts: TextRedaction,
  fields: 'keys' | 'files',
  text: JsonValue | undefined,
): boolean {
  return typeof text === 'string' && texts.surelyKeeps(fields, text)
}
