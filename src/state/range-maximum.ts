/** The greatest of some numbers that stand side by side, where the numbers change in between. */

/**
 * Numbers of 0 and up at fixed places; a change and a question take as long as there are halvings.
 *
 * @example
 * const numbers = new RangeMaximum(3)
 * numbers.set(1, 7)
 * numbers.over(0, 3) // 7
 */
export class RangeMaximum {
  readonly #places: number
  /** The greatest of two each, down from 1; the numbers themselves are the second half. */
  readonly #greatest: Int32Array

  /** @param places how many; there is no number at any of them yet. */
  constructor(places: number) {
    this.#places = places
    this.#greatest = new Int32Array(2 * places).fill(-1)
  }

  set(place: number, number: number): void {
    let at = place + this.#places
    this.#greatest[at] = number
    for (at >>= 1; at >= 1; at >>= 1)
      this.#greatest[at] = Math.max(this.#at(2 * at), this.#at(2 * at + 1))
  }

  /** The greatest number at these places, without the last one; `undefined` where there is none. */
  over(from: number, to: number): number | undefined {
    let greatest = -1
    let [first, end] = [from + this.#places, to + this.#places]
    for (; first < end; first >>= 1, end >>= 1) {
      if (first % 2 === 1) greatest = Math.max(greatest, this.#at(first++))
      if (end % 2 === 1) greatest = Math.max(greatest, this.#at(--end))
    }
    return greatest < 0 ? undefined : greatest
  }

  #at(place: number): number {
    return this.#greatest[place] ?? -1
  }
}
