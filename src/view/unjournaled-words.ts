/**
 * A run that left no journal, in words, by the same four questions as far as rivet's state database
 * still answers them.
 *
 * What is not known is not said. A run that was killed has no end and no duration, because nobody saw
 * it die.
 */
import type { NextRun } from '../state/next-run.js'
import { type UnjournaledFacts, unjournaledStatus } from '../state/unjournaled-facts.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import { sourceWords } from './beside.js'
import {
  counted,
  formatBytes,
  formatCount,
  formatDuration,
  formatTime,
  UNKNOWN,
} from './quantities.js'
import { concernsWithoutJournal } from './run-concerns.js'
import type { Finding, Labelled } from './run-view.js'

const BANNERS = {
  interrupted: 'NO JOURNAL: this run was killed before it could write one.',
  running: 'NO JOURNAL YET: rivet writes it when the run ends.',
  unrecorded: 'NO JOURNAL: rivet says that this run ended, and its journal is not there.',
} as const
const IF_DEAD =
  'the next run of the export notices, and goes on with its checkpoint where that is there; `rivet state finish-run` marks it by hand'

/** What all that is shown of such a run is. */
export const WHAT_FOLLOWS = 'This is what the state database has of it.'

/**
 * What must be said first.
 *
 * @example
 * bannerWithoutJournal(run) // 'NO JOURNAL YET: rivet writes it when the run ends.'
 */
export function bannerWithoutJournal({ state }: UnjournaledRun): string {
  return BANNERS[state]
}

/**
 * What is known of its plan; a remark where nothing is.
 *
 * @example
 * plannedWithoutJournal(run, facts)[0] // { label: 'mode', text: 'chunked' }
 */
export function plannedWithoutJournal(
  { record }: UnjournaledRun,
  { chunksPlanned }: UnjournaledFacts,
): Labelled[] {
  const { mode, chunkSize, parallel } = record.metrics ?? {}
  const words = [
    ...(mode === undefined ? [] : [{ label: 'mode', text: mode }]),
    ...(chunkSize === undefined ? [] : [{ label: 'chunk size', text: counted(chunkSize, 'row') }]),
    ...(parallel === undefined ? [] : [{ label: 'parallel', text: formatCount(parallel) }]),
    ...(chunksPlanned === undefined ? [] : [{ label: 'chunks', text: formatCount(chunksPlanned) }]),
    ...sourceWords(record),
  ]
  return words.length > 0 ? words : [{ label: '', text: 'nothing of the plan is known' }]
}

/**
 * Its totals; what is not known is a dash.
 *
 * @example
 * totalsWithoutJournal({ rows: 500, files: 2, bytes: undefined })[0] // { label: 'rows', text: '500' }
 */
export function totalsWithoutJournal({
  rows,
  files,
  bytes,
}: Partial<Pick<UnjournaledFacts, 'rows' | 'bytes'>> & {
  readonly files?: number | bigint | undefined
}): Labelled[] {
  return [
    { label: 'rows', text: rows === undefined ? UNKNOWN : formatCount(rows) },
    { label: 'files', text: files === undefined ? UNKNOWN : formatCount(files) },
    { label: 'bytes', text: bytes === undefined ? UNKNOWN : formatBytes(bytes) },
  ]
}

/** How such a run ended, in the order in which it is shown. */
export interface OutcomeWithoutJournal {
  readonly status: Labelled
  readonly ended: readonly Labelled[]
  readonly errorClass: readonly Finding[]
  readonly afterwards: readonly Labelled[]
}

/**
 * How it ended, as far as that is known, and what came after it.
 *
 * @param next the run that came after it, where that is known
 * @example
 * outcomeWithoutJournal(run, facts, undefined).status.text // 'interrupted, 1 chunk failure'
 */
export function outcomeWithoutJournal(
  run: UnjournaledRun,
  facts: UnjournaledFacts,
  next: NextRun | undefined,
): OutcomeWithoutJournal {
  const status = unjournaledStatus(run)
  const concerns = concernsWithoutJournal(run)
  const { errorClass } = run.record.metrics ?? {}
  const level =
    status === 'interrupted' || status === 'failed'
      ? { level: 'bad' as const }
      : concerns.length > 0
        ? { level: 'warning' as const }
        : {}
  return {
    status: { label: 'status', text: [status, ...concerns].join(', '), ...level },
    ended: ending(run, facts),
    // What another run did with its work stands under its name too.
    errorClass:
      errorClass === undefined || run.resumedBy !== undefined
        ? []
        : [{ label: 'error class', text: errorClass, level: 'bad' }],
    afterwards: [
      ...(run.state === 'interrupted' ? afterwards(run, next) : []),
      ...(run.state === 'running' ? [{ label: 'if it is dead', text: IF_DEAD }] : []),
    ],
  }
}

function ending(
  { state, startedUnixNano, endedUnixNano }: UnjournaledRun,
  { durationMs, lastSeenUnixNano }: UnjournaledFacts,
): Labelled[] {
  const at = endedUnixNano === undefined ? undefined : formatTime(endedUnixNano)
  const after = durationMs === undefined ? '' : `, after ${formatDuration(durationMs)}`
  const isEnd = state === 'unrecorded'
  return [
    ...(state === 'running' ? [{ label: 'since', text: formatTime(startedUnixNano) }] : []),
    ...(lastSeenUnixNano === undefined || isEnd
      ? []
      : [{ label: 'last activity', text: lastSeen(lastSeenUnixNano, startedUnixNano) }]),
    ...(at !== undefined && isEnd ? [{ label: 'ended', text: `${at}${after}` }] : []),
    ...(at !== undefined && !isEnd ? [noticedWords(endedUnixNano)] : []),
  ]
}

/**
 * When somebody noticed that a run had been killed.
 *
 * @param unixNano nanoseconds since 1970
 * @example
 * noticedWords(undefined) // { label: 'noticed', text: '–; when it stopped, nobody knows' }
 */
export function noticedWords(unixNano: bigint | undefined): Labelled {
  const at = unixNano === undefined ? UNKNOWN : formatTime(unixNano)
  return { label: 'noticed', text: `${at}; when it stopped, nobody knows` }
}

function lastSeen(seenUnixNano: bigint, startedUnixNano: bigint): string {
  const since = (seenUnixNano - startedUnixNano) / 1_000_000n
  const after = since < 0n ? '' : `, ${formatDuration(since)} after its start`
  return `${formatTime(seenUnixNano)}${after}`
}

function afterwards(run: UnjournaledRun, next: NextRun | undefined): Labelled[] {
  if (next === undefined) {
    const checkpoint =
      run.chunkTasks.length > 0 ? ', and goes on with its checkpoint if that is still there' : ''
    const text = `no later run of the export on this source is here; the next one exports it again${checkpoint}`
    return [{ label: 'next', text }]
  }
  const { runId, wentOn, status } = next
  const ended = status === undefined ? '' : `: ${status}`
  return [
    { label: wentOn ? 'resumed by' : 'next run', text: `${runId}${ended}` },
    { label: 'see', text: `rivet-otel show ${runId}` },
  ]
}
