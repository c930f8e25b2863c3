/**
 * What every attribute of one key begins with, in OTLP/JSON: all of a `KeyValue` up to its value, with the
 * comma before it.
 *
 * It writes nothing; {@link JsonTextWriter} puts a value behind a head.
 */
import { jsonBytes, quoted } from './json-text-writer.js'

/** What stands before a value of a key, as UTF-8. */
export interface KeyHeads {
  readonly key: string
  /** Before the object that the value is. */
  readonly value: Uint8Array
  /** Before a text. */
  readonly text: Uint8Array
  /** Before the digits of an integer, which are in quotes. */
  readonly int: Uint8Array
}

/** Up to so many keys are kept; what has more of them has none that come often. */
const MOST_KEPT = 1000

/** A longer key comes once, or too seldom to be kept. */
const LONGEST_KEPT = 64

/**
 * The heads of a list of attributes. Lists that follow one another mostly have the same keys in the same
 * places.
 *
 * @example
 * new JsonKeyHeads().at(0, 'rivet.run.id').text // the bytes of ',{"key":"rivet.run.id","value":{"stringValue":'
 */
export class JsonKeyHeads {
  readonly #byPlace: KeyHeads[] = []
  readonly #byKey = new Map<string, KeyHeads>()

  /**
   * The heads of a key, which stands at this place of its list.
   *
   * @example
   * heads.at(0, 'rivet.run.id').key // 'rivet.run.id'
   */
  at(place: number, key: string): KeyHeads {
    const last = this.#byPlace[place]
    return last !== undefined && last.key === key ? last : this.#lookUp(place, key)
  }

  #lookUp(place: number, key: string): KeyHeads {
    const known = this.#byKey.get(key)
    const heads = known ?? headsOf(key)
    if (known === undefined) {
      if (key.length > LONGEST_KEPT || this.#byKey.size >= MOST_KEPT) return heads
      this.#byKey.set(key, heads)
    }
    if (place <= this.#byPlace.length) this.#byPlace[place] = heads
    return heads
  }
}

function headsOf(key: string): KeyHeads {
  const value = `,{"key":${quoted(key)},"value":`
  return {
    key,
    value: jsonBytes(value),
    text: jsonBytes(`${value}{"stringValue":`),
    int: jsonBytes(`${value}{"intValue":"`),
  }
}
