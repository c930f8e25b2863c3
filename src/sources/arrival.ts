/**
 * A row of rivet's table `run_journal` as a feed hands it out, whichever database it stands in.
 */
import { unreadableRow } from './journal-row.js'
import type { Arrival } from './run-feed.js'
import type { RunRow } from './run-row.js'

/**
 * The arrival that a row is: a run, or a row that names none.
 *
 * @param stamp the text of its `finished_at`.
 * @example
 * arrivalOf(row, '2026-11-21T08:53:42Z').kind // 'run'
 */
export function arrivalOf({ runId, names, endedUnixNano }: RunRow, stamp: string): Arrival {
  return 'problem' in names
    ? unreadableRow({ runId, endedUnixNano }, names.problem)
    : { kind: 'run', ...names, endedUnixNano, stamp }
}

/**
 * Whether a run ended after a time; one that does not say when it ended may have.
 *
 * @param mark nanoseconds since 1970; everything is after `undefined`.
 * @example
 * mayHaveEndedAfter({ endedUnixNano: 5n }, 5n) // false
 */
export function mayHaveEndedAfter(
  { endedUnixNano }: Pick<RunRow, 'endedUnixNano'>,
  mark: bigint | undefined,
): boolean {
  return mark === undefined || endedUnixNano === undefined || endedUnixNano > mark
}
