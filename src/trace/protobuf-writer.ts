/**
 * Writes protobuf from the last field to the first, into one growing buffer.
 *
 * A message stands in protobuf behind its own length. Written backwards, a message is complete when
 * its length is due, so nothing is measured, moved or copied. What is written later comes earlier in
 * the result: a caller writes the fields of a message, and the items of a list, in reverse.
 *
 * It knows no OTLP, and it writes every field it is told to, defaults too.
 */

const VARINT = 0
const FIXED_64 = 1
const LENGTH_DELIMITED = 2

const TWO_32 = 2 ** 32

/** Up to here writing a text char by char is faster than calling the platform. */
const SHORT_TEXT = 24

/** Most bytes of UTF-8 that one UTF-16 code unit takes. */
const MAX_UTF8_BYTES = 3

/** A frame and what stands behind it: the lengths in it have one byte each. */
const MOST_FRAMED = 0x7f + 2

/** The upper five bits of a code unit that is half of a pair. */
const SURROGATES = 0xd800

/** A larger buffer is not kept for the next message. */
const MOST_KEPT_BYTES = 4_194_304

/**
 * A protobuf message that grows towards its beginning.
 *
 * @example
 * const writer = new ProtobufWriter(64)
 * const end = writer.length // the inner message ends here
 * writer.text(1, 'orders')
 * writer.message(9, end) // and here it begins
 * writer.finish() // Uint8Array [74, 8, 10, 6, …]
 */
export class ProtobufWriter {
  /** The platform's own type: its methods and its elements are the quickest. */
  #bytes: Uint8Array
  /** The same memory, for long texts. */
  #buffer: Buffer
  #view: DataView
  /** Where the written part begins; it reaches to the end of the buffer. */
  #start: number
  readonly #capacity: number

  /** @param capacity bytes to begin with; the buffer doubles when it is full */
  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity)
    this.#bytes = bytesOf(this.#buffer)
    this.#view = viewOf(this.#buffer)
    this.#start = capacity
    this.#capacity = capacity
  }

  /** How many bytes are written. */
  get length(): number {
    return this.#bytes.length - this.#start
  }

  /** What was written, in bytes of its own; the writer is empty afterwards, and can be used again. */
  finish(): Uint8Array {
    // Not `slice`, which fills the memory with zeros first.
    const written = bytesOf(Buffer.allocUnsafeSlow(this.length))
    written.set(this.#bytes.subarray(this.#start))
    this.clear()
    return written
  }

  /** Forgets what was written. */
  clear(): void {
    if (this.#bytes.length > MOST_KEPT_BYTES) this.#use(Buffer.allocUnsafeSlow(this.#capacity))
    this.#start = this.#bytes.length
  }

  /**
   * Writes once more what was written before: so many bytes, to where the writer had the length `until`.
   */
  again(until: number, bytes: number): void {
    const at = this.#claim(bytes)
    const from = this.#bytes.length - until
    this.#bytes.copyWithin(at, from, from + bytes)
  }

  /** Closes the message that was written since the writer had the length `end`. */
  message(field: number, end: number): void {
    this.#delimit(field, this.length - end)
  }

  /** A text; half of a surrogate pair becomes U+FFFD, as in every UTF-8 encoder. */
  text(field: number, text: string): void {
    const end = this.length
    this.#utf8(text)
    this.#delimit(field, this.length - end)
  }

  /**
   * A text in a message in a message, behind everything that comes before it there: a frame, whose second
   * byte is the length of the outer message, whose last but two that of the inner one, and whose last that
   * of the text. Gives the bytes of the text; -1 where it is too long for that, and then nothing is
   * written.
   */
  framedText(frame: Uint8Array, text: string): number {
    const most = MOST_FRAMED - frame.length
    if (text.length > most) return -1
    const length = this.#utf8(text)
    if (length > most) {
      this.#start += length
      return -1
    }
    const begin = this.#claim(frame.length)
    const at = begin + frame.length
    const bytes = this.#bytes
    bytes.set(frame, begin)
    bytes[begin + 1] = frame.length + length - 2
    bytes[at - 3] = length + 2
    bytes[at - 1] = length
    return length
  }

  /**
   * An integer from 0 to 2^32 − 1 behind a frame like that of {@link framedText}, without a length of its
   * own: that of the inner message is the last byte but one.
   */
  framedInt(frame: Uint8Array, value: number): void {
    const length = varintLength(value)
    const size = frame.length + length
    if (size > this.#start) this.#grow(size)
    const begin = this.#start - size
    const bytes = this.#bytes
    bytes.set(frame, begin)
    bytes[begin + 1] = size - 2
    bytes[this.#start - length - 2] = length + 1
    this.#start = begin
    this.varintOver(this.length - frame.length, value)
  }

  /**
   * A text over as many bytes that were written before, from where the writer had this length on. Says
   * whether it was ASCII; else these bytes are not what they were.
   */
  textOver(length: number, text: string): boolean {
    if (text.length > SHORT_TEXT) {
      const { from, written } = this.#ahead(text)
      const at = this.#bytes.length - length
      if (written === text.length) this.#bytes.copyWithin(at, from, from + written)
      return written === text.length
    }
    const bytes = this.#bytes
    const at = bytes.length - length
    let codes = 0
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      bytes[at + i] = code
      codes |= code
    }
    return codes <= 0x7f
  }

  /** An integer from 0 to 2^32 − 1 over as many bytes, like {@link textOver}. */
  varintOver(length: number, value: number): void {
    const bytes = this.#bytes
    let at = bytes.length - length
    let left = value
    while (left > 0x7f) {
      bytes[at++] = (left & 0x7f) | 0x80
      left >>>= 7
    }
    bytes[at] = left
  }

  /** Takes back what was written since the writer had this length. */
  backTo(length: number): void {
    this.#start = this.#bytes.length - length
  }

  /** Fields that were written before, as their bytes. */
  block(bytes: Uint8Array): void {
    const at = this.#claim(bytes.length)
    this.#bytes.set(bytes, at)
  }

  bytes(field: number, bytes: Uint8Array): void {
    const at = this.#claim(bytes.length)
    this.#bytes.set(bytes, at)
    this.#delimit(field, bytes.length)
  }

  /**
   * So many bytes that are given as lower-case hexadecimal digits.
   *
   * @throws {RangeError} where they are not.
   */
  hex(field: number, digits: string, length: number): void {
    this.#claim(length)
    this.hexOver(0, digits, length)
    this.#delimit(field, length)
  }

  /** The bytes of {@link hex} over what is written already, so many bytes from its beginning. */
  hexOver(place: number, digits: string, length: number): void {
    const at = this.#start + place
    const bytes = this.#bytes
    let isRight = digits.length === 2 * length
    for (let i = 0; i < length; i++) {
      const high = VALUES[digits.charCodeAt(2 * i)] ?? NO_DIGIT
      const low = VALUES[digits.charCodeAt(2 * i + 1)] ?? NO_DIGIT
      const byte = (high << 4) | low
      if (byte > 0xff) isRight = false
      bytes[at + i] = byte
    }
    if (!isRight) {
      throw new RangeError(
        `expected ${2 * length} lower-case hexadecimal digits, got ${JSON.stringify(digits)}`,
      )
    }
  }

  /** A copy of what was written since the writer had the length `end`. */
  since(end: number): Uint8Array {
    return this.#bytes.slice(this.#start, this.#bytes.length - end)
  }

  /**
   * A signed integer of 64 bits: a safe `number`, or a `bigint` that the caller knows to fit. An
   * enum's number and a bool (0 or 1) are written alike.
   */
  int64(field: number, value: number | bigint): void {
    if (typeof value === 'bigint') {
      this.#varint64(Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)))
    } else if (value >= 0 && value < TWO_32) {
      this.#varint(value)
    } else {
      this.#varint64(value >>> 0, Math.floor(value / TWO_32) >>> 0)
    }
    this.#tag(field, VARINT)
  }

  /** An unsigned integer of 64 bits that the caller knows to fit. */
  fixed64(field: number, value: bigint): void {
    const at = this.#claim(8)
    this.#view.setBigUint64(at, value, true)
    this.#tag(field, FIXED_64)
  }

  /** The bytes of {@link fixed64} over what is written already, so many bytes from its beginning. */
  fixed64Over(place: number, value: bigint): void {
    this.#view.setBigUint64(this.#start + place, value, true)
  }

  double(field: number, value: number): void {
    const at = this.#claim(8)
    this.#view.setFloat64(at, value, true)
    this.#tag(field, FIXED_64)
  }

  /** Any text; says how many bytes it took. */
  #utf8(text: string): number {
    return (text.length > SHORT_TEXT ? undefined : this.#shortUtf8(text)) ?? this.#longUtf8(text)
  }

  /** `undefined` for a text with a surrogate, of which nothing is written. */
  #shortUtf8(text: string): number | undefined {
    const room = MAX_UTF8_BYTES * SHORT_TEXT
    if (room > this.#start) this.#grow(room)
    const bytes = this.#bytes
    let at = this.#start
    for (let i = text.length - 1; i >= 0; i--) {
      const code = text.charCodeAt(i)
      if (code < 0x80) {
        bytes[--at] = code
        continue
      }
      if ((code & 0xf800) === SURROGATES) return undefined
      bytes[--at] = 0x80 | (code & 0x3f)
      if (code < 0x800) {
        bytes[--at] = 0xc0 | (code >> 6)
      } else {
        bytes[--at] = 0x80 | ((code >> 6) & 0x3f)
        bytes[--at] = 0xe0 | (code >> 12)
      }
    }
    const length = this.#start - at
    this.#start = at
    return length
  }

  #longUtf8(text: string): number {
    const { from, written } = this.#ahead(text)
    this.#start -= written
    this.#bytes.copyWithin(this.#start, from, from + written)
    return written
  }

  /**
   * Writes a text into the free room ahead of what is written, from where it is to be moved: the platform
   * writes forwards, and quickest where the longest text would fit.
   */
  #ahead(text: string): { from: number; written: number } {
    const room = MAX_UTF8_BYTES * text.length
    if (room > this.#start) this.#grow(room)
    const from = this.#start - room
    return { from, written: this.#buffer.write(text, from, room, 'utf8') }
  }

  /** The length of what was written, and the tag of its field. */
  #delimit(field: number, length: number): void {
    if (length < 0x80 && field < 16) {
      const at = this.#claim(2)
      const bytes = this.#bytes
      bytes[at] = (field << 3) | LENGTH_DELIMITED
      bytes[at + 1] = length
    } else {
      this.#varint(length)
      this.#tag(field, LENGTH_DELIMITED)
    }
  }

  #tag(field: number, wireType: number): void {
    this.#varint((field << 3) | wireType)
  }

  #varint(value: number): void {
    if (value < 0x80) {
      const at = this.#claim(1)
      this.#bytes[at] = value
    } else if (value < 0x4000) {
      const at = this.#claim(2)
      this.#bytes[at] = (value & 0x7f) | 0x80
      this.#bytes[at + 1] = value >>> 7
    } else {
      this.#varint64(value, 0)
    }
  }

  #varint64(low: number, high: number): void {
    let at = this.#claim(high === 0 ? varintLength(low) : Math.ceil((64 - Math.clz32(high)) / 7))
    let lowLeft = low
    let highLeft = high
    while (highLeft > 0 || lowLeft > 0x7f) {
      this.#bytes[at++] = (lowLeft & 0x7f) | 0x80
      lowLeft = ((lowLeft >>> 7) | (highLeft << 25)) >>> 0
      highLeft >>>= 7
    }
    this.#bytes[at] = lowLeft
  }

  /** Makes room in front of what is written, and says where that room begins. */
  #claim(length: number): number {
    if (length > this.#start) this.#grow(length)
    this.#start -= length
    return this.#start
  }

  #grow(length: number): void {
    const written = this.#bytes.subarray(this.#start)
    const capacity = Math.max(2 * this.#bytes.length, written.length + length)
    this.#use(Buffer.allocUnsafeSlow(capacity))
    this.#start = capacity - written.length
    this.#bytes.set(written, this.#start)
  }

  #use(buffer: Buffer): void {
    this.#buffer = buffer
    this.#bytes = bytesOf(buffer)
    this.#view = viewOf(buffer)
  }
}

/**
 * How many bytes an integer from 0 to 2^32 − 1 takes.
 *
 * @example
 * varintLength(300) // 2
 */
export function varintLength(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}

/** More than a byte holds. */
const NO_DIGIT = 0x100

/** The values of lower-case hexadecimal digits, by their char codes. */
const VALUES = Uint16Array.from({ length: 0x80 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code))
  return value < 0 ? NO_DIGIT : value
})

function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
