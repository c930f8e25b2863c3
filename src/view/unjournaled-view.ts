/**
 * What a state database has of a run that left no journal, as plain JSON. Nothing of it stands on a
 * time line: a checkpoint knows neither when a chunk began nor how long it took.
 */
import { formatTimestamp } from '../journal/timestamp.js'
import type { NextRun } from '../state/next-run.js'
import { unjournaledFacts } from '../state/unjournaled-facts.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import { processWords } from './beside.js'
import { chunkCountWords, degradedChunkWords, runningChunkWords } from './chunk-task-words.js'
import type { RunContents } from './journal-view.js'
import { countOrNull } from './run-summary.js'
import type { RunView } from './run-view.js'
import {
  bannerWithoutJournal,
  outcomeWithoutJournal,
  plannedWithoutJournal,
  totalsWithoutJournal,
  WHAT_FOLLOWS,
} from './unjournaled-words.js'

/**
 * The contents of such a run's view.
 *
 * @param next the run that came after it, where that is known
 * @example
 * unjournaledView(run, undefined).banner // 'NO JOURNAL: this run was killed …'
 */
export function unjournaledView(
  run: UnjournaledRun,
  next: NextRun | undefined,
): RunContents & Pick<RunView, 'banner' | 'incomplete'> {
  const facts = unjournaledFacts(run)
  const { status, ended, errorClass, afterwards } = outcomeWithoutJournal(run, facts, next)
  const { state, endedUnixNano } = run
  return {
    banner: bannerWithoutJournal(run),
    incomplete: [WHAT_FOLLOWS],
    ended_at:
      state === 'unrecorded' && endedUnixNano !== undefined ? formatTimestamp(endedUnixNano) : null,
    error: null,
    planned: plannedWithoutJournal(run, facts),
    query: null,
    happened: [
      ...totalsWithoutJournal(facts),
      ...chunkCountWords(facts),
      ...runningChunkWords(run, facts),
    ],
    degraded: degradedChunkWords(run.chunkTasks).flatMap(({ findings }) => findings),
    outcome: [status, ...ended, ...errorClass, ...afterwards],
    // What another run did with its work stands under its name too.
    beside: run.resumedBy === undefined ? processWords(run.record) : [],
    axis: null,
    attempts: [],
    events: [],
    files: run.files.map(({ fileName, rows, bytes }) => ({
      name: fileName,
      rows: countOrNull(rows),
      bytes: countOrNull(bytes),
    })),
  }
}
