// Random decisions that a seed alone decides: the same seed gives the same data on every machine.

/** Draws from one sequence of random numbers. */
export class SeededRandom {
  #state

  /** @param {number} seed A whole number. */
  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** @returns {number} From 0 up to 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** @param {number} least @param {number} most @returns {number} A whole number, both included. */
  between(least, most) {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  /** @param {number} digits @returns {string} So many hexadecimal digits. */
  hex(digits) {
    let text = ''
    while (text.length < digits) text += this.between(0, 0xffffff).toString(16).padStart(6, '0')
    return text.slice(0, digits)
  }
}
