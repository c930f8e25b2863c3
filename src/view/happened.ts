/** What happened, in words: totals, retries, changes of parallelism, and what this version does not know. */
import { fieldsOf, openEvent } from '../journal/events.js'
import type { RunFacts } from '../journal/run-facts.js'
import type { RunJournal } from '../journal/run-journal.js'
import { parallelismWords, retryWords } from './event-words.js'
import { formatBytes, formatCount, formatDuration, UNKNOWN } from './quantities.js'
import type { RunAxis } from './run-axis.js'
import type { Finding, Labelled } from './run-view.js'

/**
 * The totals of a run.
 *
 * @example
 * totalsWords(runFacts(journal))[0] // { label: 'rows', text: '400,000' }
 */
export function totalsWords(facts: RunFacts): Labelled[] {
  const { rows, files, bytes, chunks, longestChunkMs, retries } = facts
  const longest =
    longestChunkMs === undefined ? '' : `, the longest ${formatDuration(longestChunkMs)}`
  return [
    { label: 'rows', text: rows === undefined ? UNKNOWN : formatCount(rows) },
    { label: 'files', text: files.length === 0 ? UNKNOWN : formatCount(files.length) },
    { label: 'bytes', text: bytes === undefined ? UNKNOWN : formatBytes(bytes) },
    ...(chunks === undefined ? [] : [{ label: 'chunks', text: formatCount(chunks) + longest }]),
    ...(retries === 0 ? [{ label: 'retries', text: '0' }] : []),
  ]
}

/** Retries and changes of parallelism, with the time in the run at which they came. */
export interface ChangeWords {
  readonly retries: readonly Finding[]
  readonly parallelism: readonly Labelled[]
}

/**
 * The retries of a run and its changes of parallelism.
 *
 * @param axis the time of the run; only a journal without entries has none
 * @example
 * changeWords(journal, runAxis(journal)).retries[0]?.text // 'at 1.20 s, backoff 200 ms: reset'
 */
export function changeWords({ entries }: RunJournal, axis: RunAxis | undefined): ChangeWords {
  const retries: Finding[] = []
  const parallelism: Labelled[] = []
  entries.forEach(({ event }, index) => {
    const retry = fieldsOf(event, 'RetryAttempted')
    const adjustment = fieldsOf(event, 'ParallelismAdjusted')
    if (axis === undefined) return
    if (retry !== undefined) retries.push(retryWords(retry, `at ${sinceStart(axis, index)}, `))
    if (adjustment !== undefined)
      parallelism.push(parallelismWords(adjustment, ` at ${sinceStart(axis, index)}`))
  })
  return { retries, parallelism }
}

/**
 * The kinds of events that this version does not know, and how many there are of each.
 *
 * @example
 * unknownWords(journal)[0]?.text // '2 × Paused'
 */
export function unknownWords(journal: RunJournal): Labelled[] {
  const counts = new Map<string, number>()
  for (const { event } of journal.entries) {
    const opened = openEvent(event)
    if (opened.kind === 'unknown') counts.set(opened.name, (counts.get(opened.name) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => ({
    label: 'also',
    text: `${formatCount(count)} × ${name}`,
  }))
}

function sinceStart({ startUnixNano, times }: RunAxis, index: number): string {
  return formatDuration((times.of(index) - startUnixNano) / 1_000_000n)
}
