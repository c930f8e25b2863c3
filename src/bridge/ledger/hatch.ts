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
 * const outcomes = hatch.take()
 * hatch.done()              // and here it goes on
 */
export class Hatch<T> {
  #things: readonly T[] = []
  #filled = signal()
  #emptied = signal()
  #isShut = false

  /** Puts things in; waits until the other is done with them, or the hatch is shut. */
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

  /** Takes out what is in it, if anything is. */
  take(): readonly T[] {
    const things = this.#things
    this.#things = []
    if (things.length > 0) this.#filled = signal()
    return things
  }

  /** What was taken out is dealt with. */
  done(): void {
    this.#emptied.give()
  }

  /** Nobody takes any more. */
  shut(): void {
    this.#isShut = true
    this.#emptied.give()
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
