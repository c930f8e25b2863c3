/** When a run ended, as far as its journal says: what "since" and "the last" go by. */
import type { RunJournal } from './run-journal.js'
import { parseTimestamp } from './timestamp.js'

/**
 * The latest time in a journal, in nanoseconds since 1970; `undefined` where it has no entries.
 *
 * @example
 * runEnd(journal) // 1795251222129476775n
 */
export function runEnd({ entries }: RunJournal): bigint | undefined {
  let latest: bigint | undefined
  for (const { recorded_at } of entries) {
    const { unixNano } = parseTimestamp(recorded_at)
    if (latest === undefined || unixNano > latest) latest = unixNano
  }
  return latest
}
