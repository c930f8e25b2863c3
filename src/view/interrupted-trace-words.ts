/** A run that was killed, as its trace says it, in words. It is no journal, and says so first. */
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import { formatCount } from './quantities.js'
import type { Labelled } from './run-view.js'
import { noticedWords, totalsWithoutJournal } from './unjournaled-words.js'

/**
 * What must be said first.
 *
 * @example
 * bannerOfTrace(trace) // 'NO JOURNAL: run orders_1 was interrupted …'
 */
export function bannerOfTrace({ runId, traceId }: InterruptedTrace): string {
  return `NO JOURNAL: run ${runId} was interrupted and left no journal; its trace is ${traceId}.`
}

/**
 * What it did before it was killed.
 *
 * @example
 * happenedByTrace(trace)[0] // { label: 'rows', text: '500' }
 */
export function happenedByTrace(trace: InterruptedTrace): Labelled[] {
  const { chunks, chunksFailed, chunksPending } = trace
  const parts = [
    ...(chunks === undefined ? [] : [`${formatCount(chunks)} planned`]),
    ...(chunksFailed === undefined ? [] : [`${formatCount(chunksFailed)} failed`]),
    ...(chunksPending === undefined ? [] : [`${formatCount(chunksPending)} not begun`]),
  ]
  return [
    ...totalsWithoutJournal(trace),
    ...(parts.length === 0 ? [] : [{ label: 'chunks', text: parts.join(', ') }]),
  ]
}

/**
 * What is known of its end.
 *
 * @example
 * outcomeByTrace(trace)[0] // { label: 'status', text: 'interrupted', level: 'bad' }
 */
export function outcomeByTrace({
  message,
  noticedUnixNano,
  resumedBy,
}: InterruptedTrace): Labelled[] {
  return [
    { label: 'status', text: 'interrupted', level: 'bad' },
    noticedWords(noticedUnixNano),
    ...(message === undefined ? [] : [{ label: 'known', text: message }]),
    ...(resumedBy === undefined ? [] : [{ label: 'resumed by', text: resumedBy }]),
  ]
}
