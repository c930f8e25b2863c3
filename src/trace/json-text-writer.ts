/**
 * Writes JSON text as bytes into one growing buffer, and gives it back as a string.
 *
 * Joining millions of small strings costs more than writing their characters. It knows no OTLP and
 * does not check that what it is told to write is JSON.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Most bytes of UTF-8 that one UTF-16 code unit takes. */
const MAX_UTF8_BYTES = 3

/**
 * JSON text that grows at its end.
 *
 * @example
 * const writer = new JsonTextWriter(64)
 * writer.constant('{"name":')
 * writer.text('orders')
 * writer.ascii('}')
 * writer.finish() // '{"name":"orders"}'
 */
export class JsonTextWriter {
  #bytes: Buffer
  #length = 0
  readonly #constants = new Map<string, Buffer>()
  readonly #derived = new Map<string, Buffer>()

  /** @param capacity bytes to begin with; the buffer doubles when it is full */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
  }

  /** What was written. */
  finish(): string {
    return this.#bytes.toString('utf8', 0, this.#length)
  }

  /** JSON that is ASCII, as it is: digits, an id, a comma. */
  ascii(json: string): void {
    const { length } = json
    const at = this.#claim(length)
    for (let i = 0; i < length; i++) this.#bytes[at + i] = json.charCodeAt(i)
  }

  /** A piece of JSON that comes often, such as the name of a member: its bytes are kept. */
  constant(json: string): void {
    this.#kept(this.#constants, json, same)
  }

  /** JSON that follows from a text that comes often, such as a key: its bytes are kept. */
  derived(text: string, toJson: (text: string) => string): void {
    this.#kept(this.#derived, text, toJson)
  }

  /** A text in quotes; half of a surrogate pair becomes U+FFFD, as in every UTF-8 encoder. */
  text(text: string): void {
    if (!this.#plain(text)) this.#escaped(text)
  }

  #kept(known: Map<string, Buffer>, text: string, toJson: (text: string) => string): void {
    let bytes = known.get(text)
    if (bytes === undefined) {
      bytes = Buffer.from(toJson(text))
      known.set(text, bytes)
    }
    const at = this.#claim(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** Whether the text stood for itself, and so is written. */
  #plain(text: string): boolean {
    const { length } = text
    const begin = this.#claim(length + 2)
    let at = begin
    this.#bytes[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.#length = begin
        return false
      }
      this.#bytes[at++] = code
    }
    this.#bytes[at] = QUOTE
    return true
  }

  #escaped(text: string): void {
    const json = quoted(text)
    const at = this.#claim(MAX_UTF8_BYTES * json.length)
    this.#length = at + this.#bytes.write(json, at, 'utf8')
  }

  /** Makes room behind what is written, and says where that room begins. */
  #claim(length: number): number {
    const at = this.#length
    if (at + length > this.#bytes.length) this.#grow(length)
    this.#length = at + length
    return at
  }

  #grow(length: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#length + length))
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
  }
}

function same(json: string): string {
  return json
}

/**
 * A text as JSON, with half of a surrogate pair as U+FFFD.
 *
 * @example
 * quoted('a "name"') // '"a \\"name\\""'
 */
export function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed())
}
