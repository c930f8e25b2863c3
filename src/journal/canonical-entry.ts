/**
 * One entry of a journal in canonical form: what the digest is made of.
 *
 * The general way, {@link canonicalJson} of the whole entry, is the definition. Frequent events are
 * spelled directly, which gives the same text at a quarter of the cost.
 */
import { canonicalJson } from '../json/canonical.js'
import { escapedText } from '../json/escaped-text.js'
import type { JsonObject, JsonValue } from '../json/lossless.js'
import { type FrequentEvent, frequentEvent } from './frequent-event.js'
import type { JournalEntry } from './run-journal.js'
import { canonicalTimestamp } from './timestamp.js'

/**
 * One entry in canonical form: entries that mean the same give the same text.
 *
 * @param when the entry's time in chrono's spelling, where that is known
 * @example
 * canonicalEntry({ recorded_at: '2026-11-21T08:53:39.100000Z', event: 'Paused' })
 * // '{"event":"Paused","recorded_at":"2026-11-21T08:53:39.100Z"}'
 */
export function canonicalEntry(
  entry: JournalEntry,
  when: string = canonicalTimestamp(entry.recorded_at),
): string {
  const frequent = frequentEvent(entry)
  if (frequent !== undefined) return canonicalFrequent(frequent, when)
  const { event, extra } = entry
  return canonicalJson({
    ...extra,
    recorded_at: when,
    event: event as JsonValue,
  } satisfies JsonObject)
}

function canonicalFrequent(event: FrequentEvent, when: string): string {
  if (event.ChunkStarted !== undefined) {
    const { chunk_index, start_key, end_key } = event.ChunkStarted
    return `{"event":{"ChunkStarted":{"chunk_index":${chunk_index},"end_key":"${escapedText(end_key)}","start_key":"${escapedText(start_key)}"}},"recorded_at":"${when}"}`
  }
  if (event.ChunkCompleted !== undefined) {
    const { chunk_index, rows, file_name } = event.ChunkCompleted
    return file_name == null
      ? `{"event":{"ChunkCompleted":{"chunk_index":${chunk_index},"rows":${rows}}},"recorded_at":"${when}"}`
      : `{"event":{"ChunkCompleted":{"chunk_index":${chunk_index},"file_name":"${escapedText(file_name)}","rows":${rows}}},"recorded_at":"${when}"}`
  }
  const { file_name, rows, bytes, part_index } = event.FileWritten
  return `{"event":{"FileWritten":{"bytes":${bytes},"file_name":"${escapedText(file_name)}","part_index":${part_index},"rows":${rows}}},"recorded_at":"${when}"}`
}
