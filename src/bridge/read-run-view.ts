/** Reads everything that is shown of one run: the run itself, and the runs of its export before it. */
import { RivetOtelError } from '../problem.js'
import { diffRuns } from '../view/diff-runs.js'
import type { RunDiff } from '../view/run-diff.js'
import type { RunView } from '../view/run-view.js'
import { runSummaryOf, runViewOf } from '../view/run-view-of.js'
import type { FoundRun } from './known-beside.js'
import type { RunReader } from './run-reader.js'
import { type ReadRun, RUNS_BEFORE, runsBefore } from './runs-before.js'

/** How a run is seen. */
export interface RunViewReading {
  /** With how many runs of its export before it, at most; 0 for none, default 30. */
  readonly before?: number
}

/**
 * The view of a run that was found in a place.
 *
 * @param reader of the place; it must still be open
 * @throws {RivetOtelError} `INVALID_JOURNAL` where the run could not be read. What cannot be read of
 *   the runs before it is said in the view.
 * @example
 * const view = await readRunView(reader, await findRun(reader, '@latest', terminal))
 */
export async function readRunView(
  reader: RunReader,
  { item, next, record }: FoundRun,
  { before = RUNS_BEFORE }: RunViewReading = {},
): Promise<RunView> {
  if (item.kind === 'unreadable')
    throw new RivetOtelError('INVALID_JOURNAL', `${item.where}: ${item.problem}`)
  const { runs, problems } = await runsBefore(reader, item, before)
  const view = runViewOf({ item, next, record })
  return {
    ...view,
    before: runs.map(runSummaryOf),
    before_problems: problems,
    comparison: comparisonOf(view, runs),
  }
}

/** With the last one before it that left a whole journal. A part of a run compares with nothing. */
function comparisonOf(view: RunView, runs: readonly ReadRun[]): RunDiff | null {
  const last = runs.findLast(({ kind }) => kind === 'journal' || kind === 'redacted')
  if (last === undefined || !view.summary.journal || view.incomplete !== null) return null
  return diffRuns(runViewOf({ item: last }), view)
}
