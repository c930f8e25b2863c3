/**
 * Values of a journal as OTLP attributes, and back: one rule for each type, both ways side by side.
 *
 * - Text is a string; beyond 2,048 bytes of UTF-8 it is split into parts, because Tempo cuts there.
 * - An integer is an int; beyond i64 it goes as decimal text.
 * - A list of texts is an array; any other list or object is JSON text.
 *
 * Reading takes whatever a backend made of it: decimal text for an integer, JSON text for a list.
 */

import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import type { Integer } from '../journal/events.js'
import { exactInteger, isList, type JsonValue, parseJson, stringifyJson } from '../json/lossless.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import type { Attributes, AttributeValue } from '../trace/trace.js'

/** Attributes that are being written. */
export type AttributesInTheMaking = Record<string, AttributeValue>

/** How many bytes of UTF-8 one string attribute holds at most; Tempo's default cuts what is longer. */
export const MAX_TEXT_BYTES = 2048

const I64_MAX = 2n ** 63n - 1n
const I64_MIN = -(2n ** 63n)
const DECIMAL = /^-?\d{1,40}$/

/**
 * Writes a text. A long one becomes `name`, `name.part_2`, `name.part_3` …, with their number in
 * `name.parts`; no part is longer than 2,048 bytes, and none splits a code point.
 *
 * @example
 * putText(attributes, 'rivet.plan.base_query', 'SELECT 1')
 */
export function putText(attributes: AttributesInTheMaking, name: string, text: string): void {
  if (isShort(text) || Buffer.byteLength(text) <= MAX_TEXT_BYTES) {
    attributes[name] = text
    return
  }
  const parts = splitText(text)
  parts.forEach((part, i) => {
    attributes[i === 0 ? name : partName(name, i + 1)] = part
  })
  attributes[`${name}.parts`] = parts.length
}

/**
 * Whether a text is one part for certain, by its number of chars. Where it is not, {@link putText} counts
 * its bytes.
 *
 * @example
 * isShort('SELECT 1') // true
 */
export function isShort(text: string): boolean {
  return text.length <= SHORT_LENGTH
}

/** So many chars are never more than {@link MAX_TEXT_BYTES}, whatever they are. */
const SHORT_LENGTH = Math.floor(MAX_TEXT_BYTES / 3)

/**
 * Reads a text that {@link putText} wrote; `undefined` where there is none.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where a part is missing or the value is no text.
 * @example
 * takeText(attributes, 'rivet.plan.base_query') // 'SELECT 1'
 */
export function takeText(attributes: Attributes, name: string): string | undefined {
  const first = attributes[name]
  const count = takeInteger(attributes, partsName(name))
  if (count === undefined) {
    if (first === undefined || typeof first === 'string') return first
    throw unexpected(name, 'a text', first)
  }
  let text = ''
  for (let part = 1; part <= count; part++) {
    const value = attributes[part === 1 ? name : partName(name, part)]
    if (typeof value !== 'string') {
      throw new RivetOtelError('INVALID_TRACE', `${name}: part ${part} of ${count} is missing`)
    }
    text += value
  }
  return text
}

/**
 * Writes an integer: an OTLP int, or decimal text where i64 cannot hold it.
 *
 * @example
 * putInteger(attributes, 'rivet.file.bytes', 18446744073709551615n)
 */
export function putInteger(attributes: AttributesInTheMaking, name: string, value: Integer): void {
  attributes[name] = otlpInteger(value)
}

/**
 * An integer as {@link putInteger} writes it.
 *
 * @example
 * otlpInteger(18446744073709551615n) // '18446744073709551615'
 */
export function otlpInteger(value: Integer): Integer | string {
  const fits = typeof value === 'number' || (value <= I64_MAX && value >= I64_MIN)
  return fits ? value : value.toString()
}

/**
 * Reads an integer, also from decimal text; `undefined` where there is none.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where the value is no integer.
 * @example
 * takeInteger(attributes, 'rivet.file.bytes') // 18446744073709551615n
 */
export function takeInteger(attributes: Attributes, name: string): Integer | undefined {
  const value = attributes[name]
  if (value === undefined) return undefined
  // An integer has no sign of zero, but a double that came in its place may.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value + 0
  if (typeof value === 'bigint') return exactInteger(value)
  if (typeof value === 'string' && DECIMAL.test(value)) return exactInteger(BigInt(value))
  throw unexpected(name, 'an integer', value)
}

/**
 * Reads a boolean, also from the texts `true` and `false`; `undefined` where there is none.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where the value is no boolean.
 * @example
 * takeBoolean(attributes, 'rivet.validation.passed') // true
 */
export function takeBoolean(attributes: Attributes, name: string): boolean | undefined {
  const value = attributes[name]
  if (value === undefined || typeof value === 'boolean') return value
  if (value === 'true' || value === 'false') return value === 'true'
  throw unexpected(name, 'a boolean', value)
}

/**
 * Reads a list of texts, also from JSON text; `undefined` where there is none.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where the value is no list of texts.
 * @example
 * takeTexts(attributes, 'rivet.schema.added') // ['nick (text)']
 */
export function takeTexts(attributes: Attributes, name: string): readonly string[] | undefined {
  const value = attributes[name]
  if (value === undefined) return undefined
  const list = typeof value === 'string' ? parseValue(name, value) : value
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
  throw unexpected(name, 'a list of texts', value)
}

/**
 * Writes any JSON value as its text.
 *
 * @example
 * putJson(attributes, 'rivet.plan.row_hash', { column: '_rivet_row_hash' })
 */
export function putJson(attributes: AttributesInTheMaking, name: string, value: JsonValue): void {
  putText(attributes, name, stringifyJson(value))
}

/**
 * Reads a JSON value from its text; `undefined` where there is none.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where the text is no JSON.
 * @example
 * takeJson(attributes, 'rivet.plan.row_hash') // { column: '_rivet_row_hash' }
 */
export function takeJson(attributes: Attributes, name: string): JsonValue | undefined {
  const text = takeText(attributes, name)
  return text === undefined ? undefined : parseValue(name, text)
}

const PARTS_NAMES = new Map<string, string>()

/** Made once for each name: every text that is read is looked up by it. */
function partsName(name: string): string {
  const known = PARTS_NAMES.get(name)
  if (known !== undefined) return known
  const made = `${name}.parts`
  if (PARTS_NAMES.size < MOST_NAMES) PARTS_NAMES.set(name, made)
  return made
}

/** The mapping has some hundred names; a name that came from elsewhere may be any. */
const MOST_NAMES = 1000

function partName(name: string, part: number): string {
  return `${name}.part_${part}`
}

/**
 * Cuts a text into parts of at most 2,048 bytes of UTF-8 each, at borders of code points.
 *
 * @example
 * splitText('é'.repeat(1500)).map((part) => part.length) // [1024, 476]
 */
export function splitText(text: string): string[] {
  const isAscii = Buffer.byteLength(text) === text.length
  return isAscii ? splitAscii(text) : splitBytes(Buffer.from(text))
}

/** A byte is a char here, and nothing is copied. */
function splitAscii(text: string): string[] {
  const parts: string[] = []
  for (let start = 0; start < text.length; start += MAX_TEXT_BYTES) {
    parts.push(text.slice(start, start + MAX_TEXT_BYTES))
  }
  return parts
}

function splitBytes(bytes: Buffer): string[] {
  const parts: string[] = []
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + MAX_TEXT_BYTES, bytes.length)
    while (end < bytes.length && isContinuation(bytes[end])) end--
    parts.push(bytes.toString('utf8', start, end))
    start = end
  }
  return parts
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

function parseValue(name: string, text: string): JsonValue {
  try {
    return parseJson(text)
  } catch (error) {
    throw new RivetOtelError('INVALID_TRACE', `${name}: ${reasonOf(error)}`, { cause: error })
  }
}

function unexpected(name: string, expected: string, value: AttributeValue): RivetOtelError {
  const got = isList(value as JsonValue)
    ? 'a list'
    : typeof value === 'object'
      ? 'an object'
      : `${typeof value} ${withoutConnectionSecrets(String(value)).slice(0, 40)}`
  return new RivetOtelError('INVALID_TRACE', `${name}: expected ${expected}, got ${got}`)
}
