/**
 * Everything that is shown of one run, made from whatever there is of it: its journal, whole, redacted
 * or in part, what a state database has of a run without one, or the trace of one that was killed.
 *
 * It takes out the passwords of connection strings by itself, so that nothing is shown with them.
 */
import type { RunJournal } from '../journal/run-journal.js'
import { interruptedIdsOf, traceIdOf } from '../mapping/ids.js'
import type { BrokenRun, RedactedRun } from '../mapping/imported-run.js'
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import type { NextRun } from '../state/next-run.js'
import type { RunRecord } from '../state/run-record.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import { bannerOfBroken, bannerOfRedacted } from './banner.js'
import { interruptedTraceView } from './interrupted-trace-view.js'
import { journalView } from './journal-view.js'
import { interruptedTraceRow, runRow, unjournaledRow } from './run-row.js'
import { summaryOf } from './run-summary.js'
import type { RunSummary, RunView } from './run-view.js'
import { shownJournal } from './shown-journal.js'
import { shownRecords } from './shown-records.js'
import { unjournaledView } from './unjournaled-view.js'

/** Whatever there is of a run. */
export type RunToShow =
  | { readonly kind: 'journal'; readonly journal: RunJournal; readonly namespace?: string }
  | { readonly kind: 'redacted'; readonly run: RedactedRun }
  | { readonly kind: 'broken'; readonly run: BrokenRun }
  | { readonly kind: 'unjournaled'; readonly run: UnjournaledRun }
  | { readonly kind: 'interrupted'; readonly trace: InterruptedTrace }

/** A run, and what is known beside it. */
export interface KnownRun {
  readonly item: RunToShow
  /** What came after a run that was interrupted. */
  readonly next?: NextRun | undefined
  /** What is known of a run beside its journal. */
  readonly record?: RunRecord | undefined
}

/** The runs that a run is seen with. */
export type RunContext = Pick<RunView, 'before' | 'before_problems' | 'comparison'>

const ALONE: RunContext = { before: [], before_problems: [], comparison: null }

/**
 * The view of a run.
 *
 * @param context the runs before it, and how it compares with the last of them; none by default
 * @example
 * runViewOf({ item: { kind: 'journal', journal } }).attempts.length // 16, for a run of 16 chunks
 */
export function runViewOf(run: KnownRun, context: RunContext = ALONE): RunView {
  return { ...viewAlone(run), ...context }
}

/**
 * The row of a run in a list; of one that did not come back whole, as far as it came.
 *
 * @example
 * runSummaryOf({ kind: 'journal', journal }).rows // 400000
 */
export function runSummaryOf(item: RunToShow): RunSummary {
  switch (item.kind) {
    case 'journal':
      return summaryOf(runRow(item.journal, item.namespace))
    case 'redacted': {
      const { journal, namespace, redaction } = item.run
      return summaryOf({ ...runRow(journal, namespace), redaction })
    }
    case 'broken': {
      const { fragment, namespace, runId, exportName, status } = item.run
      const row = runRow(fragment, namespace)
      return summaryOf({ ...row, runId, exportName, concerns: [status, ...row.concerns] })
    }
    case 'unjournaled':
      return summaryOf(unjournaledRow(item.run))
    case 'interrupted':
      return summaryOf(interruptedTraceRow(item.trace))
  }
}

function viewAlone({ item, next, record }: KnownRun): Omit<RunView, keyof RunContext> {
  const summary = runSummaryOf(item)
  const named = { namespace: summary.namespace ?? '', runId: summary.run_id }
  const known = record === undefined ? undefined : shownRecords(record)
  const about = { summary, trace_id: traceIdOf({ ...named, page: 0 }) }
  switch (item.kind) {
    case 'journal':
      return {
        ...about,
        banner: null,
        incomplete: null,
        ...journalView(shownJournal(item.journal), false, known),
      }
    case 'redacted':
      return {
        ...about,
        banner: bannerOfRedacted(item.run),
        incomplete: null,
        ...journalView(shownJournal(item.run.journal), false, known),
      }
    case 'broken':
      return {
        ...about,
        banner: bannerOfBroken(item.run),
        incomplete: shownRecords(item.run.reasons),
        ...journalView(shownJournal(item.run.fragment), true, known),
      }
    case 'unjournaled': {
      const isKilled = item.run.state === 'interrupted'
      return {
        ...about,
        // A run that was killed has a trace of its own kind.
        ...(isKilled ? { trace_id: interruptedIdsOf(named).traceId } : {}),
        ...unjournaledView(shownRecords(item.run), next && shownRecords(next)),
      }
    }
    case 'interrupted': {
      const { traceId } = item.trace
      return { ...about, trace_id: traceId, ...interruptedTraceView(shownRecords(item.trace)) }
    }
  }
}
