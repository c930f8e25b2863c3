/**
 * One entry of a journal in canonical form: what the digest is made of.
 *
 * The general way, {@link canonicalJson} of the whole entry, is the definition. Nearly all entries of
 * a large journal are of three kinds that have few fields, whose order is known; they are spelled
 * directly, which gives the same text at a quarter of the cost.
 */
import { canonicalJson } from '../json/canonical.js'
import { type JsonObject, type JsonValue, memberCount } from '../json/lossless.js'
import { isInteger } from './integer.js'
import type { JournalEntry } from './run-journal.js'
import { canonicalTimestamp } from './timestamp.js'

/** What stands between quotes as it is. */
const NOTHING_TO_ESCAPE = /^[ !#-[\]-~]*$/

/**
 * One entry in canonical form: entries that mean the same give the same text.
 *
 * @example
 * canonicalEntry({ recorded_at: '2026-11-21T08:53:39.100000Z', event: 'Paused' })
 * // '{"event":"Paused","recorded_at":"2026-11-21T08:53:39.100Z"}'
 */
export function canonicalEntry(entry: JournalEntry): string {
  return canonicalItem(entry, canonicalTimestamp(entry.recorded_at)).slice(1)
}

/**
 * The same with a comma in front, as it stands in a list behind another: to put pieces together costs
 * as much as to make them.
 *
 * @param when the entry's time in chrono's spelling
 * @example
 * canonicalItem({ recorded_at, event: 'Paused' }, canonicalTimestamp(recorded_at))
 */
export function canonicalItem({ event, extra }: JournalEntry, when: string): string {
  if (extra === undefined && typeof event === 'object') {
    const spelled = frequentItem(event as JsonObject, when)
    if (spelled !== undefined) return spelled
  }
  return `,${canonicalJson({
    ...extra,
    recorded_at: when,
    event: event as JsonValue,
  } satisfies JsonObject)}`
}

/** `undefined` for an event of another kind, or with a field that is not known or not as it should be. */
function frequentItem(event: JsonObject, when: string): string | undefined {
  let only: string | undefined
  for (const kind in event) {
    if (only !== undefined) return undefined
    only = kind
  }
  if (only === 'ChunkStarted') return chunkStarted(event.ChunkStarted as JsonObject, when)
  if (only === 'ChunkCompleted') return chunkCompleted(event.ChunkCompleted as JsonObject, when)
  if (only === 'FileWritten') return fileWritten(event.FileWritten as JsonObject, when)
  return undefined
}

function chunkStarted(fields: JsonObject, when: string): string | undefined {
  const { chunk_index, start_key, end_key } = fields
  if (
    memberCount(fields) === 3 &&
    isInteger(chunk_index) &&
    typeof start_key === 'string' &&
    typeof end_key === 'string'
  )
    return `,{"event":{"ChunkStarted":{"chunk_index":${chunk_index},"end_key":"${quotable(end_key)}","start_key":"${quotable(start_key)}"}},"recorded_at":"${when}"}`
  return undefined
}

function chunkCompleted(fields: JsonObject, when: string): string | undefined {
  const { chunk_index, rows, file_name } = fields
  if (memberCount(fields) !== 3 || !isInteger(chunk_index) || !isInteger(rows)) return undefined
  if (typeof file_name === 'string')
    return `,{"event":{"ChunkCompleted":{"chunk_index":${chunk_index},"file_name":"${quotable(file_name)}","rows":${rows}}},"recorded_at":"${when}"}`
  return file_name === null
    ? `,{"event":{"ChunkCompleted":{"chunk_index":${chunk_index},"rows":${rows}}},"recorded_at":"${when}"}`
    : undefined
}

function fileWritten(fields: JsonObject, when: string): string | undefined {
  const { file_name, rows, bytes, part_index } = fields
  if (
    memberCount(fields) === 4 &&
    typeof file_name === 'string' &&
    isInteger(rows) &&
    isInteger(bytes) &&
    isInteger(part_index)
  )
    return `,{"event":{"FileWritten":{"bytes":${bytes},"file_name":"${quotable(file_name)}","part_index":${part_index},"rows":${rows}}},"recorded_at":"${when}"}`
  return undefined
}

/** What stands for a text between quotes. */
function quotable(text: string): string {
  return NOTHING_TO_ESCAPE.test(text) ? text : JSON.stringify(text).slice(1, -1)
}
