/**
 * Writes JSON text as bytes into one growing buffer.
 *
 * Joining millions of small strings costs more than writing their characters. It knows no OTLP and
 * does not check that what it is told to write is JSON.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c
const ZERO = 0x30
const NINE = 0x39
const LOWER_A = 0x61
const LOWER_F = 0x66
const CLOSING_BRACE = 0x7d

/** Most bytes of UTF-8 that one UTF-16 code unit takes. */
const MAX_UTF8_BYTES = 3

/** Up to here writing a text char by char is faster than calling the platform. */
const SHORT_TEXT = 64

/** The upper five bits of a code unit that is half of a pair. */
const SURROGATES = 0xd800

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
    // Not `slice`, which fills the memory with zeros first.
    const written = bytesOf(Buffer.allocUnsafeSlow(this.#length))
    written.set(this.#bytes.subarray(0, this.#length))
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

  /** So many lower-case hexadecimal digits, as they are; says whether they were that, and so are written. */
  hex(digits: string, length: number): boolean {
    if (digits.length !== length) return false
    const begin = this.#claim(length)
    const bytes = this.#bytes
    for (let i = 0; i < length; i++) {
      const code = digits.charCodeAt(i)
      if (code < ZERO || code > LOWER_F || (code > NINE && code < LOWER_A)) {
        this.#length = begin
        return false
      }
      bytes[begin + i] = code
    }
    return true
  }

  /** A piece of JSON that comes often, such as the name of a member: its bytes are kept. */
  constant(json: string): void {
    this.block(this.#constants.get(json) ?? keep(this.#constants, json, json))
  }

  /** JSON as its bytes. */
  block(json: Uint8Array): void {
    const at = this.#claim(json.length)
    this.#bytes.set(json, at)
  }

  /** Writes once more what was written before: so many bytes from that place on. */
  again(from: number, bytes: number): void {
    const at = this.#claim(bytes)
    this.#bytes.copyWithin(at, from, from + bytes)
  }

  /** Like {@link text}, with JSON before it and the end of so many objects behind it. */
  textIn(before: Uint8Array, text: string, closed: number): boolean {
    this.block(before)
    const isPlain = this.text(text)
    this.#close(closed)
    return isPlain
  }

  /** Like {@link textIn}, of digits: the quote before them is the last of `before`. */
  integerIn(before: Uint8Array, value: number | bigint, closed: number): void {
    this.block(before)
    this.integer(value)
    this.put(this.#claim(1), QUOTE)
    this.#close(closed)
  }

  #close(objects: number): void {
    const at = this.#claim(objects)
    const bytes = this.#bytes
    for (let i = 0; i < objects; i++) bytes[at + i] = CLOSING_BRACE
  }

  /** Writes over one byte that was written before. */
  put(at: number, ascii: number): void {
    this.#bytes[at] = ascii
  }

  /**
   * The chars of a text over as many that were written before, from that place on. Says whether it stands for
   * itself; else these bytes are not what they were.
   */
  textOver(at: number, text: string): boolean {
    const bytes = this.#bytes
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (!isPlainCode(code)) return false
      bytes[at + i] = code
    }
    return true
  }

  /** The digits of an integer over as many, like {@link textOver}, up to that place. */
  digitsOver(end: number, value: number): void {
    const bytes = this.#bytes
    let at = end
    let left = value
    do {
      const quotient = (left / 10) | 0
      bytes[--at] = ZERO + left - 10 * quotient
      left = quotient
    } while (left > 0)
  }

  /** Takes back what was written since the writer had this length. */
  backTo(length: number): void {
    this.#length = length
  }

  /**
   * A text in quotes; half of a surrogate pair becomes U+FFFD, as in every UTF-8 encoder. Says whether it is
   * short, ASCII and stands for itself, so that {@link textOver} can write another over it.
   */
  text(text: string): boolean {
    if (text.length > SHORT_TEXT) {
      if (!this.#longPlain(text)) this.#escaped(text)
      return false
    }
    const bytes = this.#unescaped(text)
    if (bytes < 0) this.#escaped(text)
    return bytes === text.length
  }

  /** An integer in decimal. */
  integer(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value < TEN_9)
      this.#digits(value, digitCount(value))
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
      this.#digits(rest, digitCount(rest))
    } else if (quotient < TEN_9) {
      this.#digits(quotient, digitCount(quotient))
      this.#digits(rest, 9)
    } else {
      const upperDigits = Math.floor(quotient / 10)
      this.#digits(upperDigits, digitCount(upperDigits))
      this.#digits(quotient % 10, 1)
      this.#digits(rest, 9)
    }
  }

  /** A number below 10^9 in so many digits. */
  #digits(value: number, length: number): void {
    const at = this.#claim(length)
    const bytes = this.#bytes
    let left = value
    for (let i = at + length - 1; i >= at; i--) {
      const quotient = (left / 10) | 0
      bytes[i] = ZERO + left - 10 * quotient
      left = quotient
    }
  }

  /** A text in quotes of which each char stands for itself, and its bytes; -1 where one does not. */
  #unescaped(text: string): number {
    const { length } = text
    const begin = this.#claim(MAX_UTF8_BYTES * length + 2)
    const bytes = this.#bytes
    let at = begin
    bytes[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (isPlainCode(code)) {
        bytes[at++] = code
      } else if (code < 0x80 || (code & 0xf800) === SURROGATES) {
        this.#length = begin
        return -1
      } else {
        if (code < 0x800) {
          bytes[at++] = 0xc0 | (code >> 6)
        } else {
          bytes[at++] = 0xe0 | (code >> 12)
          bytes[at++] = 0x80 | ((code >> 6) & 0x3f)
        }
        bytes[at++] = 0x80 | (code & 0x3f)
      }
    }
    bytes[at++] = QUOTE
    this.#length = at
    return at - begin - 2
  }

  /** Whether a text is ASCII and each char of it stands for itself, and so is written, in quotes. */
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

/** Whether a char stands for itself in JSON, and is ASCII. */
function isPlainCode(code: number): boolean {
  return code >= 0x20 && code <= 0x7e && code !== QUOTE && code !== BACKSLASH
}

/**
 * How many digits an integer has over which {@link JsonTextWriter.digitsOver} can write another; 0 for any other
 * number.
 *
 * @example
 * plainDigits(100) // 3
 */
export function plainDigits(value: number): number {
  if (value >>> 0 !== value || value >= TEN_9 || Object.is(value, -0)) return 0
  return digitCount(value)
}

/** How many digits a number below 2^31 has. */
function digitCount(value: number): number {
  let count = 1
  for (let limit = 10; limit <= value; limit *= 10) count++
  return count
}

/** The bytes of a piece, kept where there are not too many. */
function keep(known: Map<string, Uint8Array>, text: string, json: string): Uint8Array {
  const bytes = jsonBytes(json)
  if (known.size < MOST_KEPT && text.length <= SHORT_TEXT) known.set(text, bytes)
  return bytes
}

/**
 * JSON as bytes of UTF-8, for {@link JsonTextWriter.block}.
 *
 * @example
 * writer.block(jsonBytes('{"name":'))
 */
export function jsonBytes(json: string): Uint8Array {
  return new Uint8Array(Buffer.from(json))
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
