/**
 * Lists of attributes that are written one after the other, and what each has in common with the list
 * before: the spans of a run, and the events of a span, have the same keys in the same places, and values that
 * are the same or as long. So an encoder copies what it wrote before, and writes over it what differs.
 *
 * It knows no encoding: an encoder says how long an integer is, and keeps how many bytes each attribute took.
 */
import type { Attributes, AttributeValue } from './trace.js'

/** The attribute has to be written. */
export const OTHER = 0
/** It takes the bytes of the one before it in its place, but for the text or the integer in them, which is as long. */
const AS_LONG = 1
/** It takes these bytes as they are. */
export const SAME = 2

/** How an attribute stands to the one before it in its place. */
type Likeness = typeof OTHER | typeof AS_LONG | typeof SAME

/** A value over which no other is written. */
const NO_SHAPE = 0

/**
 * The attributes of one list, taken apart, beside those of the list before.
 *
 * @example
 * const repeated = new RepeatedAttributes((value) => String(value).length)
 * repeated.next({ run: 'a', index: 10 }) // likeness is [OTHER, OTHER]
 * repeated.next({ run: 'a', index: 11 }) // likeness is [SAME, AS_LONG]
 */
export class RepeatedAttributes {
  readonly keys: string[] = []
  readonly values: AttributeValue[] = []
  readonly likeness: Likeness[] = []
  /** How many bytes the one before it in its place took, 0 where there was none; the encoder fills in its own. */
  readonly sizes: number[] = []
  /** How many attributes there are; what stands behind them is of an earlier list. */
  count = 0
  /** How many bytes as many attributes took in the list before, or all of its where it had fewer. */
  sizeBefore = 0
  /** Where the list before was written, in the encoder's own count, which the encoder fills in. */
  place = 0
  /**
   * By what a text or an integer can be told to be as long as another: even of integers, odd of texts. Only
   * what was written plainly has one, so that another can be written over it.
   */
  readonly #shapes: number[] = []
  /** Whether a place had values that differ: they are not compared any more, which costs more than it saves. */
  readonly #varies: boolean[] = []
  readonly #integerLength: (value: number) => number

  /** @param integerLength the bytes that an integer takes; 0 where the number is written in another way */
  constructor(integerLength: (value: number) => number) {
    this.#integerLength = integerLength
  }

  /** Forgets every list: what was written of them is gone. */
  clear(): void {
    this.count = 0
  }

  /** Takes the attributes of the next list. */
  next(attributes: Attributes): void {
    const { keys, values, likeness, sizes, count: countBefore } = this
    const shapes = this.#shapes
    const varies = this.#varies
    let count = 0
    let sizeBefore = 0
    for (const key in attributes) {
      const value = attributes[key] as AttributeValue
      const shape =
        typeof value === 'string'
          ? 2 * value.length + 1
          : typeof value === 'number'
            ? 2 * this.#integerLength(value)
            : NO_SHAPE
      if (count < countBefore && key === keys[count]) {
        sizeBefore += sizes[count] as number
        if (varies[count] === false && isSame(value, values[count] as AttributeValue)) {
          likeness[count] = SAME
        } else {
          varies[count] = true
          likeness[count] = shape === shapes[count] && shape !== NO_SHAPE ? AS_LONG : OTHER
          values[count] = value
        }
      } else {
        if (count < countBefore) sizeBefore += sizes[count] as number
        else sizes[count] = 0
        keys[count] = key
        values[count] = value
        varies[count] = false
        likeness[count] = OTHER
      }
      // What is copied stays as it was written, perhaps in a way of its own.
      if (likeness[count] !== SAME) shapes[count] = shape
      count++
    }
    this.count = count
    this.sizeBefore = sizeBefore
  }

  /** Says that the text or integer in this place was written in a way of its own, over which no other is written. */
  setApart(place: number): void {
    this.likeness[place] = OTHER
    this.#shapes[place] = NO_SHAPE
  }
}

function isSame(value: AttributeValue, before: AttributeValue): boolean {
  if (typeof value === 'string') return typeof before === 'string' && value === before
  // Not `===`: an encoder tells 0 from −0.
  return Object.is(value, before)
}
