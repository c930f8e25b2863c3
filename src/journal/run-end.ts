/** When a run ended, as far as its journal says: what "since" and "the last" go by. */
import type { RunJournal } from './run-journal.js'
import { isPlain, parseTimestamp, plainNanos, plainSeconds } from './timestamp.js'

/**
 * The latest time in a journal, in nanoseconds since 1970; `undefined` where it has no entries.
 *
 * @example
 * runEnd(journal) // 1795251222129476775n
 */
export function runEnd({ entries }: RunJournal): bigint | undefined {
  let latest: bigint | undefined
  // Of plain texts, which nearly all are, only the latest becomes a bigint.
  let latestPlain = ''
  let seconds = Number.NEGATIVE_INFINITY
  let nanos = 0
  for (const { recorded_at } of entries) {
    if (isPlain(recorded_at)) {
      const ofEntry = plainSeconds(recorded_at)
      if (ofEntry < seconds) continue
      const nanosOfEntry = plainNanos(recorded_at)
      if (ofEntry === seconds && nanosOfEntry <= nanos) continue
      latestPlain = recorded_at
      seconds = ofEntry
      nanos = nanosOfEntry
    } else {
      latest = later(latest, parseTimestamp(recorded_at).unixNano)
    }
  }
  return latestPlain === '' ? latest : later(latest, parseTimestamp(latestPlain).unixNano)
}

function later(one: bigint | undefined, other: bigint): bigint {
  return one === undefined || other > one ? other : one
}
