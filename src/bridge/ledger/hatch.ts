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
  #wake = () => {}
  #emptied = () => {}
  #isShut = false

  /** Puts things in; waits until the other is done with them, or the hatch is shut. */
  async put(things: readonly T[]): Promise<void> {
    if (things.length === 0 || this.#isShut) return
    this.#things = things
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve
    })
    this.#wake()
    await emptied
  }

  /**
   * Comes when there is something in it. Each time it is another promise and the one before is let
   * go of: a race holds on to all its promises, and through one that never comes to every result.
   */
  filled(): Promise<undefined> {
    return new Promise((resolve) => {
      this.#wake = () => resolve(undefined)
      if (this.#things.length > 0) this.#wake()
    })
  }

  /** Takes out what is in it, if anything is. */
  take(): readonly T[] {
    const things = this.#things
    this.#things = []
    return things
  }

  /** What was taken out is dealt with. */
  done(): void {
    this.#emptied()
  }

  /** Nobody takes any more. */
  shut(): void {
    this.#isShut = true
    this.#emptied()
  }
}
