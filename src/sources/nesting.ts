/**
 * How deep a place in a JSON text is, byte by byte: enough to know where a value ends, without
 * reading it. UTF-8 never holds these bytes within another character.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Counts brackets outside of quoted texts.
 *
 * @example
 * const nesting = new Nesting()
 * for (const byte of Buffer.from('{"a":"}"')) nesting.take(byte)
 * nesting.isOpen // true
 */
export class Nesting {
  #depth = 0
  #quoted = false
  #escaped = false

  /** Whether a bracket or a quoted text is still open. */
  get isOpen(): boolean {
    return this.#quoted || this.#depth > 0
  }

  /**
   * Goes on as long as something is open.
   *
   * @returns the place behind the byte that closed it; the end of the bytes where none did
   */
  takeOpen(bytes: Uint8Array, from: number): number {
    let depth = this.#depth
    let quoted = this.#quoted
    let escaped = this.#escaped
    let at = from
    for (; at < bytes.length && (quoted || depth > 0); at++) {
      const byte = bytes[at]
      if (quoted) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) quoted = false
      } else if (byte === QUOTE) {
        quoted = true
      } else if (byte === 0x7b || byte === 0x5b) {
        depth++
      } else if (byte === 0x7d || byte === 0x5d) {
        depth--
      }
    }
    this.#depth = depth
    this.#quoted = quoted
    this.#escaped = escaped
    return at
  }

  /** Goes one byte on. */
  take(byte: number): void {
    if (this.#quoted) {
      if (this.#escaped) this.#escaped = false
      else if (byte === BACKSLASH) this.#escaped = true
      else if (byte === QUOTE) this.#quoted = false
    } else if (byte === QUOTE) {
      this.#quoted = true
    } else if (byte === 0x7b || byte === 0x5b) {
      this.#depth++
    } else if (byte === 0x7d || byte === 0x5d) {
      this.#depth = Math.max(0, this.#depth - 1)
    }
  }
}
