/**
 * How large a request may be: what the settings allow, and what the receiver was found to take.
 *
 * A server does not say its limit, so it is learnt from what it refuses and takes. Only a request
 * whose every span got through in smaller ones was refused for its size; where a span was refused
 * alone, that span may have been the reason, and nothing is learnt.
 */
import { FLAGS } from './otlp-flags.js'

/** The limit of one delivery; sizes are in bytes before compression. */
export class RequestLimit {
  /** What the settings allow; no span goes beyond it. */
  readonly most: number
  #now: number
  #largestTaken = 0
  #largestRefused = 0
  #isSaid = true

  /**
   * @example
   * const limit = new RequestLimit(4_000_000)
   * limit.refused(4_000_000)
   * limit.now // 2_000_000
   */
  constructor(most: number) {
    this.most = most
    this.#now = most
  }

  /** How large requests of several spans are made now. */
  get now(): number {
    return this.#now
  }

  /** A request of this size was taken. */
  taken(bytes: number): void {
    this.#largestTaken = Math.max(this.#largestTaken, bytes)
  }

  /** A request was refused for its size, and for nothing else. */
  refused(bytes: number): void {
    const taken = this.#largestTaken < bytes ? this.#largestTaken : 0
    const now = Math.max(Math.floor(bytes / 2), taken)
    if (now >= this.#now) return
    this.#now = now
    this.#largestRefused = Math.max(this.#largestRefused, bytes)
    this.#isSaid = false
  }

  /** What was learnt since this was last asked, as a sentence; `undefined` where nothing was. */
  news(): string | undefined {
    if (this.#isSaid) return undefined
    this.#isSaid = true
    return (
      `requests of ${this.#largestRefused} bytes are too large there and were sent again in parts; ` +
      `${FLAGS.maxRequestBytes} ${this.#now} makes them small enough from the start`
    )
  }
}
