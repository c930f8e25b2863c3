/**
 * Writes JSON text as bytes into one growing buffer.
 *
 * Joining millions of small strings costs more than writing their characters. It knows no OTLP and
 * does not check that what it is told to write is JSON.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c
const ZERO = 0x30

/** Most bytes of UTF-8 that one UTF-16 code unit takes. */
const MAX_UTF8_BYTES = 3

/** Up to here writing a text char by char is faster than calling the platform. */
const SHORT_TEXT = 64

/** What a text cannot have that stands for itself. */
const NOT_PLAIN = /[^ !#-[\]-~]/

/** Up to so many pieces are kept; what has more of them has none that come often. */
const MOST_KEPT = 1000

/** A larger buffer is not kept for the next text. */
const MOST_KEPT_BYTES = 8_388_608

const TEN_9 = 1_000_000_000
const TWO_16 = 2 ** 16

/** For the halves of a bigint. */
const halves = new DataView(new ArrayBuffer(8))

/** JSON that follows from a text, such as the beginning of a member from its name. */
export type Derivation = (text: string) => string

/**
 * JSON text that grows at its end.
 *
 * @example
 * const writer = new JsonTextWriter(64)
 * writer.constant('{"name":')
 * writer.text('orders')
 * writer.ascii('}')
 * Buffer.from(writer.finish()).toString() // '{"name":"orders"}'
 */
export class JsonTextWriter {
  /** The platform's own type: its methods and its elements are the quickest. */
  #bytes: Uint8Array
  /** The same memory, for long texts. */
  #buffer: Buffer
  #length = 0
  readonly #capacity: number
  readonly #constants = new Map<string, Uint8Array>()
  readonly #derived = new Map<Derivation, Map<string, Uint8Array>>()
  readonly #repeated = new Map<Derivation, { readonly text: string; readonly bytes: Uint8Array }>()

  /** @param capacity bytes to begin with; the buffer doubles when it is full */
  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity)
    this.#bytes = bytesOf(this.#buffer)
    this.#capacity = capacity
  }

  /** How many bytes are written. */
  get length(): number {
    return this.#length
  }

  /** What was written, in bytes of its own; the writer is empty afterwards, and can be used again. */
  finish(): Uint8Array {
    const written = this.#bytes.slice(0, this.#length)
    this.clear()
    return written
  }

  /** Like {@link finish}, as a string. */
  finishText(): string {
    const written = this.#buffer.toString('utf8', 0, this.#length)
    this.clear()
    return written
  }

  /** Forgets what was written. */
  clear(): void {
    if (this.#bytes.length > MOST_KEPT_BYTES) this.#use(Buffer.allocUnsafeSlow(this.#capacity))
    this.#length = 0
  }

  /** JSON that is ASCII, as it is: digits, an id, a comma. */
  ascii(json: string): void {
    const { length } = json
    const at = this.#claim(length)
    const bytes = this.#bytes
    for (let i = 0; i < length; i++) bytes[at + i] = json.charCodeAt(i)
  }

  /** A piece of JSON that comes often, such as the name of a member: its bytes are kept. */
  constant(json: string): void {
    this.#write(this.#constants.get(json) ?? keep(this.#constants, json, json))
  }

  /** JSON that follows from a text that comes often, such as a key: its bytes are kept. */
  derived(text: string, toJson: Derivation): void {
    let known = this.#derived.get(toJson)
    if (known === undefined) {
      known = new Map()
      this.#derived.set(toJson, known)
    }
    this.#write(known.get(text) ?? keep(known, text, toJson(text)))
  }

  /** JSON that follows from a text that is mostly the same as the last one: its bytes are kept. */
  repeated(text: string, toJson: Derivation): void {
    let last = this.#repeated.get(toJson)
    if (last === undefined || last.text !== text) {
      last = { text, bytes: utf8(toJson(text)) }
      this.#repeated.set(toJson, last)
    }
    this.#write(last.bytes)
  }

  /** Writes once more what was written before: so many bytes from that place on. */
  again(from: number, bytes: number): void {
    const at = this.#claim(bytes)
    this.#bytes.copyWithin(at, from, from + bytes)
  }

  /** Writes over one byte that was written before. */
  put(at: number, ascii: number): void {
    this.#bytes[at] = ascii
  }

  /** A text in quotes; half of a surrogate pair becomes U+FFFD, as in every UTF-8 encoder. */
  text(text: string): void {
    if (!(text.length > SHORT_TEXT ? this.#longPlain(text) : this.#plain(text))) this.#escaped(text)
  }

  /** An integer in decimal. */
  integer(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value < TEN_9) this.#digits(value, 1)
    else this.ascii(String(value))
  }

  /** An unsigned integer of 64 bits, that the caller knows to fit, in decimal. */
  uint64(value: bigint): void {
    // Divided in two steps of 16 bits, so that every number is exact.
    halves.setBigUint64(0, value)
    const low = halves.getUint32(4)
    const upper = halves.getUint32(0) * TWO_16 + (low >>> 16)
    const upperQuotient = Math.floor(upper / TEN_9)
    const lower = (upper - upperQuotient * TEN_9) * TWO_16 + (low & 0xffff)
    const lowerQuotient = Math.floor(lower / TEN_9)
    const quotient = upperQuotient * TWO_16 + lowerQuotient
    const rest = lower - lowerQuotient * TEN_9
    if (quotient === 0) {
      this.#digits(rest, 1)
    } else if (quotient < TEN_9) {
      this.#digits(quotient, 1)
      this.#digits(rest, 9)
    } else {
      this.#digits(Math.floor(quotient / 10), 1)
      this.#digits(quotient % 10, 1)
      this.#digits(rest, 9)
    }
  }

  /** A number below 2^32 in at least so many digits. */
  #digits(value: number, least: number): void {
    let length = least
    for (let limit = 10 ** least; limit <= value; limit *= 10) length++
    const at = this.#claim(length)
    const bytes = this.#bytes
    let left = value
    for (let i = length - 1; i >= 0; i--) {
      const quotient = Math.floor(left / 10)
      bytes[at + i] = ZERO + left - 10 * quotient
      left = quotient
    }
  }

  #write(bytes: Uint8Array): void {
    const at = this.#claim(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** Whether the text stood for itself, and so is written. */
  #plain(text: string): boolean {
    const { length } = text
    const begin = this.#claim(length + 2)
    const bytes = this.#bytes
    let at = begin
    bytes[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.#length = begin
        return false
      }
      bytes[at++] = code
    }
    bytes[at] = QUOTE
    return true
  }

  /** Like {@link JsonTextWriter.#plain}. */
  #longPlain(text: string): boolean {
    if (NOT_PLAIN.test(text)) return false
    const { length } = text
    const at = this.#claim(length + 2)
    this.#bytes[at] = QUOTE
    this.#buffer.write(text, at + 1, length, 'latin1')
    this.#bytes[at + 1 + length] = QUOTE
    return true
  }

  #escaped(text: string): void {
    const json = quoted(text)
    const at = this.#claim(MAX_UTF8_BYTES * json.length)
    this.#length = at + this.#buffer.write(json, at, 'utf8')
  }

  /** Makes room behind what is written, and says where that room begins. */
  #claim(length: number): number {
    const at = this.#length
    if (at + length > this.#bytes.length) this.#grow(length)
    this.#length = at + length
    return at
  }

  #grow(length: number): void {
    const written = this.#bytes.subarray(0, this.#length)
    this.#use(Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#length + length)))
    this.#bytes.set(written)
  }

  #use(buffer: Buffer): void {
    this.#buffer = buffer
    this.#bytes = bytesOf(buffer)
  }
}

/** The bytes of a piece, kept where there are not too many. */
function keep(known: Map<string, Uint8Array>, text: string, json: string): Uint8Array {
  const bytes = utf8(json)
  if (known.size < MOST_KEPT && text.length <= SHORT_TEXT) known.set(text, bytes)
  return bytes
}

function utf8(text: string): Uint8Array {
  return bytesOf(Buffer.from(text))
}

function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
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
