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
  const { ChunkStarted, ChunkCompleted, FileWritten } = event as Readonly<
    Record<string, JsonObject | undefined>
  >
  if (ChunkStarted !== undefined) {
    const { chunk_index, start_key, end_key } = ChunkStarted
    return (
      memberCount(event as JsonObject) === 1 &&
      memberCount(ChunkStarted) === 3 &&
      isInteger(chunk_index) &&
      isKept(texts, 'keys', start_key) &&
      isKept(texts, 'keys', end_key)
    )
  }
  if (ChunkCompleted !== undefined) {
    const { chunk_index, rows, file_name } = ChunkCompleted
    return (
      memberCount(event as JsonObject) === 1 &&
      memberCount(ChunkCompleted) === 3 &&
      isInteger(chunk_index) &&
      isInteger(rows) &&
      (file_name === null || isKept(texts, 'files', file_name))
    )
  }
  if (FileWritten !== undefined) {
    const { file_name, rows, bytes, part_index } = FileWritten
    return (
      memberCount(event as JsonObject) === 1 &&
      memberCount(FileWritten) === 4 &&
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
