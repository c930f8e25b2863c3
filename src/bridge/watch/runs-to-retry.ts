/**
 * The runs that are tried again later: those that the target refused, those that another process had
 * in hand, and those that stood in the way of others.
 *
 * They are in memory as names, without their journals, and at most {@link MOST_TO_RETRY} and two pages.
 */
import { MOST_ATTEMPTS } from '../../ledger/ledger.js'
import type { ArrivedRun } from '../../sources/run-feed.js'

/** From so many on, nothing new is taken up until some are settled. */
export const MOST_TO_RETRY = 10_000

const FIRST_AGAIN_MS = 60_000
const LONGEST_AGAIN_MS = 8 * FIRST_AGAIN_MS
const ELSEWHERE_MS = 30_000

interface Retry {
  readonly run: ArrivedRun
  /** How often the target refused it. */
  readonly attempts: number
  /** How often it was put off. */
  readonly delays: number
  readonly dueAt: number
  readonly goesAlone: boolean
}

/** Runs that are due. */
export interface DueRuns {
  /** Each to be sent alone, so that the answer is about it. */
  readonly alone: readonly ArrivedRun[]
  readonly together: readonly ArrivedRun[]
}

/**
 * The list; times are in ms.
 *
 * @example
 * const retries = new RunsToRetry()
 * retries.refused(run, clock.now()) // 60000
 */
export class RunsToRetry {
  readonly #retries = new Map<string, Retry>()

  get size(): number {
    return this.#retries.size
  }

  get isFull(): boolean {
    return this.#retries.size >= MOST_TO_RETRY
  }

  /** How many were refused. */
  get refusedOnes(): number {
    return [...this.#retries.values()].filter(({ attempts }) => attempts > 0).length
  }

  /** All of them. */
  get runs(): readonly ArrivedRun[] {
    return [...this.#retries.values()].map(({ run }) => run)
  }

  /**
   * The target refused the run: in how many ms it is tried again, after 1, 2, 4 and 8 minutes;
   * `undefined` where that was the last attempt.
   */
  refused(run: ArrivedRun, now: number): number | undefined {
    const before = this.#before(run)
    const attempts = before.attempts + 1
    if (attempts >= MOST_ATTEMPTS) {
      this.drop(run.runId)
      return undefined
    }
    const ms = FIRST_AGAIN_MS * 2 ** (attempts - 1)
    this.#put({ ...before, attempts, dueAt: now + ms, goesAlone: true })
    return ms
  }

  /** Another process has the run in hand: in how many ms it is looked at again. */
  elsewhere(run: ArrivedRun, now: number): number {
    this.#put({ ...this.#before(run), dueAt: now + ELSEWHERE_MS, goesAlone: false })
    return ELSEWHERE_MS
  }

  /** The target was not there, or had a problem of its own, while it took others; that is no attempt. */
  putOff(run: ArrivedRun, now: number): void {
    const before = this.#before(run)
    const ms = Math.min(FIRST_AGAIN_MS * 2 ** before.delays, LONGEST_AGAIN_MS)
    this.#put({ ...before, delays: before.delays + 1, dueAt: now + ms, goesAlone: true })
  }

  /** The run is settled, or came anew. */
  drop(runId: string): void {
    this.#retries.delete(runId)
  }

  /**
   * Runs that are due now, at most so many of either kind. Those that were refused least come first:
   * they are what a target is tried with that refuses everything, and none is given up for that soon.
   */
  due(now: number, most: number): DueRuns {
    const due = [...this.#retries.values()]
      .filter(({ dueAt }) => dueAt <= now)
      .sort((a, b) => a.attempts - b.attempts)
    const some = (goesAlone: boolean) =>
      due
        .filter((retry) => retry.goesAlone === goesAlone)
        .slice(0, most)
        .map(({ run }) => run)
    return { alone: some(true), together: some(false) }
  }

  /** In how many ms the next one is due; `Infinity` where there is none. */
  inMs(now: number): number {
    let first = Number.POSITIVE_INFINITY
    for (const { dueAt } of this.#retries.values()) first = Math.min(first, dueAt)
    return Math.max(0, first - now)
  }

  #before(run: ArrivedRun): Retry {
    const { attempts = 0, delays = 0 } = this.#retries.get(run.runId) ?? {}
    return { run, attempts, delays, dueAt: 0, goesAlone: false }
  }

  #put(retry: Retry): void {
    this.#retries.set(retry.run.runId, retry)
  }
}

/**
 * When the run ended that ended first; `undefined` where of none it is known.
 *
 * @example
 * oldestOf([]) // undefined
 */
export function oldestOf(runs: readonly ArrivedRun[]): bigint | undefined {
  let oldest: bigint | undefined
  for (const { endedUnixNano } of runs) {
    if (endedUnixNano !== undefined && (oldest === undefined || endedUnixNano < oldest))
      oldest = endedUnixNano
  }
  return oldest
}
