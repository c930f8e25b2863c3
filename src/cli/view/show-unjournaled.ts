/**
 * One run that left no journal, by the same four questions as far as rivet's state database still
 * answers them.
 *
 * It never looks like a whole run: a banner says what it is, and what is not known is not said. A run
 * that was killed has no end and no duration, because nobody saw it die.
 */
import type { NextRun } from '../../state/next-run.js'
import {
  type UnjournaledFacts,
  unjournaledFacts,
  unjournaledStatus,
} from '../../state/unjournaled-facts.js'
import type { UnjournaledRun } from '../../state/unjournaled-run.js'
import { processWords } from '../../view/beside.js'
import {
  chunkCountWords,
  degradedChunkWords,
  runningChunkWords,
} from '../../view/chunk-task-words.js'
import { concernsWithoutJournal } from '../../view/run-concerns.js'
import {
  bannerWithoutJournal,
  outcomeWithoutJournal,
  plannedWithoutJournal,
  totalsWithoutJournal,
  WHAT_FOLLOWS,
} from '../../view/unjournaled-words.js'
import { fileList } from './file-list.js'
import { statusPaint, statusText } from './run-status.js'
import { runTitle, section, textOf } from './run-title.js'
import { findingLines, linesOf } from './section-lines.js'
import { lookOf, type SectionLook, type ShowOptions } from './section-look.js'
import { wrap } from './wrap.js'

const MOST_RUNNING = 10
const MOST_FAILED = 20
const MOST_ERROR_LINES = 10

/**
 * Shows a run that left no journal as lines of text, each with its line break.
 *
 * @param next the run that came after it, where that is known
 * @example
 * process.stdout.write(showUnjournaled(run, undefined, { width: 80, color: false }))
 */
export function showUnjournaled(
  run: UnjournaledRun,
  next: NextRun | undefined,
  options: ShowOptions,
): string {
  const look = lookOf(options, false)
  const { width, paints } = look
  const facts = unjournaledFacts(run)
  const concerns = concernsWithoutJournal(run)
  const status = unjournaledStatus(run)
  const paint = statusPaint(status, concerns, paints)
  const { runId, exportName, startedUnixNano: startUnixNano } = run
  return textOf([
    ...wrap(`${bannerWithoutJournal(run)} ${WHAT_FOLLOWS}`, width).map(paints.warning),
    '',
    ...runTitle(
      { runId, exportName, startUnixNano },
      { text: statusText(status, concerns), paint },
      look,
    ),
    ...section('Planned', linesOf(plannedWithoutJournal(run, facts), look), look),
    ...section('Happened', happened(run, facts, look), look),
    ...section('Degraded', degraded(run, look), look),
    ...section('Outcome', outcome(run, facts, next, look), look),
  ])
}

function happened(run: UnjournaledRun, facts: UnjournaledFacts, look: SectionLook): string[] {
  const running = { thing: 'running chunk', findings: runningChunkWords(run, facts) }
  const listed = run.files.map(({ fileName, rows, bytes }) => ({ name: fileName, rows, bytes }))
  const list = fileList(listed, look)
  return [
    ...linesOf(totalsWithoutJournal(facts), look),
    ...linesOf(chunkCountWords(facts), look),
    ...findingLines(running, MOST_RUNNING, look),
    // What another run did with its work stands under its name too.
    ...(run.resumedBy === undefined ? linesOf(processWords(run.record), look) : []),
    ...(list.length > 0 ? ['', ...list] : []),
  ]
}

function degraded(run: UnjournaledRun, look: SectionLook): string[] {
  const groups = degradedChunkWords(run.chunkTasks)
  return groups.length > 0
    ? groups.flatMap((group) => findingLines(group, MOST_FAILED, look, MOST_ERROR_LINES))
    : linesOf([{ label: '', text: 'nothing recorded' }], look)
}

function outcome(
  run: UnjournaledRun,
  facts: UnjournaledFacts,
  next: NextRun | undefined,
  look: SectionLook,
): string[] {
  const { paints } = look
  const words = outcomeWithoutJournal(run, facts, next)
  const paint = statusPaint(unjournaledStatus(run), concernsWithoutJournal(run), paints)
  return [
    ...linesOf([words.status], look, { paint }),
    ...linesOf(words.ended, look),
    ...linesOf(words.errorClass, look, { paintLabel: paints.bad }),
    ...linesOf(words.afterwards, look),
  ]
}
