/**
 * JSON text to values and back without losing an integer.
 *
 * An integer is a `number` where JavaScript holds it exactly and a `bigint` elsewhere; every other
 * number is a double, which is what serde writes for fractions. A text that cannot be kept (half of
 * a surrogate pair, a number too large for a double) is refused rather than bent. Of a member that
 * stands twice the last one counts, as in `JSON.parse`.
 */
import { parse as parseLossless } from 'lossless-json'
import { RivetOtelError, reasonOf } from '../problem.js'

/** A JSON value whose integers are exact: `bigint` beyond ±(2^53 − 1), `number` within. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** A JSON object whose integers are exact. */
export type JsonObject = { readonly [key: string]: JsonValue }

/** How deep lists and objects may nest; rivet's own journals reach 5. Deeper text is refused. */
export const MAX_JSON_DEPTH = 200

/** How many digits an integer may have; the largest that rivet writes (u64) has 20. */
const MAX_INTEGER_DIGITS = 400

const INTEGER = /^-?\d+$/
/** 2^53 has 16 digits and begins with a 9; times in microseconds have 16 too, and stay below. */
const MAY_EXCEED_SAFE_INTEGERS = /(?:^|[[:,\s])-?(?:\d{17}|9\d{15})/

/**
 * Reads a JSON text, keeping every integer exact.
 *
 * @throws {RivetOtelError} `INVALID_JSON`, with the position where the text stops being JSON.
 * @example
 * parseJson('{"rows": 9223372036854775807}') // { rows: 9223372036854775807n }
 */
export function parseJson(text: string): JsonValue {
  const value = parsesExactly(text) ? parseQuickly(text) : parseCarefully(text)
  refuseWhatCannotBeKept(value, MAX_JSON_DEPTH)
  return value
}

/**
 * Writes a value as JSON text, integers in full, members in their own order.
 *
 * @example
 * stringifyJson({ rows: 9223372036854775807n }) // '{"rows":9223372036854775807}'
 */
export function stringifyJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Object.is(value, -0) ? '-0.0' : JSON.stringify(value)
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      if (value === null) return 'null'
      return isList(value) ? stringifyList(value) : stringifyObject(value)
  }
}

/**
 * Whether a value is a JSON object: neither a list nor null.
 *
 * @example
 * isJsonObject({ rows: 1 }) // true
 */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * An integer in the form that this project holds it: `number` where that is exact, else `bigint`.
 *
 * @example
 * exactInteger(7n) // 7
 */
export function exactInteger(value: number | bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** `Array.isArray` that also narrows readonly lists. */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/**
 * Sets a member as JSON means it, also one named `__proto__`.
 *
 * @example
 * setMember(object, '__proto__', 1) // object has a member of that name
 */
export function setMember(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  } else {
    target[key] = value
  }
}

/**
 * Whether the engine's own parser keeps everything in this text. It looks for suspects only, so a
 * text it turns down may still be harmless: it then merely takes the slower parser.
 */
function parsesExactly(text: string): boolean {
  return !MAY_EXCEED_SAFE_INTEGERS.test(text)
}

function parseQuickly(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    // The engine does not always say where the text stops being JSON; the slower parser does.
    return parseCarefully(text)
  }
}

function parseCarefully(text: string): JsonValue {
  try {
    return parseLossless(text, undefined, {
      parseNumber,
      onDuplicateKey: lastOneCounts,
    }) as JsonValue
  } catch (error) {
    if (error instanceof RivetOtelError) throw error
    if (error instanceof RangeError) {
      throw invalid(`lists and objects nest deeper than ${MAX_JSON_DEPTH} levels`, error)
    }
    throw invalid(reasonOf(error), error)
  }
}

function parseNumber(token: string): number | bigint {
  const number = Number(token)
  if (INTEGER.test(token)) {
    if (Number.isSafeInteger(number)) return number
    const digits = token.startsWith('-') ? token.length - 1 : token.length
    if (digits > MAX_INTEGER_DIGITS) {
      throw invalid(`an integer has ${digits} digits, at most ${MAX_INTEGER_DIGITS} are read`)
    }
    return BigInt(token)
  }
  return number
}

function lastOneCounts({ newValue }: { newValue: unknown }): unknown {
  return newValue
}

function refuseWhatCannotBeKept(value: JsonValue, levels: number): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid('a number is too large for a double')
  } else if (typeof value === 'string') {
    refuseHalfPairs(value)
  } else if (typeof value === 'object' && value !== null) {
    if (levels === 0) throw invalid(`lists and objects nest deeper than ${MAX_JSON_DEPTH} levels`)
    if (isList(value)) {
      for (const item of value) refuseWhatCannotBeKept(item, levels - 1)
    } else {
      for (const key in value) {
        refuseHalfPairs(key)
        refuseWhatCannotBeKept(value[key] as JsonValue, levels - 1)
      }
    }
  }
}

function refuseHalfPairs(text: string): void {
  if (!text.isWellFormed()) throw invalid('a text holds half of a surrogate pair')
}

function stringifyList(list: readonly JsonValue[]): string {
  let text = '['
  for (const item of list) text += `${text.length === 1 ? '' : ','}${stringifyJson(item)}`
  return `${text}]`
}

function stringifyObject(object: JsonObject): string {
  let text = '{'
  for (const key of Object.keys(object)) {
    const value = object[key]
    if (value === undefined) continue
    text += `${text.length === 1 ? '' : ','}${JSON.stringify(key)}:${stringifyJson(value)}`
  }
  return `${text}}`
}

function invalid(what: string, cause?: unknown): RivetOtelError {
  return new RivetOtelError('INVALID_JSON', `not valid JSON: ${what}`, { cause })
}
