/**
 * The attributes of spans that are written one after the other, and how many of them the span before
 * begins with as well: the spans of a run all begin alike, so an encoder copies these from there.
 *
 * It knows no encoding. A place is where a writer stood, in its own count.
 */
import type { Attributes, AttributeValue } from './trace.js'

/**
 * The attributes of one span, taken apart, beside those of the span before.
 *
 * @example
 * const repeated = new RepeatedAttributes()
 * repeated.next({ run: 'a', index: 0 }) // same is 0
 * repeated.next({ run: 'a', index: 1 }) // same is 1
 */
export class RepeatedAttributes {
  keys: string[] = []
  values: AttributeValue[] = []
  /** Where each attribute was written, and after the last of them where their list ends or begins. */
  places: number[] = []
  /** How many attributes there are; what stands behind them is of an earlier span. */
  count = 0
  /** How many of them, the first ones, the span before has too, as its first ones. */
  same = 0
  /** {@link RepeatedAttributes.places} of the span before. */
  placesBefore: number[] = []
  #keysBefore: string[] = []
  #valuesBefore: AttributeValue[] = []

  /** Forgets every span: what was written of them is gone. */
  clear(): void {
    this.count = 0
    this.same = 0
  }

  /** Takes the attributes of the next span. */
  next(attributes: Attributes): void {
    const { keys: keysBefore, values: valuesBefore, count: countBefore } = this
    const keys = this.#keysBefore
    const values = this.#valuesBefore
    let count = 0
    let same = 0
    for (const key in attributes) {
      const value = attributes[key] as AttributeValue
      keys[count] = key
      values[count] = value
      if (same === count && count < countBefore && key === keysBefore[count]) {
        // Not `===`: an encoder tells 0 from −0.
        if (Object.is(value, valuesBefore[count])) same++
      }
      count++
    }
    this.#keysBefore = keysBefore
    this.#valuesBefore = valuesBefore
    this.keys = keys
    this.values = values
    this.count = count
    this.same = same
    const { places } = this
    this.places = this.placesBefore
    this.placesBefore = places
  }

  /** Fills in the places of those that were copied: they stand to this one as they stood before. */
  placeSame(known: number): void {
    const { places, placesBefore, same } = this
    const further = (places[known] as number) - (placesBefore[known] as number)
    for (let i = 0; i <= same; i++) places[i] = (placesBefore[i] as number) + further
  }
}
