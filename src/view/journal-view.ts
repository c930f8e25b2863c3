/** What a journal, or as much as came back of one, says of its run, as plain JSON. */
import { type FileFacts, runFacts } from '../journal/run-facts.js'
import type { RunJournal } from '../journal/run-journal.js'
import { formatTimestamp, parseTimestamp } from '../journal/timestamp.js'
import type { RunRecord } from '../state/run-record.js'
import { attemptViews } from './attempt-views.js'
import { microsAsMs } from './axis-time.js'
import { besideWords } from './beside.js'
import { degradedWords } from './degraded.js'
import { eventViews } from './event-views.js'
import { changeWords, totalsWords, unknownWords } from './happened.js'
import { outcomeWords } from './outcome.js'
import { plannedWords } from './planned.js'
import { type RunAxis, runAxis } from './run-axis.js'
import { concernsOf } from './run-concerns.js'
import { countOf, countOrNull } from './run-summary.js'
import type { FileView, RunView } from './run-view.js'

/** What of a view only the run itself says. */
export type RunContents = Omit<
  RunView,
  'summary' | 'trace_id' | 'banner' | 'incomplete' | 'before' | 'before_problems' | 'comparison'
>

/**
 * The contents of a journal's view.
 *
 * @param isFragment whether the journal is not the whole of it
 * @param record what is known beside it
 * @example
 * journalView(journal, false, undefined).planned[0] // { label: 'strategy', text: 'chunked, by id' }
 */
export function journalView(
  journal: RunJournal,
  isFragment: boolean,
  record: RunRecord | undefined,
): RunContents {
  const facts = runFacts(journal)
  const axis = runAxis(journal)
  const planned = plannedWords(journal, isFragment)
  const { retries, parallelism } = changeWords(journal, axis)
  const outcome = outcomeWords(journal, facts, concernsOf(facts), isFragment)
  const end = journal.finalOutcome()?.recorded_at
  return {
    ended_at: end === undefined ? null : parseTimestamp(end).canonical,
    error: outcome.error?.trim() ? outcome.error : null,
    planned: [...planned.plan, ...planned.remarks, ...planned.warnings],
    ...(planned.fields === undefined ? {} : { plan: planned.fields }),
    query: planned.query ?? null,
    happened: [...totalsWords(facts), ...retries, ...parallelism, ...unknownWords(journal)],
    degraded: degradedWords(journal).flatMap(({ findings }) => findings),
    outcome: [
      outcome.status,
      ...outcome.ended,
      ...outcome.checks.map(({ hasResult: _, ...words }) => words),
    ],
    beside: record === undefined ? [] : besideWords(record),
    axis: axis === undefined ? null : axisView(axis),
    attempts: axis === undefined ? [] : attemptViews(journal.entries, axis),
    events: axis === undefined ? [] : eventViews(journal.entries, axis),
    files: facts.files.map(fileView),
  }
}

function axisView({ startUnixNano, endUnixNano }: RunAxis): RunView['axis'] {
  return {
    start_at: formatTimestamp(startUnixNano),
    duration_ms: microsAsMs(endUnixNano - startUnixNano),
  }
}

function fileView({ name, rows, bytes }: FileFacts): FileView {
  return { name, rows: countOf(rows), bytes: countOrNull(bytes) }
}
