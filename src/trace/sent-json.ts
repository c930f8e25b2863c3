/**
 * A request in OTLP/JSON as it goes into a file: every field that OTLP has, in one spelling.
 *
 * By proto3's JSON rules: integers as numbers or texts, enums by number or name, members that are `null`
 * or unknown passed over. So names are those of OTLP/JSON alone; `trace_id` is unknown.
 */
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { jsonDouble, readDouble } from './json-double.js'
import { enumAt, idAt, readBase64, readInteger, shown, textAt, unixNanoAt } from './json-fields.js'
import { I64_MAX, I64_MIN, MAX_VALUE_DEPTH, TOO_DEEP } from './otlp-limits.js'
import {
  type OtlpField,
  type OtlpFieldKind,
  type OtlpMessage,
  RequestMessage,
} from './otlp-messages.js'
import type { Problems } from './problem-list.js'
import { FirstProblem, LeftOut, type SentSpans } from './sent-spans.js'
import { isZeroId, SPAN_ID_BYTES, TRACE_ID_BYTES } from './span-id.js'
import { SpanKind, StatusCode } from './trace.js'

const U32_MAX = 2n ** 32n - 1n

/**
 * Reads a request.
 *
 * @param value as `parseJson` reads it, so that integers are exact
 * @throws {RivetOtelError} `INVALID_TRACE` where it is no OTLP request.
 * @example
 * readSentJson(parseJson('{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"77"}]}]}]}')).problem
 * // 'resourceSpans[0].scopeSpans[0].spans[0]: traceId: expected 32 hexadecimal digits, got "77"'
 */
export function readSentJson(value: JsonValue): SentSpans {
  if (!isJsonObject(value)) {
    throw notOtlp(`expected an OTLP request, an object with "resourceSpans", got ${shown(value)}`)
  }
  const leftOut = new LeftOut()
  const problems = new FirstProblem()
  const request = new Reading(leftOut).message(RequestMessage, value, '', problems, MAX_VALUE_DEPTH)
  if (problems.first !== undefined) throw notOtlp(problems.first)
  if (value.resourceSpans === undefined && Object.keys(value).length > 0) {
    leftOut.remark(`nothing was kept: expected "resourceSpans", got ${shown(value)}`)
  }
  return { request, rejected: leftOut.rejected, problem: leftOut.problem }
}

function notOtlp(message: string): RivetOtelError {
  return new RivetOtelError('INVALID_TRACE', message)
}

class Reading {
  readonly #leftOut: LeftOut

  constructor(leftOut: LeftOut) {
    this.#leftOut = leftOut
  }

  message(
    { fields, isChoice }: OtlpMessage,
    value: JsonObject,
    place: string,
    problems: FirstProblem,
    levels: number,
  ): Record<string, JsonValue> {
    const object: Record<string, JsonValue> = {}
    for (const field of fields) {
      const content = value[field.name]
      if (content === undefined || content === null) continue
      const read = field.isList
        ? this.#list(field, content, place, problems, levels)
        : this.#value(field, content, place, problems, levels)
      if (read !== undefined) object[field.name] = read
    }
    if (isChoice && Object.keys(object).length > 1) {
      problems.push(`expected one value, got ${Object.keys(object).join(' and ')}`)
    }
    return object
  }

  #list(
    field: OtlpField,
    content: JsonValue,
    place: string,
    problems: FirstProblem,
    levels: number,
  ): JsonValue[] | undefined {
    if (!isList(content)) {
      problems.push(`${field.name}: expected a list, got ${shown(content)}`)
      return undefined
    }
    const isUnit = typeof field.kind === 'object' && field.kind.isUnit
    const list: JsonValue[] = []
    for (let i = 0; i < content.length; i++) {
      const item = content[i] as JsonValue
      const read = isUnit
        ? this.#unit(field, item, `${place === '' ? '' : `${place}.`}${field.name}[${i}]`, levels)
        : this.#value(field, item, place, problems, levels)
      if (read !== undefined) list.push(read)
    }
    return list
  }

  #unit(field: OtlpField, item: JsonValue, place: string, levels: number): JsonValue | undefined {
    const problems = new FirstProblem()
    const unit = this.#value(field, item, place, problems, levels)
    const object = isJsonObject(unit) ? unit : {}
    return this.#leftOut.keeps(object, place, problems) ? unit : undefined
  }

  #value(
    { name, kind }: OtlpField,
    content: JsonValue,
    place: string,
    problems: FirstProblem,
    levels: number,
  ): JsonValue | undefined {
    if (typeof kind === 'string') return readScalar(kind, content, name, problems)
    const inner = typeof kind === 'function' ? kind() : kind
    if (!isJsonObject(content)) {
      problems.push(`${name}: expected an object, got ${shown(content)}`)
    } else if (inner.isLevel && levels === 0) problems.push(TOO_DEEP)
    else {
      return this.message(inner, content, place, problems, inner.isLevel ? levels - 1 : levels)
    }
    return undefined
  }
}

function readScalar(
  kind: OtlpFieldKind,
  content: JsonValue,
  name: string,
  problems: Problems,
): JsonValue | undefined {
  switch (kind) {
    case 'text':
      return textAt(content, name, problems)
    case 'bool':
      return typeof content === 'boolean' ? content : misfit('true or false')
    case 'int64':
      return integer(I64_MIN, I64_MAX)?.toString() ?? misfit('an integer of 64 bits')
    case 'nanos':
      return unixNanoAt(content, name, problems)?.toString()
    case 'uint32':
    case 'fixed32': {
      const number = integer(0n, U32_MAX)
      return number === undefined ? misfit('0 to 4294967295') : Number(number)
    }
    case 'double': {
      const number = readDouble(content)
      return number === undefined ? misfit('a number') : jsonDouble(number)
    }
    case 'bytes': {
      const bytes = readBase64(content)
      return bytes === undefined ? misfit('base64') : Buffer.from(bytes).toString('base64')
    }
    case 'trace id':
      return id(TRACE_ID_BYTES)
    case 'span id':
      return id(SPAN_ID_BYTES)
    case 'span kind':
      return enumAt(content, 'SPAN_KIND_', SpanKind, name, problems)
    case 'status code':
      return enumAt(content, 'STATUS_CODE_', StatusCode, name, problems)
  }

  function integer(least: bigint, most: bigint): bigint | undefined {
    const read = readInteger(content)
    return read !== undefined && read >= least && read <= most ? read : undefined
  }

  /** None, where it says nothing: it is then for the span or link to decide. */
  function id(bytes: number): string | undefined {
    if (typeof content === 'string' && isZeroId(content)) return undefined
    return idAt(content, bytes, name, problems)
  }

  function misfit(expected: string): undefined {
    problems.push(`${name}: expected ${expected}, got ${shown(content)}`)
  }
}
