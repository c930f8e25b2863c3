/** Which of the runs that the server told of are listed, and in which order. Pure. */
import type { Count, RunSummary } from '../../view/run-view.js'
import type { Listing, RunPlace, SortColumn } from './route.js'

/** What an export or a status is called in the list of those there are, and how many runs have it. */
export interface Choice {
  readonly name: string
  readonly count: number
}

/** What stands for the status of a run that says none. */
export const NO_STATUS = 'unknown'

/**
 * What tells runs apart: the same run_id may come from two namespaces.
 *
 * @example
 * runKey(run) === runKey(changed) // true, for the same run at another time
 */
export function runKey({ run_id, namespace }: Pick<RunSummary, 'run_id' | 'namespace'>): string {
  return JSON.stringify([namespace ?? '', run_id])
}

/**
 * The run as an address names it.
 *
 * @example
 * placeOf(run) // { runId: 'orders_1', namespace: '' }
 */
export function placeOf({ run_id, namespace }: Pick<RunSummary, 'run_id' | 'namespace'>): RunPlace {
  return { runId: run_id, namespace: namespace ?? '' }
}

/**
 * The runs that a listing wants, in its order; equal ones stay as they came, the newest first.
 *
 * @param runs the newest last
 * @example
 * listedRuns(runs, { ...ALL_RUNS, search: 'orders failed' })
 */
export function listedRuns(runs: readonly RunSummary[], listing: Listing): RunSummary[] {
  const words = listing.search.toLowerCase().split(/\s+/).filter(Boolean)
  const wanted = runs.filter(
    (run) =>
      (listing.exportName === '' || run.export_name === listing.exportName) &&
      (listing.status === '' || (run.status ?? NO_STATUS) === listing.status) &&
      hasWords(run, words),
  )
  const sortedBy = SORTED_BY[listing.sort]
  const keyed = wanted.reverse().map((run) => ({ run, value: sortedBy(run) }))
  const direction = listing.isDescending ? -1 : 1
  keyed.sort((a, b) => compareKnown(a.value, b.value, direction))
  return keyed.map(({ run }) => run)
}

/**
 * The exports there are, by name.
 *
 * @example
 * exportsOf(runs) // [{ name: 'orders', count: 12 }]
 */
export function exportsOf(runs: readonly RunSummary[]): Choice[] {
  return choices(runs.map(({ export_name }) => export_name))
}

/**
 * The statuses there are, by name.
 *
 * @example
 * statusesOf(runs) // [{ name: 'failed', count: 2 }, { name: 'success', count: 10 }]
 */
export function statusesOf(runs: readonly RunSummary[]): Choice[] {
  return choices(runs.map(({ status }) => status ?? NO_STATUS))
}

/**
 * A count as a number that lengths can be drawn by.
 *
 * @example
 * magnitude('9223372036854775807') // 9223372036854775807, to 53 bits
 */
export function magnitude(count: Count | null): number | undefined {
  return count === null ? undefined : Number(count)
}

const SORTED_BY: {
  readonly [column in SortColumn]: (run: RunSummary) => string | number | undefined
} = {
  started: ({ started_at }) => startOf(started_at),
  status: ({ status }) => status ?? undefined,
  export: ({ export_name }) => export_name,
  duration: ({ duration_ms }) => magnitude(duration_ms),
  rows: ({ rows }) => magnitude(rows),
  bytes: ({ bytes }) => magnitude(bytes),
}

/** With as many digits for all of them, times of UTC sort as texts. */
function startOf(startedAt: string | null): string | undefined {
  const [, second, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(startedAt ?? '') ?? []
  return second === undefined ? (startedAt ?? undefined) : `${second}.${fraction.padEnd(9, '0')}`
}

/** What is not known comes last, whichever way. */
function compareKnown<T extends string | number>(
  a: T | undefined,
  b: T | undefined,
  direction: number,
): number {
  if (a === b) return 0
  if (a === undefined) return 1
  if (b === undefined) return -1
  return a < b ? -direction : direction
}

function hasWords(run: RunSummary, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const { run_id, export_name, namespace, status, concerns } = run
  const text = [run_id, export_name, namespace ?? '', status ?? NO_STATUS, ...concerns]
    .join('\n')
    .toLowerCase()
  return words.every((word) => text.includes(word))
}

function choices(names: readonly string[]): Choice[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => ({ name, count }))
}
