/**
 * Whether files lie as they did when everything in them had been read.
 *
 * A file system's clock ticks only every few milliseconds, so one look is not enough: a change right
 * after it may carry the same time. Two looks that are the same, more than a tick apart, are; and
 * they do not ask whether that clock agrees with this one.
 */

/** Longer than a tick of any local file system's clock (10 ms at most on Linux). */
const TICK_MS = 50

/** How files lay at one look. */
export interface Sight {
  readonly signature: string
  /** Whether the next change is sure to change the signature. */
  readonly isQuiet: boolean
}

/**
 * Looks at some files, one after the other.
 *
 * @example
 * const sight = files.see(signature, performance.now())
 * if (!files.isSettled(sight)) {
 *   readEverything()
 *   files.settle(sight)
 * }
 */
export class Stillness {
  #signature: string | undefined
  #sinceMs = 0
  #settled: string | undefined

  /** @param signature how the files lie now, at `nowMs` of a clock that is not set back. */
  see(signature: string, nowMs: number): Sight {
    if (signature !== this.#signature) this.#sinceMs = nowMs
    this.#signature = signature
    return { signature, isQuiet: nowMs - this.#sinceMs > TICK_MS }
  }

  /** Whether nothing has changed since everything was read. */
  isSettled({ signature }: Sight): boolean {
    return signature === this.#settled
  }

  /** Everything was read after this look. */
  settle({ signature, isQuiet }: Sight): void {
    if (isQuiet) this.#settled = signature
  }
}
