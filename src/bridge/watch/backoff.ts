/** How long to leave something alone that was not there: longer each time, up to a minute. */

const WAITS_MS = [5_000, 10_000, 20_000, 40_000, 60_000]

/**
 * The waits: 5, 10, 20, 40 and then always 60 s. Times are in ms, of a clock that only goes forward.
 *
 * @example
 * const backoff = new Backoff()
 * backoff.failed(clock.now())
 * backoff.inMs(clock.now()) // 5000
 */
export class Backoff {
  #failures = 0
  #until = Number.NEGATIVE_INFINITY

  /** How long the next wait is. */
  get nextMs(): number {
    return WAITS_MS[Math.min(this.#failures, WAITS_MS.length - 1)] ?? 0
  }

  /** It was not there. */
  failed(now: number): void {
    this.#until = now + this.nextMs
    this.#failures++
  }

  /** It is there. */
  reset(): void {
    this.#failures = 0
    this.#until = Number.NEGATIVE_INFINITY
  }

  /** In how many ms it may be tried; 0 is now. */
  inMs(now: number): number {
    return Math.max(0, this.#until - now)
  }
}
