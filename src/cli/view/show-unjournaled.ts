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
import {
  counted,
  formatBytes,
  formatCount,
  formatDuration,
  formatTime,
  UNKNOWN,
} from '../../view/quantities.js'
import { concernsWithoutJournal } from '../../view/run-concerns.js'
import { chunkCounts, degradedChunks, runningChunks } from './chunk-task-lines.js'
import { fileList } from './file-list.js'
import { aside, labelled } from './labelled.js'
import { statusPaint, statusText } from './run-status.js'
import { runTitle, section, textOf } from './run-title.js'
import { lookOf, type SectionLook, type ShowOptions } from './section-look.js'
import { processLines, sourceLines } from './show-record.js'
import { wrap } from './wrap.js'

const BANNERS = {
  interrupted: 'NO JOURNAL: this run was interrupted before it could write one.',
  running: 'NO JOURNAL YET: rivet writes it when the run ends.',
  unrecorded: 'NO JOURNAL: rivet says that this run ended, and its journal is not there.',
} as const
const IF_DEAD =
  'the next run of the export notices, and goes on with its checkpoint where that is there; `rivet state finish-run` marks it by hand'
const WHAT_FOLLOWS = 'What follows is what else the state database has of it.'

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
    ...wrap(`${BANNERS[run.state]} ${WHAT_FOLLOWS}`, width).map(paints.warning),
    '',
    ...runTitle(
      { runId, exportName, startUnixNano },
      { text: statusText(status, concerns), paint },
      look,
    ),
    ...section('Planned', planned(run, facts, look), look),
    ...section('Happened', happened(run, facts, look), look),
    ...section('Degraded', degraded(run, look), look),
    ...section('Outcome', outcome(run, facts, next, look), look),
  ])
}

function planned({ record }: UnjournaledRun, facts: UnjournaledFacts, look: SectionLook): string[] {
  const { mode, chunkSize, parallel } = record.metrics ?? {}
  const { chunksPlanned } = facts
  const lines = [
    ...(mode === undefined ? [] : line('mode', mode, look)),
    ...(chunkSize === undefined ? [] : line('chunk size', counted(chunkSize, 'row'), look)),
    ...(parallel === undefined ? [] : line('parallel', formatCount(parallel), look)),
    ...(chunksPlanned === undefined ? [] : line('chunks', formatCount(chunksPlanned), look)),
    ...sourceLines(record, look),
  ]
  return lines.length > 0 ? lines : quiet('nothing of the plan is known', look)
}

function happened(run: UnjournaledRun, facts: UnjournaledFacts, look: SectionLook): string[] {
  const { rows, files, bytes } = facts
  const listed = run.files.map(({ fileName, rows, bytes }) => ({ name: fileName, rows, bytes }))
  const list = fileList(listed, look)
  return [
    ...line('rows', rows === undefined ? UNKNOWN : formatCount(rows), look),
    ...line('files', files === undefined ? UNKNOWN : formatCount(files), look),
    ...line('bytes', bytes === undefined ? UNKNOWN : formatBytes(bytes), look),
    ...chunkCounts(facts, look),
    ...runningChunks(run, facts, look),
    // What another run did with its work stands under its name too.
    ...(run.resumedBy === undefined ? processLines(run.record, look) : []),
    ...(list.length > 0 ? ['', ...list] : []),
  ]
}

function degraded(run: UnjournaledRun, look: SectionLook): string[] {
  const lines = degradedChunks(run.chunkTasks, look)
  return lines.length > 0 ? lines : quiet('nothing recorded', look)
}

function outcome(
  run: UnjournaledRun,
  facts: UnjournaledFacts,
  next: NextRun | undefined,
  look: SectionLook,
): string[] {
  const status = unjournaledStatus(run)
  const concerns = concernsWithoutJournal(run)
  const { width, paints } = look
  const { errorClass } = run.record.metrics ?? {}
  return [
    ...labelled('status', [status, ...concerns].join(', '), {
      width,
      paint: statusPaint(status, concerns, paints),
      paintLabel: paints.quiet,
    }),
    ...ending(run, facts, look),
    ...(errorClass === undefined || run.resumedBy !== undefined
      ? []
      : labelled('error class', errorClass, { width, paintLabel: paints.bad })),
    ...(run.state === 'interrupted' ? afterwards(run, next, look) : []),
    ...(run.state === 'running' ? line('if it is dead', IF_DEAD, look) : []),
  ]
}

function ending(
  { state, startedUnixNano, endedUnixNano }: UnjournaledRun,
  { durationMs, lastSeenUnixNano }: UnjournaledFacts,
  look: SectionLook,
): string[] {
  const at = endedUnixNano === undefined ? undefined : formatTime(endedUnixNano)
  const after = durationMs === undefined ? '' : `, after ${formatDuration(durationMs)}`
  const isEnd = state === 'unrecorded'
  return [
    ...(state === 'running' ? line('since', formatTime(startedUnixNano), look) : []),
    ...(lastSeenUnixNano === undefined || isEnd
      ? []
      : line('last activity', lastSeen(lastSeenUnixNano, startedUnixNano), look)),
    ...(at !== undefined && isEnd ? line('ended', `${at}${after}`, look) : []),
    ...(at !== undefined && !isEnd
      ? line('noticed', `${at}; when it stopped, nobody knows`, look)
      : []),
  ]
}

function lastSeen(seenUnixNano: bigint, startedUnixNano: bigint): string {
  const since = (seenUnixNano - startedUnixNano) / 1_000_000n
  const after = since < 0n ? '' : `, ${formatDuration(since)} after its start`
  return `${formatTime(seenUnixNano)}${after}`
}

function afterwards(run: UnjournaledRun, next: NextRun | undefined, look: SectionLook): string[] {
  if (next === undefined) {
    const checkpoint =
      run.chunkTasks.length > 0 ? ', and goes on with its checkpoint if that is still there' : ''
    return line(
      'next',
      `no later run of the export on this source is here; the next one exports it again${checkpoint}`,
      look,
    )
  }
  const { runId, wentOn, status } = next
  const ended = status === undefined ? '' : `: ${status}`
  return [
    ...line(wentOn ? 'resumed by' : 'next run', `${runId}${ended}`, look),
    ...line('see', `rivet-otel show ${runId}`, look),
  ]
}

function line(label: string, text: string, { width, paints }: SectionLook): string[] {
  return labelled(label, text, { width, paintLabel: paints.quiet })
}

function quiet(text: string, { width, paints }: SectionLook): string[] {
  return aside(text, { width, paint: paints.quiet })
}
