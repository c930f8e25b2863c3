/** Which attempts at the chunks of a run share a line of the waterfall. */
import { type Attempt, durationOf, slowestFirst } from '../../view/attempts.js'

/** A line of the waterfall stands for one attempt or for several neighbours; never for none. */
export type AttemptLine = readonly [Attempt, ...Attempt[]]

const MOST_LINES = 40
const SLOWEST_ALONE = 5
const FAILED_ALONE = 12
/** Of more than so many, which are counted with their neighbours, the first ones tell how it began. */
const FIRST_FAILED_ALONE = 5

/**
 * Puts attempts on lines: one each, as long as there are few; otherwise neighbours share a line,
 * but for the slowest five and for the failed ones. Of more than a dozen that failed the first five
 * stand alone.
 *
 * @example
 * toLines(attempts).length // at most 40
 */
export function toLines(attempts: readonly Attempt[]): AttemptLine[] {
  if (attempts.length <= MOST_LINES) return attempts.map((attempt) => [attempt])
  const alone = new Set([...failedAlone(attempts), ...slowest(attempts)])
  const runs = neighbours(attempts, alone)
  let size = Math.ceil(attempts.length / MOST_LINES)
  while (countLines(runs, size) > MOST_LINES) size = Math.ceil(size * 1.1)
  return runs.flatMap((run) => cut(run, size))
}

/**
 * The failed attempts that stand on lines of their own where others share one.
 *
 * @example
 * failedAlone(attempts).length // at most 12
 */
export function failedAlone(attempts: readonly Attempt[]): Attempt[] {
  const failed = attempts.filter((attempt) => attempt.failed)
  return failed.length <= FAILED_ALONE ? failed : failed.slice(0, FIRST_FAILED_ALONE)
}

/** The slowest attempt, and others of the slowest that took longer than half of all did. */
function slowest(attempts: readonly Attempt[]): Attempt[] {
  const sorted = slowestFirst(attempts)
  const median = durationOf(sorted[Math.floor(sorted.length / 2)])
  return sorted
    .slice(0, SLOWEST_ALONE)
    .filter((attempt, i) => i === 0 || durationOf(attempt) > median)
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
