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
const SHORT_TEXT = 64

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
  #bytes: Buffer
  #view: DataView
  /** Where the written part begins; it reaches to the end of the buffer. */
  #start: number
  readonly #remembered = new Map<string, Buffer>()

  /** @param capacity bytes to begin with; the buffer doubles when it is full */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
    this.#view = viewOf(this.#bytes)
    this.#start = capacity
  }

  /** How many bytes are written. */
  get length(): number {
    return this.#bytes.length - this.#start
  }

  /** What was written; the writer is not to be used afterwards. */
  finish(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#start, this.length)
  }

  /** Closes the message that was written since the writer had the length `end`. */
  message(field: number, end: number): void {
    this.#varint(this.length - end)
    this.#tag(field, LENGTH_DELIMITED)
  }

  /** A text; half of a surrogate pair becomes U+FFFD, as in every UTF-8 encoder. */
  text(field: number, text: string): void {
    if (text.length > SHORT_TEXT || !this.#ascii(text)) this.#utf8(text)
    this.#tag(field, LENGTH_DELIMITED)
  }

  /** A text that comes often, such as a key: its bytes are kept. */
  frequentText(field: number, text: string): void {
    let bytes = this.#remembered.get(text)
    if (bytes === undefined) {
      bytes = Buffer.from(text)
      this.#remembered.set(text, bytes)
    }
    this.bytes(field, bytes)
  }

  bytes(field: number, bytes: Uint8Array): void {
    const at = this.#claim(bytes.length)
    this.#bytes.set(bytes, at)
    this.#varint(bytes.length)
    this.#tag(field, LENGTH_DELIMITED)
  }

  /**
   * So many bytes that are given as lower-case hexadecimal digits.
   *
   * @throws {RangeError} where they are not.
   */
  hex(field: number, digits: string, length: number): void {
    const at = this.#claim(length)
    let valid = digits.length === 2 * length
    for (let i = 0; valid && i < length; i++) {
      const high = valueOfDigit(digits.charCodeAt(2 * i))
      const low = valueOfDigit(digits.charCodeAt(2 * i + 1))
      valid = (high | low) >>> 4 === 0
      this.#bytes[at + i] = (high << 4) | low
    }
    if (!valid) {
      throw new RangeError(
        `expected ${2 * length} lower-case hexadecimal digits, got ${JSON.stringify(digits)}`,
      )
    }
    this.#varint(length)
    this.#tag(field, LENGTH_DELIMITED)
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

  double(field: number, value: number): void {
    const at = this.#claim(8)
    this.#view.setFloat64(at, value, true)
    this.#tag(field, FIXED_64)
  }

  /** Whether the text was ASCII, and so is written. */
  #ascii(text: string): boolean {
    const { length } = text
    const at = this.#claim(length)
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) {
        this.#start += length
        return false
      }
      this.#bytes[at + i] = code
    }
    this.#varint(length)
    return true
  }

  #utf8(text: string): void {
    const length = Buffer.byteLength(text)
    const at = this.#claim(length)
    this.#bytes.write(text, at, length, 'utf8')
    this.#varint(length)
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
    let at = this.#claim(varintLength(low, high))
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
    const bytes = Buffer.allocUnsafeSlow(capacity)
    bytes.set(written, capacity - written.length)
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#start = capacity - written.length
  }
}

function varintLength(low: number, high: number): number {
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high)
  return Math.max(1, Math.ceil(bits / 7))
}

/** Of a char code; outside 0 to 15 where it is no lower-case hexadecimal digit. */
function valueOfDigit(digit: number): number {
  return digit <= 0x39 ? digit - 0x30 : digit - 0x57
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
