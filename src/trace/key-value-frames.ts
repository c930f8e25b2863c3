/**
 * The bytes that every attribute of one key has in common, in protobuf: all of a `KeyValue` but its text or
 * integer, with room for the lengths.
 *
 * It writes nothing; {@link ProtobufWriter} puts a value behind a frame.
 */
import { AnyValueField, KeyValueField } from './otlp-fields.js'

/** What stands before a value of a key. */
export interface KeyValueFrame {
  readonly key: string
  /** Before a text; the lengths are missing. */
  readonly text: Uint8Array
  /** Before an integer; the lengths are missing. */
  readonly int: Uint8Array
}

/** Up to so many keys are kept; what has more of them has none that come often. */
const MOST_KEPT = 1000

/** A longer key has a frame that no value fits behind. */
const MOST_KEY_BYTES = 96

const VARINT = 0
const LENGTH_DELIMITED = 2

/**
 * The frames of a list of attributes. Lists that follow one another mostly have the same keys in the same
 * places.
 *
 * @example
 * new KeyValueFrames(SpanField.attributes).at(0, 'rivet.run.id')
 */
export class KeyValueFrames {
  readonly #field: number
  readonly #byPlace: KeyValueFrame[] = []
  readonly #byKey = new Map<string, KeyValueFrame>()

  /** @param field the number of the list, below 16 */
  constructor(field: number) {
    this.#field = field
  }

  /**
   * The frame of a key, which stands at this place of its list; `undefined` where it has none.
   *
   * @example
   * frames.at(0, 'rivet.run.id')?.key // 'rivet.run.id'
   */
  at(place: number, key: string): KeyValueFrame | undefined {
    const last = this.#byPlace[place]
    return last !== undefined && last.key === key ? last : this.#lookUp(place, key)
  }

  #lookUp(place: number, key: string): KeyValueFrame | undefined {
    const frame = this.#byKey.get(key) ?? this.#make(key)
    if (frame !== undefined && place <= this.#byPlace.length) this.#byPlace[place] = frame
    return frame
  }

  #make(key: string): KeyValueFrame | undefined {
    if (key.length > MOST_KEY_BYTES || this.#byKey.size >= MOST_KEPT) return undefined
    const bytes = Buffer.from(key)
    if (bytes.length > MOST_KEY_BYTES) return undefined
    const head = [
      tag(this.#field, LENGTH_DELIMITED),
      0,
      tag(KeyValueField.key, LENGTH_DELIMITED),
      bytes.length,
      ...bytes,
      tag(KeyValueField.value, LENGTH_DELIMITED),
      0,
    ]
    const frame = {
      key,
      text: Uint8Array.of(...head, tag(AnyValueField.stringValue, LENGTH_DELIMITED), 0),
      int: Uint8Array.of(...head, tag(AnyValueField.intValue, VARINT)),
    }
    this.#byKey.set(key, frame)
    return frame
  }
}

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType
}
