/** The time line that a run's views are drawn on. */
import type { RunJournal } from '../journal/run-journal.js'
import { type RunPeriod, runPeriod } from '../mapping/run-period.js'
import { EntryTimes } from '../mapping/times.js'

/** The time of a run, as its root span has it, and of each of its entries. */
export interface RunAxis extends RunPeriod {
  readonly times: EntryTimes
}

/**
 * Finds the time of a run; `undefined` for a journal without entries, which has none.
 *
 * @example
 * formatTime(runAxis(journal)?.startUnixNano ?? 0n) // '2026-11-21 08:53:39Z'
 */
export function runAxis({ entries }: RunJournal): RunAxis | undefined {
  if (entries.length === 0) return undefined
  const times = new EntryTimes(entries)
  return { ...runPeriod(entries, times), times }
}
