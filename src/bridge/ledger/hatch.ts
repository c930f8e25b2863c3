/**
 * A hatch between two who run at their own pace: one puts a group of things in and waits until the
 * other has taken them.
 */

/**
 * The hatch.
 *
 * @example
 * await hatch.put(outcomes) // here
 * await hatch.filled()      // there
 * for (const outcome of hatch.take()) …
 */
export class Hatch<T> {
  #things: readonly T[] = []
  #filled = signal()
  #emptied = signal()
  #isShut = false

  /** Puts things in; waits until they are taken, or the hatch is shut. */
  async put(things: readonly T[]): Promise<void> {
    if (things.length === 0 || this.#isShut) return
    this.#things = things
    this.#emptied = signal()
    this.#filled.give()
    await this.#emptied.given
  }

  /** Comes when there is something in it. */
  filled(): Promise<undefined> {
    return this.#filled.given
  }

  /** What is in it; whoever put it there goes on when `took` is called. */
  look(): readonly T[] {
    return this.#things
  }

  took(): void {
    this.#things = []
    this.#filled = signal()
    this.#emptied.give()
  }

  /** Nobody takes any more. */
  shut(): void {
    this.#isShut = true
    this.took()
  }
}

interface Signal {
  readonly given: Promise<undefined>
  give(): void
}

function signal(): Signal {
  let give = () => {}
  const given = new Promise<undefined>((resolve) => {
    give = () => resolve(undefined)
  })
  return { given, give }
}
