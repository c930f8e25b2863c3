/** Reads everything that is shown of one run: the run itself, and the runs of its export before it. */
import type { RunDiff } from '../view/run-diff.js'
import type { RunView } from '../view/run-view.js'
import { runSummaryOf, runViewOf } from '../view/run-view-of.js'
import { compareWithPredecessor, leftJournal, type RunInPlace, readRunOf } from './compare-runs.js'
import type { FoundRun } from './known-beside.js'
import type { RunReader } from './run-reader.js'
import { type ReadRun, RUNS_BEFORE, type RunsBefore, runsBefore } from './runs-before.js'

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
  return runViewOf(
    { ...found, item },
    {
      before: before.runs.map(runSummaryOf),
      before_problems: [...before.problems, ...before.unseen],
      comparison: await comparisonOf({ reader, found }, item, before),
    },
  )
}

/** With the last one before it that left a whole journal. A part of a run compares with nothing. */
async function comparisonOf(
  run: RunInPlace,
  item: ReadRun,
  before: RunsBefore,
): Promise<RunDiff | null> {
  if (!leftJournal(item) || !before.runs.some(leftJournal)) return null
  const compared = await compareWithPredecessor(run, before)
  return compared?.diff ?? null
}
