/**
 * The longest time that a chunk took, as rivet's own journal answers it: the pairs of a `ChunkStarted`
 * and a `ChunkCompleted`.
 */
import { exactInteger } from '../json/lossless.js'
import { fieldsOf, type Integer } from './events.js'
import type { JournalEntry } from './run-journal.js'
import { isPlain, parseTimestamp, plainNanos, plainSeconds } from './timestamp.js'

const NANOS_PER_SECOND = 1_000_000_000
const NANOS_PER_MS = 1_000_000

/** So many seconds are still exact as nanoseconds in a double: about a hundred days. */
const MOST_EXACT_SECONDS = 9_000_000

/**
 * See `RunJournal.longestChunkMs`.
 *
 * @returns whole milliseconds; `undefined` where no chunk has both a start and an end
 * @example
 * longestChunkMs(journal.entries) // 193
 */
export function longestChunkMs(entries: readonly JournalEntry[]): number | undefined {
  const started = new Map<Integer, string>()
  let longest: number | undefined
  for (const { recorded_at, event } of entries) {
    const start = fieldsOf(event, 'ChunkStarted')
    if (start !== undefined) {
      started.set(exactInteger(start.chunk_index), recorded_at)
      continue
    }
    const end = fieldsOf(event, 'ChunkCompleted')
    const since = end === undefined ? undefined : started.get(exactInteger(end.chunk_index))
    if (since === undefined) continue
    const ms = wholeMsBetween(since, recorded_at)
    if (ms >= 0 && (longest === undefined || ms > longest)) longest = ms
  }
  return longest
}

/** Cut off towards 0. */
function wholeMsBetween(from: string, to: string): number {
  if (isPlain(from) && isPlain(to)) {
    const seconds = plainSeconds(to) - plainSeconds(from)
    if (Math.abs(seconds) < MOST_EXACT_SECONDS) {
      const nanos = seconds * NANOS_PER_SECOND + plainNanos(to) - plainNanos(from)
      return (nanos - (nanos % NANOS_PER_MS)) / NANOS_PER_MS
    }
  }
  const nanos = parseTimestamp(to).unixNano - parseTimestamp(from).unixNano
  return Number(nanos / BigInt(NANOS_PER_MS))
}
