/**
 * A first look at an entry on its way out: whether redaction has nothing to do with it.
 *
 * Frequent events have few texts, in which there is hardly ever anything to be taken out; these need not
 * go the general way through `redaction.ts`, which is the definition.
 */
import { frequentEvent } from './frequent-event.js'
import type { TextRedaction } from './redacted-text.js'
import type { JournalEntry } from './run-journal.js'

/**
 * Whether an entry surely leaves as it is, with nothing to note; false says nothing.
 *
 * @example
 * surelyKeeps(texts, { recorded_at, event: { ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '9' } } }) // true
 */
export function surelyKeeps(texts: TextRedaction, entry: JournalEntry): boolean {
  const event = frequentEvent(entry)
  if (event === undefined) return false
  if (event.ChunkStarted !== undefined) {
    const { start_key, end_key } = event.ChunkStarted
    return texts.surelyKeeps('keys', start_key) && texts.surelyKeeps('keys', end_key)
  }
  const { file_name } = event.ChunkCompleted ?? event.FileWritten
  return file_name == null || texts.surelyKeeps('files', file_name)
}
