/**
 * Where something stands in a document, as problems name it.
 *
 * Nearly every document is without problems, so a place is put into words only when one is found.
 */

/**
 * A place in a document: `resourceSpans[0].scopeSpans[1].spans[7]`.
 *
 * @example
 * `${new Place('spans').item(7).member('name')}` // 'spans[7].name'
 */
export class Place {
  readonly #step: string | number
  readonly #around: Place | undefined

  constructor(step: string | number, around?: Place) {
    this.#step = step
    this.#around = around
  }

  /** An item of the list that stands here, counted from 0. */
  item(index: number): Place {
    return new Place(index, this)
  }

  /** A member of the object that stands here. */
  member(name: string): Place {
    return new Place(name, this)
  }

  toString(): string {
    const step = this.#step
    if (typeof step === 'number') return `${this.#around ?? ''}[${step}]`
    return this.#around === undefined ? step : `${this.#around}.${step}`
  }
}

/** A place in words, or one that is put into words when that is needed. */
export type AnyPlace = string | Place

/**
 * A place, or a member of what stands there, in words.
 *
 * @example
 * placeName('spans[7]', 'name') // 'spans[7].name'
 */
export function placeName(place: AnyPlace, member?: string): string {
  return member === undefined ? `${place}` : `${place}.${member}`
}
