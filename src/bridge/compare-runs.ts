/**
 * Reads two runs as they are compared: each with what its place knows beside it, and those that lie
 * between them. Whoever shows how runs differ asks here, so that all say the same.
 */
import { RivetOtelError } from '../problem.js'
import { diffRuns, type RunsBetween } from '../view/diff-runs.js'
import type { RunDiff } from '../view/run-diff.js'
import type { RunView } from '../view/run-view.js'
import { runSummaryOf, runViewOf } from '../view/run-view-of.js'
import { type FoundRun, knownBeside } from './known-beside.js'
import type { RunReader } from './run-reader.js'
import { type ReadRun, type RunsBefore, runsBefore } from './runs-before.js'

/** A run that was found, and the place that it was found in, which must still be open. */
export interface RunInPlace {
  readonly reader: RunReader
  readonly found: FoundRun
}

/** How two runs differ. */
export interface Comparison {
  readonly diff: RunDiff
  /** What could not be read of the runs between them, one sentence each. */
  readonly problems: readonly string[]
}

/** How a run differs from one before it. */
export interface WithPredecessor extends Comparison {
  /** How many runs of the export came between them that left no whole journal. */
  readonly passed: number
}

/**
 * Compares a run with the last run before it that left a whole journal, or with the very last where
 * none did; `undefined` where there is none before it.
 *
 * @param reader of the place that the runs before it were read in
 * @param before the runs before it, as {@link runsBefore} reads them
 * @throws {RivetOtelError} where the place cannot be read.
 * @example
 * const compared = await compareWithPredecessor(reader, view, await runsBefore(reader, item))
 */
export async function compareWithPredecessor(
  reader: RunReader,
  run: RunView,
  before: RunsBefore,
): Promise<WithPredecessor | undefined> {
  const { runs, problems } = before
  const predecessor = runs.findLast(leftJournal) ?? runs.at(-1)
  if (predecessor === undefined) return undefined
  const a = viewOf(await knownBeside(reader, predecessor))
  const passed = runs.length - 1 - runs.indexOf(predecessor)
  return { diff: diffRuns(a, run, runsAfter(a, before)), problems, passed }
}

/**
 * Compares two runs, perhaps of two places: the first is the one before, whichever ran first.
 *
 * @throws {RivetOtelError} where a place cannot be read, or one of the runs could not.
 * @example
 * const { diff } = await compareRuns({ reader, found: a }, { reader, found: b })
 */
export async function compareRuns(first: RunInPlace, second: RunInPlace): Promise<Comparison> {
  const [a, b] = [viewOf(first.found), viewOf(second.found)]
  if (a.summary.run_id === b.summary.run_id) return { diff: diffRuns(a, b), problems: [] }
  const isBackwards = (b.summary.started_at ?? '') < (a.summary.started_at ?? '')
  const later = isBackwards ? first : second
  const before = await runsBefore(later.reader, readRunOf(later.found))
  const between = runsAfter(isBackwards ? b : a, before)
  return { diff: diffRuns(a, b, between), problems: before.problems }
}

/**
 * Whether a run left a journal that is known as a whole.
 *
 * @example
 * runs.findLast(leftJournal)
 */
export function leftJournal({ kind }: ReadRun): boolean {
  return kind === 'journal' || kind === 'redacted'
}

/**
 * What was read of a run that was found.
 *
 * @throws {RivetOtelError} `INVALID_JOURNAL` where it could not be read.
 * @example
 * await runsBefore(reader, readRunOf(found))
 */
export function readRunOf({ item }: FoundRun): ReadRun {
  if (item.kind === 'unreadable')
    throw new RivetOtelError('INVALID_JOURNAL', `${item.where}: ${item.problem}`)
  return item
}

function viewOf(found: FoundRun): RunView {
  return runViewOf({ ...found, item: readRunOf(found) })
}

function runsAfter({ summary }: RunView, { runs, problems, unseen }: RunsBefore): RunsBetween {
  const at = runs.findIndex((run) => runSummaryOf(run).run_id === summary.run_id)
  if (at === -1) return { runs: [], unknown: NOT_KNOWN }
  return {
    runs: runs.slice(at + 1).map((item) => runViewOf({ item })),
    unknown: problems.length > 0 ? NOT_KNOWN : unseen.length > 0 ? SEARCHED : null,
  }
}

const NOT_KNOWN = 'it is not known which runs lie between them'
const SEARCHED = 'a search of traces may miss a run between them'
