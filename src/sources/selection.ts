/**
 * What a selection means: which runs it wants, and the order in which they come.
 *
 * Every source asks here, so that `last` and "oldest first" mean the same everywhere. How a source
 * finds the runs is its own affair.
 */
import type { Selection } from './source.js'

/** What places a run among others. */
export interface RunPlace {
  readonly runId: string | undefined
  /** When it ended, in nanoseconds since 1970; `undefined` where that is not known. */
  readonly endedUnixNano: bigint | undefined
}

/**
 * Whether a selection wants the runs of this name and this export; what is not known about a run
 * does not exclude it.
 *
 * @example
 * wantsRun({ exports: ['orders'] }, 'orders_1', 'orders') // true
 */
export function wantsRun(
  { runIds, exports }: Selection,
  runId: string | undefined,
  exportName: string | undefined,
): boolean {
  return isAmong(runId, runIds) && isAmong(exportName, exports)
}

/** The times of a selection. */
type Period = Pick<Selection, 'sinceUnixNano' | 'untilUnixNano'>

/**
 * Whether a selection is about when runs ended.
 *
 * @example
 * asksForTime({ sinceUnixNano: 0n }) // true
 */
export function asksForTime({ sinceUnixNano, untilUnixNano }: Period): boolean {
  return sinceUnixNano !== undefined || untilUnixNano !== undefined
}

/**
 * Whether a run that ended then is wanted: at `since` or later, and before `until`.
 *
 * @param endedUnixNano nanoseconds since 1970
 * @example
 * endedInTime({ sinceUnixNano: 5n, untilUnixNano: 7n }, 5n) // true
 */
export function endedInTime(
  { sinceUnixNano, untilUnixNano }: Period,
  endedUnixNano: bigint,
): boolean {
  if (sinceUnixNano !== undefined && endedUnixNano < sinceUnixNano) return false
  return untilUnixNano === undefined || endedUnixNano < untilUnixNano
}

/**
 * Sorts oldest first: by the time of the end, then by run_id in the order of UTF-16 code units. A
 * run whose end is not known counts as the oldest.
 *
 * @example
 * runs.sort(oldestFirst)
 */
export function oldestFirst(a: RunPlace, b: RunPlace): number {
  return (
    ascending(a.endedUnixNano ?? EARLIEST, b.endedUnixNano ?? EARLIEST) ||
    ascending(a.runId ?? '', b.runId ?? '')
  )
}

/**
 * Keeps the newest `count` of whatever it is given, in a memory of twice as many.
 *
 * @example
 * const newest = new Newest<RunPlace>(10)
 * for (const run of runs) newest.add(run)
 * newest.oldestFirst() // at most 10
 */
export class Newest<T extends RunPlace> {
  readonly #count: number
  #kept: T[] = []

  constructor(count: number) {
    this.#count = count
  }

  /** Takes one more; an older one may be forgotten for it. */
  add(run: T): void {
    this.#kept.push(run)
    if (this.#kept.length >= 2 * this.#count + 1) this.#kept = this.oldestFirst()
  }

  /** The newest so far, oldest first. */
  oldestFirst(): T[] {
    const sorted = this.#kept.sort(oldestFirst)
    return sorted.slice(Math.max(0, sorted.length - this.#count))
  }
}

const EARLIEST = -(2n ** 127n)

function isAmong(name: string | undefined, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || name === undefined || wanted.includes(name)
}

/**
 * Compares two for a sort, texts by their code units: the same everywhere.
 *
 * @example
 * ['b', 'a'].sort(ascending) // ['a', 'b']
 */
export function ascending<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
