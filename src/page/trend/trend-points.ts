/** A quantity over the runs of an export, as the bars of a small chart. */
import type { Count, RunSummary } from '../../view/run-view.js'
import { approximate } from '../parts/counts.js'

/** A run of the chart; `height` is 0 to 1 of the highest, `null` where the quantity is not known. */
export interface TrendPoint {
  readonly run: RunSummary
  readonly height: number | null
  readonly current: boolean
}

/**
 * The bars, the oldest first; the last is the run itself.
 *
 * @example
 * trendPoints(view.before, view.summary, (run) => run.duration_ms)
 */
export function trendPoints(
  before: readonly RunSummary[],
  current: RunSummary,
  quantity: (run: RunSummary) => Count | null,
): TrendPoint[] {
  const runs = [...before, current]
  const values = runs.map((run) => approximate(quantity(run)))
  const highest = Math.max(...values.map((value) => value ?? 0), 0)
  return runs.map((run, i) => {
    const value = values[i] ?? null
    const height = value === null ? null : highest === 0 ? 0 : Math.max(value, 0) / highest
    return { run, height, current: run === current }
  })
}

/**
 * The highest of some quantities; `null` where none is known.
 *
 * @example
 * highestOf([1, null, '9223372036854775807']) // '9223372036854775807'
 */
export function highestOf(counts: readonly (Count | null)[]): Count | null {
  return counts.reduce<Count | null>(
    (high, one) => ((approximate(one) ?? -1) > (approximate(high) ?? -1) ? one : high),
    null,
  )
}
