/**
 * A request in protobuf as OTLP/JSON, with every field that OTLP has. Unknown fields are passed over.
 */
import type { JsonValue } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { jsonDouble } from './json-double.js'
import { MAX_VALUE_DEPTH, TOO_DEEP } from './otlp-limits.js'
import {
  type OtlpField,
  type OtlpFieldKind,
  type OtlpMessage,
  RequestMessage,
} from './otlp-messages.js'
import type { Problems } from './problem-list.js'
import { ProtobufReader } from './protobuf-reader.js'
import { FirstProblem, LeftOut, type SentSpans } from './sent-spans.js'
import { isZeroId, SPAN_ID_BYTES, TRACE_ID_BYTES } from './span-id.js'

/** A message of two bytes takes a hundred in memory: this many make 200 MB. */
const MOST_MESSAGES = 2_000_000

type Message = Record<string, JsonValue>

/**
 * Reads an `ExportTraceServiceRequest`.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where the bytes are no OTLP, with the offset of the byte.
 * @example
 * readSentProtobuf(body).request // { resourceSpans: [{ resource: { attributes: […] }, … }] }
 */
export function readSentProtobuf(bytes: Uint8Array): SentSpans {
  const leftOut = new LeftOut()
  const reading = new Reading(new ProtobufReader(bytes), leftOut)
  const request = reading.message(RequestMessage, {}, '', new FirstProblem(), MAX_VALUE_DEPTH)
  return { request, rejected: leftOut.rejected, problem: leftOut.problem }
}

class Reading {
  readonly #reader: ProtobufReader
  readonly #leftOut: LeftOut
  #messages = 0

  constructor(reader: ProtobufReader, leftOut: LeftOut) {
    this.#reader = reader
    this.#leftOut = leftOut
  }

  /** Reads into `object`, which holds what came of the message before: protobuf joins such parts. */
  message(
    { byNumber, isChoice }: OtlpMessage,
    object: Message,
    place: string,
    problems: FirstProblem,
    levels: number,
  ): Message {
    this.#count()
    let units = 0
    while (this.#reader.next()) {
      const field = byNumber.get(this.#reader.field)
      if (field === undefined) {
        this.#reader.skip()
        continue
      }
      const number = isUnitField(field) ? units++ : 0
      const value = this.#value(field, object[field.name], place, number, problems, levels)
      if (value !== undefined) set(object, field, value, isChoice)
    }
    return object
  }

  #value(
    { name, kind, isList }: OtlpField,
    before: JsonValue | undefined,
    place: string,
    number: number,
    problems: FirstProblem,
    levels: number,
  ): JsonValue | undefined {
    if (typeof kind === 'string') return readScalar(this.#reader, kind, name, problems)
    const inner = typeof kind === 'function' ? kind() : kind
    if (inner.isLevel && levels === 0) {
      this.#reader.skip()
      problems.push(TOO_DEEP)
      return undefined
    }
    const into = isList || before === undefined ? {} : (before as Message)
    const left = inner.isLevel ? levels - 1 : levels
    if (!inner.isUnit) {
      return this.#reader.message(name, () => this.message(inner, into, place, problems, left))
    }
    const inside = `${place === '' ? '' : `${place}.`}${name}[${number}]`
    const own = new FirstProblem()
    const unit = this.#reader.message(name, () => this.message(inner, into, inside, own, left))
    return this.#leftOut.keeps(unit, inside, own) ? unit : undefined
  }

  #count(): void {
    if (++this.#messages <= MOST_MESSAGES) return
    throw new RivetOtelError(
      'INVALID_TRACE',
      `expected at most ${MOST_MESSAGES} spans, attributes and values in one request, got more`,
    )
  }
}

function isUnitField({ kind }: OtlpField): boolean {
  return typeof kind === 'object' && kind.isUnit
}

function set(object: Message, { name, isList }: OtlpField, value: JsonValue, isChoice: boolean) {
  if (isList) {
    const list = object[name] as JsonValue[] | undefined
    if (list === undefined) object[name] = [value]
    else list.push(value)
    return
  }
  // Of a choice that comes twice the last counts.
  if (isChoice) for (const other of Object.keys(object)) if (other !== name) delete object[other]
  object[name] = value
}

function readScalar(
  reader: ProtobufReader,
  kind: OtlpFieldKind,
  name: string,
  problems: Problems,
): JsonValue | undefined {
  switch (kind) {
    case 'text':
      return reader.text(name)
    case 'bool':
      return reader.bool(name)
    case 'int64':
      return String(reader.int64(name))
    case 'double':
      return jsonDouble(reader.double(name))
    case 'bytes':
      return Buffer.from(reader.bytes(name)).toString('base64')
    case 'nanos':
      return String(reader.fixed64(name))
    case 'uint32':
      return reader.uint32(name)
    case 'fixed32':
      return reader.fixed32(name)
    case 'trace id':
      return idOf(reader.hex(name), TRACE_ID_BYTES, name, problems)
    case 'span id':
      return idOf(reader.hex(name), SPAN_ID_BYTES, name, problems)
    case 'span kind':
    case 'status code':
      return reader.enum(name)
  }
}

/** None, where it says nothing: it is then for the span or link to decide. */
function idOf(hex: string, bytes: number, name: string, problems: Problems): string | undefined {
  if (isZeroId(hex)) return undefined
  if (hex.length === 2 * bytes) return hex
  problems.push(`${name}: expected ${bytes} bytes, got ${hex.length / 2}`)
  return undefined
}
