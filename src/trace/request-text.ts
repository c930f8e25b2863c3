/**
 * The text of a request of OTLP/JSON, which is read from its beginning to its end.
 *
 * It is held byte for byte, one character each, which any text of UTF-8 is in no time: what makes up its
 * structure is ASCII. What is taken out of it is decoded, and copied, so that a name does not keep the text of
 * a whole request in memory.
 */
import { isAscii, isUtf8 } from 'node:buffer'

/** A text without anything escaped, as a part of a regular expression; JSON lets it hold no control character. */
export const TEXT = String.raw`([ !#-[\]-\xff]*)`

/** Texts up to this length are always copies. */
const COPIED_LENGTH = 12

/**
 * A text that is being read.
 *
 * @example
 * const text = RequestText.of(bytes)
 * text?.match(/\{"resourceSpans":\[/y)
 */
export class RequestText {
  readonly text: string
  /** Up to where it was read. */
  at = 0
  readonly #isAscii: boolean

  private constructor(text: string, isAscii: boolean) {
    this.text = text
    this.#isAscii = isAscii
  }

  /** `undefined` where the bytes are no UTF-8. */
  static of(bytes: Uint8Array): RequestText | undefined {
    if (!isUtf8(bytes)) return undefined
    const { buffer, byteOffset, byteLength } = bytes
    const text = Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
    return new RequestText(text, isAscii(bytes))
  }

  /** What matches a sticky pattern here; the text is then read up to its end. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (match !== null) this.at = pattern.lastIndex
    return match
  }

  /** Whether a text stands here, which is then read. */
  skip(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false
    this.at += expected.length
    return true
  }

  /**
   * What a part of the text says, as a text of its own.
   *
   * @param like what it may be the same as
   */
  own(part: string, like?: string): string {
    if (this.#isAscii) {
      if (part.length <= COPIED_LENGTH) return part
      if (part === like) return like
    }
    return Buffer.from(part, 'latin1').toString()
  }
}
