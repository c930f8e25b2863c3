/**
 * One run, by the four questions that a journal answers: what was planned, what happened, what
 * degraded, what was the outcome.
 *
 * Every question has its section, also where there is nothing to say. What came back in part is
 * never shown as if it were the whole run.
 */
import { type RunFacts, runFacts } from '../../journal/run-facts.js'
import type { RunJournal } from '../../journal/run-journal.js'
import type { BrokenRun, RedactedRun } from '../../mapping/imported-run.js'
import type { RunRecord } from '../../state/run-record.js'
import { bannerOfBroken, bannerOfRedacted } from '../../view/banner.js'
import { runAxis } from '../../view/run-axis.js'
import { concernsOf } from '../../view/run-concerns.js'
import { firstOf, INDENT } from './labelled.js'
import { printable } from './printable.js'
import { statusPaint, statusText } from './run-status.js'
import { runTitle, type StatusWords, section, textOf } from './run-title.js'
import { lookOf, type SectionLook, type ShowOptions } from './section-look.js'
import { showDegraded } from './show-degraded.js'
import { showHappened } from './show-happened.js'
import { showOutcome } from './show-outcome.js'
import { showPlanned } from './show-planned.js'
import { showRecord } from './show-record.js'
import { wrap } from './wrap.js'

const MOST_REASONS = 20

/**
 * Shows a run as lines of text, each with its line break.
 *
 * @param record what is known of it beside its journal
 * @example
 * process.stdout.write(showRun(journal, { width: 80, color: false }))
 */
export function showRun(journal: RunJournal, options: ShowOptions, record?: RunRecord): string {
  return textOf(show(journal, lookOf(options, false), { record }))
}

/**
 * Shows what came back of a run that did not come back whole, under a banner that says so.
 *
 * @example
 * process.stdout.write(showFragment(run, { width: 80, color: false }))
 */
export function showFragment(run: BrokenRun, options: ShowOptions): string {
  const look = lookOf(options, true)
  const status = { text: run.status, paint: look.paints.bad }
  return textOf([...banner(run, look), '', ...show(run.fragment, look, { status })])
}

/**
 * Shows a run that its sender took something out of, under a banner that says so.
 *
 * @param record what is known of it beside its journal
 * @example
 * process.stdout.write(showRedacted(run, { width: 80, color: false }))
 */
export function showRedacted(run: RedactedRun, options: ShowOptions, record?: RunRecord): string {
  const look = lookOf(options, false)
  const lines = wrap(printable(bannerOfRedacted(run)), look.width).map(look.paints.warning)
  return textOf([...lines, '', ...show(run.journal, look, { record })])
}

function show(
  journal: RunJournal,
  look: SectionLook,
  {
    status,
    record,
  }: { readonly status?: StatusWords; readonly record?: RunRecord | undefined } = {},
): string[] {
  const facts = runFacts(journal)
  const concerns = concernsOf(facts)
  const named = {
    runId: journal.run_id,
    exportName: journal.export_name,
    startUnixNano: runAxis(journal)?.startUnixNano,
  }
  return [
    ...runTitle(named, status ?? statusWords(facts, concerns, look), look),
    ...section('Planned', showPlanned(journal, look), look),
    ...section('Happened', showHappened(journal, facts, look), look),
    ...section('Degraded', showDegraded(journal, look), look),
    ...section('Outcome', showOutcome(journal, facts, concerns, look), look),
    ...(record === undefined ? [] : showRecord(record, look)),
  ]
}

function statusWords(
  { outcome }: RunFacts,
  concerns: readonly string[],
  { paints }: SectionLook,
): StatusWords {
  const status = outcome?.status
  return {
    text: status === undefined ? 'no outcome' : statusText(status, concerns),
    paint: statusPaint(status, concerns, paints),
  }
}

function banner(run: BrokenRun, { width, paints }: SectionLook): string[] {
  const indent = ' '.repeat(INDENT)
  return [
    ...wrap(bannerOfBroken(run), width).map(paints.bad),
    ...firstOf(run.reasons, MOST_REASONS, 'reason', (reason) =>
      wrap(`- ${printable(reason)}`, width - INDENT).map((line) => indent + line),
    ),
  ]
}
