/**
 * What is wrong with a document, as far as anyone would read on.
 *
 * A document of ten megabytes can have five million faults; their sentences would take a hundred
 * times its memory. So the first ones are kept, and the others counted.
 */

/** Takes problems, one sentence each; a list of texts does too. */
export interface Problems {
  push(problem: string): unknown
}

/** How many problems of one document are kept. */
export const MOST_PROBLEMS = 1000

/**
 * The first {@link MOST_PROBLEMS} problems, and how many more there were.
 *
 * @example
 * const problems = new ProblemList()
 * problems.push('spans[0]: expected an object, got 7')
 * problems.all() // ['spans[0]: expected an object, got 7']
 */
export class ProblemList implements Problems {
  readonly #kept: string[] = []
  #more = 0

  push(problem: string): void {
    if (this.#kept.length < MOST_PROBLEMS) this.#kept.push(problem)
    else this.#more++
  }

  /** The problems, the last of which says how many were not kept. */
  all(): string[] {
    return this.#more === 0 ? [...this.#kept] : [...this.#kept, `and ${this.#more} more problems`]
  }
}
