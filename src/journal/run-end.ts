/** When a run ended, as far as its journal says: what "since" and "the last" go by. */
import { instantsOf, NOT_PLAIN } from './entry-instants.js'
import type { RunJournal } from './run-journal.js'
import { parseTimestamp, unixNanoOf } from './timestamp.js'

/**
 * The latest time in a journal, in nanoseconds since 1970; `undefined` where it has no entries.
 *
 * @example
 * runEnd(journal) // 1795251222129476775n
 */
export function runEnd({ entries }: RunJournal): bigint | undefined {
  const { seconds, nanos } = instantsOf(entries)
  let latest: bigint | undefined
  // Of plain texts, which nearly all are, only the latest becomes a bigint.
  let latestSeconds = Number.NEGATIVE_INFINITY
  let latestNanos = 0
  for (let i = 0; i < seconds.length; i++) {
    const second = seconds[i] ?? NOT_PLAIN
    const nano = nanos[i] ?? 0
    if (second === NOT_PLAIN) {
      latest = later(latest, parseTimestamp(entries[i]?.recorded_at ?? '').unixNano)
    } else if (second > latestSeconds || (second === latestSeconds && nano > latestNanos)) {
      latestSeconds = second
      latestNanos = nano
    }
  }
  if (latestSeconds === Number.NEGATIVE_INFINITY) return latest
  return later(latest, unixNanoOf(latestSeconds, latestNanos))
}

function later(one: bigint | undefined, other: bigint): bigint {
  return one === undefined || other > one ? other : one
}
