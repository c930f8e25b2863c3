/** Which attempts at the chunks of a run share a line of the waterfall. */
import { type Attempt, durationOf, slowestFirst } from '../../view/attempts.js'

/** A line of the waterfall stands for one attempt or for several neighbours; never for none. */
export type AttemptLine = readonly [Attempt, ...Attempt[]]

const MOST_LINES = 40
const SLOWEST_ALONE = 5
const FAILED_ALONE = 12

/**
 * Puts attempts on lines: one each, as long as there are few; otherwise neighbours share a line,
 * but for those that were much slower than others, and for the failed ones, of which the first
 * dozen stand alone.
 *
 * @example
 * toLines(attempts).length // at most 40
 */
export function toLines(attempts: readonly Attempt[]): AttemptLine[] {
  if (attempts.length <= MOST_LINES) return attempts.map((attempt) => [attempt])
  const alone = new Set([
    ...attempts.filter(({ failed }) => failed).slice(0, FAILED_ALONE),
    ...outliers(attempts),
  ])
  const runs = neighbours(attempts, alone)
  let size = Math.ceil(attempts.length / MOST_LINES)
  while (countLines(runs, size) > MOST_LINES) size = Math.ceil(size * 1.1)
  return runs.flatMap((run) => cut(run, size))
}

/** The slowest attempt, and others of the slowest that took at least twice the median. */
function outliers(attempts: readonly Attempt[]): Attempt[] {
  const sorted = slowestFirst(attempts)
  const median = durationOf(sorted[Math.floor(sorted.length / 2)])
  return sorted
    .slice(0, SLOWEST_ALONE)
    .filter((attempt, i) => i === 0 || durationOf(attempt) >= 2n * median)
}

/** Each run of neighbours that may share lines, and each attempt that stands alone, in order. */
function neighbours(attempts: readonly Attempt[], alone: ReadonlySet<Attempt>): Attempt[][] {
  const runs: Attempt[][] = []
  let isOpen = false
  for (const attempt of attempts) {
    const isAlone = alone.has(attempt)
    if (isOpen && !isAlone) runs.at(-1)?.push(attempt)
    else runs.push([attempt])
    isOpen = !isAlone
  }
  return runs
}

function countLines(runs: readonly (readonly Attempt[])[], size: number): number {
  return runs.reduce((sum, { length }) => sum + Math.ceil(length / size), 0)
}

/** Cuts a run of neighbours into lines of nearly the same number of attempts. */
function cut(run: readonly Attempt[], size: number): AttemptLine[] {
  const count = Math.ceil(run.length / size)
  const lines: AttemptLine[] = []
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * run.length) / count)
    const [first, ...others] = run.slice(from, Math.floor(((i + 1) * run.length) / count))
    if (first !== undefined) lines.push([first, ...others])
  }
  return lines
}
