/** The target of a watcher: whether it takes runs, and when it is tried again where it does not. */
import { Backoff } from './backoff.js'
import { Standing } from './standing.js'

/**
 * The standing of a target, from one attempt to the next. An attempt is one export; what fails first
 * in it is its problem.
 *
 * @example
 * target.begin()
 * target.failed('nothing listens there')
 * target.end(clock.now()) // false
 */
export class WatchedTarget {
  readonly #standing: Standing
  readonly #backoff = new Backoff()
  #problem: string | undefined
  #hasTaken = false
  #isAway = false

  constructor(tell: (isThere: boolean, problem?: string) => void) {
    this.#standing = new Standing(tell)
  }

  /** Whether it was not there when it was last tried, and has taken nothing since. */
  get isAway(): boolean {
    return this.#isAway
  }

  /** In how many ms it may be tried; 0 is now. */
  inMs(now: number): number {
    return this.#backoff.inMs(now)
  }

  /** Whether it took a run in this attempt. */
  get hasTaken(): boolean {
    return this.#hasTaken
  }

  begin(): void {
    this.#problem = undefined
    this.#hasTaken = false
  }

  /** It took a run. */
  took(): void {
    this.#hasTaken = true
  }

  /** It is not there, or has a problem of its own; gives in how many ms it is tried again. */
  failed(problem: string): number {
    this.#problem ??= problem
    return this.#hasTaken ? new Backoff().nextMs : this.#backoff.nextMs
  }

  /** The attempt is over: whether the next one may follow. */
  end(now: number): boolean {
    if (this.#hasTaken) this.#backoff.reset()
    if (this.#problem === undefined) {
      if (this.#hasTaken) {
        this.#isAway = false
        this.#standing.good()
      }
      return true
    }
    this.#isAway = true
    this.#backoff.failed(now)
    this.#standing.bad(this.#problem)
    return false
  }

  /** It is there, but nothing new is taken up. */
  overburdened(problem: string): void {
    this.#standing.bad(problem)
  }
}
