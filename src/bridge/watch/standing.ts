/** Whether something is there, told when that changes or its reason does, and not every time. */

/**
 * The standing of one thing; nothing is known of it at first.
 *
 * @example
 * const standing = new Standing((isThere, problem) => console.log(isThere, problem))
 */
export class Standing {
  readonly #tell: (isThere: boolean, problem?: string) => void
  #isThere: boolean | undefined
  #problem: string | undefined

  constructor(tell: (isThere: boolean, problem?: string) => void) {
    this.#tell = tell
  }

  /** Whether it is known not to be there. */
  get isAway(): boolean {
    return this.#isThere === false
  }

  good(): void {
    if (this.#isThere === true) return
    this.#isThere = true
    this.#problem = undefined
    this.#tell(true)
  }

  bad(problem: string): void {
    if (this.#isThere === false && this.#problem === problem) return
    this.#isThere = false
    this.#problem = problem
    this.#tell(false, problem)
  }
}
