/**
 * From when to when a run lasted, as its root span has it: from its earliest to its latest entry,
 * and from its end less its own duration where that is earlier.
 */
import { fieldsOf } from '../../journal/events.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { EntryTimes } from '../../mapping/times.js'

/** The time of a run, in nanoseconds since 1970. */
export interface RunAxis {
  readonly startUnixNano: bigint
  readonly endUnixNano: bigint
  /** The time of each entry. */
  readonly times: EntryTimes
}

const NANOS_PER_MS = 1_000_000n

/**
 * Finds the time of a run; `undefined` for a journal without entries, which has none.
 *
 * @example
 * formatTime(runAxis(journal)?.startUnixNano ?? 0n) // '2026-11-21 08:53:39Z'
 */
export function runAxis(journal: RunJournal): RunAxis | undefined {
  const { entries } = journal
  if (entries.length === 0) return undefined
  const times = new EntryTimes(entries)
  const { earliest, latest } = times.span()
  const end = journal.finalOutcome()
  const outcome = fieldsOf(end?.event ?? '', 'RunCompleted')
  let startUnixNano = earliest
  if (end !== undefined && outcome !== undefined) {
    const started = times.of(entries.lastIndexOf(end)) - BigInt(outcome.duration_ms) * NANOS_PER_MS
    if (started >= 0n && started < earliest) startUnixNano = started
  }
  return { startUnixNano, endUnixNano: latest, times }
}
