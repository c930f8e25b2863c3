/** Reads everything that is shown of one run: the run itself, and the runs of its export before it. */
import { RivetOtelError } from '../problem.js'
import type { RunView } from '../view/run-view.js'
import { runSummaryOf, runViewOf } from '../view/run-view-of.js'
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
  { item, next, record }: FoundRun,
  { before = RUNS_BEFORE }: RunViewReading = {},
): Promise<RunView> {
  if (item.kind === 'unreadable')
    throw new RivetOtelError('INVALID_JOURNAL', `${item.where}: ${item.problem}`)
  const { runs, problems } = await runsBefore(reader, item, before)
  return runViewOf(
    { item, next, record },
    { before: runs.map(runSummaryOf), before_problems: problems, comparison: null },
  )
}
