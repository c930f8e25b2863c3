// The clock of a run in made-up journals: nanoseconds that go forward, spelled as chrono spells them (0, 3, 6 or 9 digits).

const SECOND = 1_000_000_000

/** A clock that moves only when it is told to. */
export class RunClock {
  #seconds
  #nanos
  #textOf = Number.NaN
  #text = ''
  #elapsedNanos = 0

  /** @param {number} seconds Since 1970. @param {number} nanos Below a second. */
  constructor(seconds, nanos) {
    this.#seconds = seconds
    this.#nanos = nanos
  }

  /**
   * Goes forward and says the time.
   *
   * @param {number} nanos How far, in ns.
   * @returns {string} `2025-03-01T08:53:39.134436857Z`
   */
  after(nanos) {
    this.#elapsedNanos += nanos
    const sum = this.#nanos + nanos
    this.#nanos = sum % SECOND
    this.#seconds += Math.floor(sum / SECOND)
    return `${this.second()}${fraction(this.#nanos)}Z`
  }

  /** The whole second, `2025-03-01T08:53:39`. */
  second() {
    if (this.#textOf !== this.#seconds) {
      this.#textOf = this.#seconds
      this.#text = new Date(this.#seconds * 1000).toISOString().slice(0, 19)
    }
    return this.#text
  }

  /** Whole milliseconds since its first time. */
  get elapsedMs() {
    return Math.floor(this.#elapsedNanos / 1_000_000)
  }
}

/** @param {number} nanos */
function fraction(nanos) {
  if (nanos === 0) return ''
  const digits = String(nanos).padStart(9, '0')
  if (digits.endsWith('000000')) return `.${digits.slice(0, 3)}`
  return digits.endsWith('000') ? `.${digits.slice(0, 6)}` : `.${digits}`
}
