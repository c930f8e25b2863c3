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
import { firstOf, INDENT } from './labelled.js'
import { type Paint, palette } from './palette.js'
import { formatTime } from './quantities.js'
import { runAxis } from './run-axis.js'
import { concernsOf, statusPaint, statusText } from './run-status.js'
import type { SectionLook } from './section-look.js'
import { showDegraded } from './show-degraded.js'
import { showHappened } from './show-happened.js'
import { showOutcome } from './show-outcome.js'
import { showPlanned } from './show-planned.js'
import { printable } from './terminal-text.js'
import { wrap } from './wrap.js'

/** How a run may be shown. */
export interface ShowOptions {
  /** Columns of the terminal, 40 or more; Infinity breaks no line. */
  readonly width: number
  readonly color: boolean
  /** Whether the terminal shows more than ASCII; default true. */
  readonly unicode?: boolean
  /** Whether every file is listed rather than the first few; default false. */
  readonly allFiles?: boolean
}

const MOST_REASONS = 20
const MEANING = { incomplete: 'incomplete', differs: 'other than it was sent' } as const

/**
 * Shows a run as lines of text, each with its line break.
 *
 * @example
 * process.stdout.write(showRun(journal, { width: 80, color: false }))
 */
export function showRun(journal: RunJournal, options: ShowOptions): string {
  return textOf(show(journal, lookOf(options, false), undefined))
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
  return textOf([...banner(run, look), '', ...show(run.fragment, look, status)])
}

/**
 * Shows a run that its sender took something out of, under a banner that says so.
 *
 * @example
 * process.stdout.write(showRedacted(run, { width: 80, color: false }))
 */
export function showRedacted({ journal, redaction }: RedactedRun, options: ShowOptions): string {
  const look = lookOf(options, false)
  const words = `REDACTED: this run came back as it was sent, and its sender had taken something out: ${redaction.replaceAll(',', ', ')}.`
  const lines = wrap(printable(words), look.width).map(look.paints.warning)
  return textOf([...lines, '', ...show(journal, look, undefined)])
}

function lookOf(options: ShowOptions, isFragment: boolean): SectionLook {
  const { width, color, unicode = true, allFiles = false } = options
  return { width, color, paints: palette(color), unicode, allFiles, isFragment }
}

function show(journal: RunJournal, look: SectionLook, status: StatusWords | undefined): string[] {
  const facts = runFacts(journal)
  const concerns = concernsOf(facts)
  const section = (heading: string, lines: readonly string[]) => [
    '',
    look.paints.heading(heading),
    ...lines,
  ]
  return [
    ...title(journal, status ?? statusWords(facts, concerns, look), look),
    ...section('Planned', showPlanned(journal, look)),
    ...section('Happened', showHappened(journal, facts, look)),
    ...section('Degraded', showDegraded(journal, look)),
    ...section('Outcome', showOutcome(journal, facts, concerns, look)),
  ]
}

interface StatusWords {
  readonly text: string
  readonly paint: Paint
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

function title(journal: RunJournal, status: StatusWords, { width, paints }: SectionLook): string[] {
  const axis = runAxis(journal)
  const words = [status.text, `export ${journal.export_name}`]
  if (axis !== undefined) words.push(`started ${formatTime(axis.startUnixNano)}`)
  const [first = '', ...others] = wrap(printable(words.join(' · ')), width)
  return [
    ...wrap(printable(journal.run_id), width).map(paints.heading),
    first.startsWith(status.text)
      ? status.paint(status.text) + first.slice(status.text.length)
      : first,
    ...others,
  ]
}

function banner({ status, reasons }: BrokenRun, { width, paints }: SectionLook): string[] {
  const warning = `NOT THE WHOLE JOURNAL: this run came back ${MEANING[status]}. What follows is what could be read; its numbers are not the run's.`
  const indent = ' '.repeat(INDENT)
  return [
    ...wrap(warning, width).map(paints.bad),
    ...firstOf(reasons, MOST_REASONS, 'reason', (reason) =>
      wrap(`- ${printable(reason)}`, width - INDENT).map((line) => indent + line),
    ),
  ]
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
