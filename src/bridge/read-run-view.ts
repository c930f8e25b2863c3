/** Reads everything that is shown of one run: the run itself, and the runs of its export before it. */
import type { RunView } from '../view/run-view.js'
import { runSummaryOf, runViewOf } from '../view/run-view-of.js'
import { compareWithPredecessor, leftJournal, readRunOf } from './compare-runs.js'
import type { FoundRun } from './known-beside.js'
import type { RunReader } from './run-reader.js'
import { RUNS_BEFORE, runsBefore } from './runs-before.js'

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
  found: FoundRun,
  { before: most = RUNS_BEFORE }: RunViewReading = {},
): Promise<RunView> {
  const item = readRunOf(found)
  const before = await runsBefore(reader, item, most)
  const view = runViewOf(
    { ...found, item },
    {
      before: before.runs.map(runSummaryOf),
      before_problems: [...before.problems, ...before.unseen],
      comparison: null,
    },
  )
  // With the last one before it that left a whole journal. A part of a run compares with nothing.
  if (!leftJournal(item) || !before.runs.some(leftJournal)) return view
  const compared = await compareWithPredecessor(reader, view, before)
  return { ...view, comparison: compared?.diff ?? null }
}
