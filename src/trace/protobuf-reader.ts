/**
 * Reads protobuf, field by field, never beyond the message that it is in.
 *
 * It knows no OTLP. Whatever is no protobuf ends in an `INVALID_TRACE` that names the byte.
 */
import { RivetOtelError } from '../problem.js'

const VARINT = 0
const FIXED_64 = 1
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

const WIRE_TYPES = [
  'a varint',
  '8 bytes',
  'a length-delimited field',
  'a group',
  'the end of a group',
  '4 bytes',
]

const TWO_32 = 2 ** 32
const REPLACEMENT = '\uFFFD'
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A cursor over one protobuf message.
 *
 * Each method that reads a value is to be called after {@link next} said that there is a field, and
 * throws where the field is of another wire type than the method's. `what` names the field in messages.
 *
 * @throws {RivetOtelError} `INVALID_TRACE`, all methods, with the offset of the byte that is wrong.
 * @example
 * const reader = new ProtobufReader(bytes)
 * while (reader.next()) {
 *   if (reader.field === 1) name = reader.text('name')
 *   else reader.skip()
 * }
 */
export class ProtobufReader {
  readonly #bytes: Buffer
  readonly #view: DataView
  #at = 0
  /** Where the message ends that is being read. */
  #end: number
  #field = 0
  #wireType = 0
  /** Where the field began that is being read. */
  #fieldAt = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = bytes.byteLength
  }

  /** The number of the field that {@link next} found. */
  get field(): number {
    return this.#field
  }

  /** Goes to the next field of the message; says whether there is one. */
  next(): boolean {
    if (this.#at === this.#end) return false
    this.#fieldAt = this.#at
    const tag = this.#varint32('the number of a field')
    this.#field = tag >>> 3
    this.#wireType = tag & 7
    if (this.#field === 0) this.#fail(this.#fieldAt, 'a field has the number 0')
    return true
  }

  /** Passes over a field, whatever it holds. */
  skip(): void {
    switch (this.#wireType) {
      case VARINT:
        this.#varint64()
        break
      case FIXED_64:
        this.#take(8)
        break
      case LENGTH_DELIMITED:
        this.#take(this.#varint32('a length'))
        break
      case FIXED_32:
        this.#take(4)
        break
      default:
        this.#fail(
          this.#fieldAt,
          `field ${this.#field} is ${this.#wireTypeName()}, which OTLP does not have`,
        )
    }
  }

  /** Reads a message with a function that goes through its fields to the end. */
  message<Result>(what: string, read: (reader: ProtobufReader) => Result): Result {
    const outerEnd = this.#end
    const begin = this.#lengthDelimited(what)
    const end = this.#at
    this.#at = begin
    this.#end = end
    const result = read(this)
    this.#at = end
    this.#end = outerEnd
    return result
  }

  text(what: string): string {
    const begin = this.#lengthDelimited(what)
    const text = this.#bytes.toString('utf8', begin, this.#at)
    return text.includes(REPLACEMENT) ? this.#strictText(what, begin) : text
  }

  /** A copy of the bytes. */
  bytes(what: string): Uint8Array {
    const begin = this.#lengthDelimited(what)
    return new Uint8Array(this.#bytes.subarray(begin, this.#at))
  }

  /** Bytes as lower-case hexadecimal digits. */
  hex(what: string): string {
    const begin = this.#lengthDelimited(what)
    return this.#bytes.toString('hex', begin, this.#at)
  }

  bool(what: string): boolean {
    this.#expect(VARINT, what)
    const { low, high } = this.#varint64()
    return low !== 0 || high !== 0
  }

  /** An enum's number: a signed integer of 32 bits; more than that is cut, as protobuf says. */
  enum(what: string): number {
    this.#expect(VARINT, what)
    return this.#varint64().low | 0
  }

  /** A signed integer of 64 bits. */
  int64(what: string): number | bigint {
    this.#expect(VARINT, what)
    const { low, high } = this.#varint64()
    const number = (high | 0) * TWO_32 + low
    if (Number.isSafeInteger(number)) return number
    return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low))
  }

  /** An unsigned integer of 32 bits; more than that is cut, as protobuf says. */
  uint32(what: string): number {
    this.#expect(VARINT, what)
    return this.#varint64().low
  }

  /** An unsigned integer of 32 bits, from 4 bytes. */
  fixed32(what: string): number {
    this.#expect(FIXED_32, what)
    return this.#view.getUint32(this.#take(4), true)
  }

  /** An unsigned integer of 64 bits, from 8 bytes. */
  fixed64(what: string): bigint {
    this.#expect(FIXED_64, what)
    return this.#view.getBigUint64(this.#take(8), true)
  }

  double(what: string): number {
    this.#expect(FIXED_64, what)
    return this.#view.getFloat64(this.#take(8), true)
  }

  #expect(wireType: number, what: string): void {
    if (this.#wireType === wireType) return
    this.#fail(
      this.#fieldAt,
      `${what}: expected ${WIRE_TYPES[wireType]}, got ${this.#wireTypeName()}`,
    )
  }

  /** Passes over the contents of the field, and says where they begin. */
  #lengthDelimited(what: string): number {
    this.#expect(LENGTH_DELIMITED, what)
    return this.#take(this.#varint32(what))
  }

  #strictText(what: string, begin: number): string {
    try {
      return strictUtf8.decode(this.#bytes.subarray(begin, this.#at))
    } catch {
      return this.#fail(begin, `${what}: expected UTF-8, got other bytes`)
    }
  }

  /** Passes over so many bytes, and says where they begin. */
  #take(length: number): number {
    const begin = this.#at
    if (length > this.#end - begin) {
      this.#fail(
        begin,
        `field ${this.#field} needs ${length} bytes, but its message has only ${this.#end - begin} left`,
      )
    }
    this.#at = begin + length
    return begin
  }

  /** A tag or a length: neither can be more than 32 bits. */
  #varint32(what: string): number {
    const begin = this.#at
    const { low, high } = this.#varint64()
    if (high !== 0) this.#fail(begin, `${what}: expected at most 32 bits, got more`)
    return low
  }

  /** Both halves are unsigned. */
  #varint64(): { low: number; high: number } {
    const begin = this.#at
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at === this.#end) this.#fail(begin, 'an integer goes on past its message')
      const byte = this.#bytes[this.#at++] as number
      const bits = byte & 0x7f
      if (shift === 63 && byte > 1) this.#fail(begin, 'an integer is longer than 64 bits')
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) return { low: low >>> 0, high: high >>> 0 }
    }
    return this.#fail(begin, 'an integer is longer than 64 bits')
  }

  #wireTypeName(): string {
    return WIRE_TYPES[this.#wireType] ?? `the unknown wire type ${this.#wireType}`
  }

  #fail(at: number, problem: string): never {
    throw new RivetOtelError('INVALID_TRACE', `not OTLP in protobuf, byte ${at}: ${problem}`)
  }
}
