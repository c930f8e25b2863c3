/**
 * JSON text to values and back without losing an integer.
 *
 * An integer is a `number` where JavaScript holds it exactly and a `bigint` elsewhere; every other
 * number is a double, which is what serde writes for fractions. A text that cannot be kept (half of
 * a surrogate pair, a number too large for a double) is refused rather than bent. Of a member that
 * stands twice the last one counts, as in `JSON.parse`.
 */
import { randomUUID } from 'node:crypto'
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

const TOO_DEEP = `lists and objects nest deeper than ${MAX_JSON_DEPTH} levels`

/** How many digits an integer may have; the largest that rivet writes (u64) has 20. */
const MAX_INTEGER_DIGITS = 400

/** Longer texts than this, in UTF-16 units, are not gone through again just to say where they are wrong. */
const MOST_SEARCHED_FOR_FAULTS = 1_000_000

const QUOTE = 0x22
const BACKSLASH = 0x5c

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const INTEGER = /^-?\d+$/

/** An integer that a double may not hold is read as a double of this much or more. */
const BEYOND_SAFE_INTEGERS = 2 ** 53

/** How the halves of surrogate pairs begin where they are escaped, and some others. */
const HALF_PAIR_ESCAPED = /\\u[dD]/

/**
 * Reads a JSON text, keeping every integer exact.
 *
 * @throws {RivetOtelError} `INVALID_JSON`, with the position where the text stops being JSON.
 * @example
 * parseJson('{"rows": 9223372036854775807}') // { rows: 9223372036854775807n }
 */
export function parseJson(text: string): JsonValue {
  return parseJsonWithin(text, MAX_JSON_DEPTH)
}

/**
 * The same for a text that stands in a larger one, and may nest less deep.
 *
 * @param levels how deep lists and objects may nest
 * @throws {RivetOtelError} `INVALID_JSON`, with the position where the text stops being JSON.
 * @example
 * parseJsonWithin('{"rows": 7}', 1) // { rows: 7 }
 */
export function parseJsonWithin(text: string, levels: number): JsonValue {
  const checksTexts = mayHoldHalfPairs(text)
  return parseSafe(text, levels, checksTexts) ?? parseMarked(text, levels, checksTexts)
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

/**
 * `Array.isArray` that also narrows readonly lists.
 *
 * @example
 * if (isList(value)) for (const item of value) …
 */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/**
 * How many members an object has.
 *
 * @example
 * memberCount({ rows: 1 }) // 1
 */
export function memberCount(object: JsonObject): number {
  let count = 0
  // Unlike Object.keys, this makes no list.
  for (const _ in object) count++
  return count
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

/** Most texts have no escaped characters by number, which is soon known. */
function mayHoldHalfPairs(text: string): boolean {
  return !text.isWellFormed() || (text.includes('\\u') && HALF_PAIR_ESCAPED.test(text))
}

/** `undefined` where an integer may be one that a double does not hold. */
function parseSafe(text: string, levels: number, checksTexts: boolean): JsonValue | undefined {
  const value = parse(text, text)
  return isBelow(BEYOND_SAFE_INTEGERS, value, levels, checksTexts) ? value : undefined
}

function parseMarked(text: string, levels: number, checksTexts: boolean): JsonValue {
  const mark = randomUUID().slice(0, 8)
  const value = parse(markIntegers(text, mark), text)
  if (!isBelow(Number.POSITIVE_INFINITY, value, levels, checksTexts))
    throw invalid('a number is too large for a double')
  return withIntegers(value, mark)
}

/** The engine's own parser, which takes little more memory than the text; `original` is for its complaint. */
function parse(text: string, original: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    throw invalid(faultIn(original) ?? withoutExcerpt(reasonOf(error)), error)
  }
}

/** The engine does not always say where a text stops being JSON; a slower parser does. */
function faultIn(text: string): string | undefined {
  if (text.length > MOST_SEARCHED_FOR_FAULTS) return undefined
  try {
    parseLossless(text, undefined, { onDuplicateKey: ({ newValue }) => newValue })
    return undefined
  } catch (error) {
    return error instanceof RangeError ? TOO_DEEP : reasonOf(error)
  }
}

/** The engine quotes a text of any length. */
function withoutExcerpt(reason: string): string {
  return reason.replace(/, (?:\.\.\.)?".*$/s, '').slice(0, 200)
}

/**
 * The text with every integer that a double may not hold as a quoted text that begins with `mark`,
 * which nobody can foresee. Numbers inside of quoted texts stay.
 */
function markIntegers(text: string, mark: string): string {
  const pieces: string[] = []
  let done = 0
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = afterQuoted(text, at)
    } else if (isNumberStart(code)) {
      NUMBER.lastIndex = at
      const [token] = NUMBER.exec(text) ?? []
      if (token !== undefined && isBeyondDoubles(token)) {
        pieces.push(text.slice(done, at), `"${mark}${token}"`)
        done = at + token.length
      }
      at += token?.length ?? 1
    } else {
      at++
    }
  }
  return pieces.join('') + text.slice(done)
}

/** Where a quoted text that begins at `at` is over. */
function afterQuoted(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && text.charCodeAt(end) !== QUOTE) {
    end += text.charCodeAt(end) === BACKSLASH ? 2 : 1
  }
  return end + 1
}

function isNumberStart(code: number): boolean {
  return code === 0x2d || (code >= 0x30 && code <= 0x39)
}

/** A zero in front makes it no JSON, which the engine is to find. */
function isBeyondDoubles(token: string): boolean {
  if (!INTEGER.test(token) || Number.isSafeInteger(Number(token)) || /^-?0/.test(token))
    return false
  const digits = token.startsWith('-') ? token.length - 1 : token.length
  if (digits <= MAX_INTEGER_DIGITS) return true
  throw invalid(`an integer has ${digits} digits, at most ${MAX_INTEGER_DIGITS} are read`)
}

/** Puts the integers back in place; the value is this module's own, and nests no deeper than it may. */
function withIntegers(value: JsonValue, mark: string): JsonValue {
  if (typeof value === 'string') {
    return value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value
  }
  if (isList(value)) {
    const items = value as JsonValue[]
    for (let i = 0; i < items.length; i++) items[i] = withIntegers(items[i] as JsonValue, mark)
  } else if (typeof value === 'object' && value !== null) {
    const members = value as Record<string, JsonValue>
    for (const key in members) {
      if (key.startsWith(mark)) throw invalid('the name of a member is a number')
      members[key] = withIntegers(members[key] as JsonValue, mark)
    }
  }
  return value
}

/**
 * Whether all numbers of a value are below a limit.
 *
 * @param checksTexts false where it is known that no text holds half of a surrogate pair
 * @throws {RivetOtelError} `INVALID_JSON` where it nests too deep or holds half of a surrogate pair.
 */
function isBelow(limit: number, value: JsonValue, levels: number, checksTexts: boolean): boolean {
  if (typeof value === 'number') return value < limit && value > -limit
  if (typeof value === 'string') {
    if (checksTexts) refuseHalfPairs(value)
  } else if (typeof value === 'object' && value !== null) {
    if (levels === 0) throw invalid(TOO_DEEP)
    if (isList(value)) {
      for (const item of value) if (!isBelow(limit, item, levels - 1, checksTexts)) return false
    } else {
      for (const key in value) {
        if (checksTexts) refuseHalfPairs(key)
        if (!isBelow(limit, value[key] as JsonValue, levels - 1, checksTexts)) return false
      }
    }
  }
  return true
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
