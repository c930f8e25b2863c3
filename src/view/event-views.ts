/** The entries of a journal that are no chunk's, as plain JSON. */
import { kindOf } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
import { microsAsMs } from './axis-time.js'
import { eventWords } from './event-words.js'
import type { RunAxis } from './run-axis.js'
import type { EventView } from './run-view.js'

/** What these say stands on their attempts. */
const OF_CHUNKS: ReadonlySet<string> = new Set(['ChunkStarted', 'ChunkCompleted', 'ChunkFailed'])

/**
 * The events of a run in the order of their times, on its axis.
 *
 * @example
 * eventViews(journal.entries, axis)[0]?.label // 'plan'
 */
export function eventViews(entries: readonly JournalEntry[], axis: RunAxis): EventView[] {
  const { startUnixNano, times } = axis
  return entries
    .flatMap(({ event }, entry) => {
      if (typeof event !== 'string' && OF_CHUNKS.has(kindOf(event))) return []
      return { entry, at_ms: microsAsMs(times.of(entry) - startUnixNano), ...eventWords(event) }
    })
    .sort((a, b) => ascending(times.of(a.entry), times.of(b.entry)) || a.entry - b.entry)
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
