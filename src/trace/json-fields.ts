/**
 * The kinds of field that OTLP/JSON has, read as proto3's JSON rules allow them to be written.
 *
 * A field that is absent or `null` has protobuf's default. One of another type is a problem under
 * its place, and has the default too; the fields that a span cannot do without say `undefined`.
 */

import {
  isJsonObject,
  isList,
  type JsonObject,
  type JsonValue,
  stringifyJson,
} from '../json/lossless.js'
import { type AnyPlace, placeName } from './json-place.js'
import { MAX_UNIX_NANO } from './otlp-limits.js'
import type { Problems } from './problem-list.js'
import { isZeroId } from './span-id.js'

const INTEGER = /^[+-]?\d{1,40}$/
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const HEX = /^[0-9a-fA-F]*$/
const SHOWN_CHARACTERS = 60
const NO_ITEMS: readonly JsonValue[] = []
const NO_MEMBERS: JsonObject = {}

/**
 * The objects of a list, each with its place; anything else in it is a problem.
 *
 * @example
 * for (const [span, place] of objectsIn(scopeSpans.spans, 'spans', problems)) …
 */
export function* objectsIn(
  value: JsonValue | undefined,
  place: string,
  problems: Problems,
): Generator<[JsonObject, string]> {
  for (const [index, item] of listAt(value, place, problems).entries()) {
    const inside = `${place}[${index}]`
    if (isJsonObject(item)) yield [item, inside]
    else problems.push(`${inside}: expected an object, got ${shown(item)}`)
  }
}

/**
 * A list; one without items where it is absent.
 *
 * @example
 * listAt(span.attributes, 'span.attributes', problems).length
 */
export function listAt(
  value: JsonValue | undefined,
  place: AnyPlace,
  problems: Problems,
  member?: string,
): readonly JsonValue[] {
  if (isList(value)) return value
  if (value !== undefined && value !== null)
    problems.push(`${placeName(place, member)}: expected a list, got ${shown(value)}`)
  return NO_ITEMS
}

/**
 * An object; one without members where it is absent.
 *
 * @example
 * objectAt(element.resource, 'resourceSpans[0].resource', problems).attributes
 */
export function objectAt(
  value: JsonValue | undefined,
  place: AnyPlace,
  problems: Problems,
): JsonObject {
  if (isJsonObject(value)) return value
  if (value !== undefined && value !== null)
    problems.push(`${place}: expected an object, got ${shown(value)}`)
  return NO_MEMBERS
}

/**
 * A text; an empty one where it is absent.
 *
 * @param member the member of what stands at `place` that it is, where it is one
 * @example
 * textAt(span.name, 'span.name', problems) // 'chunk'
 */
export function textAt(
  value: JsonValue | undefined,
  place: AnyPlace,
  problems: Problems,
  member?: string,
): string {
  if (typeof value === 'string') return value
  if (value !== undefined && value !== null)
    problems.push(`${placeName(place, member)}: expected a text, got ${shown(value)}`)
  return ''
}

/**
 * An enum, by its number or by its name; 0 where it is absent.
 *
 * @param prefix what every name begins with
 * @param names the numbers by name, without the prefix
 * @example
 * enumAt('SPAN_KIND_CLIENT', 'SPAN_KIND_', SpanKind, 'span.kind', problems) // 3
 */
export function enumAt(
  value: JsonValue | undefined,
  prefix: string,
  names: { readonly [name: string]: number },
  place: AnyPlace,
  problems: Problems,
  member?: string,
): number {
  if (value === undefined || value === null) return 0
  if (typeof value === 'number' && Object.is(value | 0, value)) return value
  const name = typeof value === 'string' && value.startsWith(prefix) && value.slice(prefix.length)
  const number = name && Object.hasOwn(names, name) ? names[name] : undefined
  if (number !== undefined) return number
  const known = Object.keys(names).map((known) => prefix + known)
  problems.push(
    `${placeName(place, member)}: expected a number or one of ${known.join(', ')}, got ${shown(value)}`,
  )
  return 0
}

/**
 * A time in nanoseconds since 1970, 0 where it is absent; `undefined`, and a problem, where it is no
 * time that OTLP has.
 *
 * @example
 * unixNanoAt('1795251219134436857', 'span.startTimeUnixNano', problems) // 1795251219134436857n
 */
export function unixNanoAt(
  value: JsonValue | undefined,
  place: AnyPlace,
  problems: Problems,
  member?: string,
): bigint | undefined {
  if (value === undefined || value === null) return 0n
  const integer = readInteger(value)
  if (integer !== undefined && integer >= 0n && integer <= MAX_UNIX_NANO) return integer
  problems.push(
    `${placeName(place, member)}: expected nanoseconds since 1970 (0 to ${MAX_UNIX_NANO}), got ${shown(value)}`,
  )
  return undefined
}

/**
 * An id as lower-case hexadecimal digits, from hexadecimal digits of any case or from base64 (which
 * is how Tempo answers); `undefined`, and a problem, where it is no valid id.
 *
 * @param bytes how long the id is
 * @example
 * idAt('w73g3cNZrCQj4wlacVs0Eg==', 16, 'span.traceId', problems) // 'c3bde0ddc359ac2423e3095a715b3412'
 */
export function idAt(
  value: JsonValue | undefined,
  bytes: number,
  place: AnyPlace,
  problems: Problems,
  member?: string,
): string | undefined {
  const id = readId(value, bytes)
  if (id !== undefined && !isZeroId(id)) return id
  const condition = id === undefined ? '' : ' that are not all 0'
  problems.push(
    `${placeName(place, member)}: expected ${2 * bytes} hexadecimal digits${condition}, got ${shown(value)}`,
  )
  return undefined
}

/**
 * Like {@link idAt}, of an id that need not be there: empty where it is absent or all zeros.
 *
 * @example
 * optionalIdAt('', 8, 'span.parentSpanId', problems) // ''
 */
export function optionalIdAt(
  value: JsonValue | undefined,
  bytes: number,
  place: AnyPlace,
  problems: Problems,
  member?: string,
): string | undefined {
  if (value === undefined || value === null || value === '') return ''
  const id = readId(value, bytes)
  return id !== undefined && isZeroId(id) ? '' : idAt(value, bytes, place, problems, member)
}

/**
 * An integer that came as a number, a bigint or decimal text; `undefined` where it is none, or a
 * number that may have lost digits.
 *
 * @example
 * readInteger('9007199254740993') // 9007199254740993n
 */
export function readInteger(value: JsonValue): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  return typeof value === 'string' && INTEGER.test(value) ? BigInt(value) : undefined
}

/**
 * Bytes from base64, of either alphabet, padded or not; `undefined` where it is none.
 *
 * @example
 * readBase64('AQI=') // Uint8Array [1, 2]
 */
export function readBase64(value: JsonValue): Uint8Array | undefined {
  if (typeof value !== 'string' || !BASE64.test(value)) return undefined
  const digits = value.replace(/=+$/, '').length
  return digits % 4 === 1 ? undefined : new Uint8Array(Buffer.from(value, 'base64'))
}

/**
 * A value as a problem shows it: a short one itself, of others what they are.
 *
 * @example
 * shown('abc') // '"abc"'
 * shown([1, 2]) // 'a list of 2'
 */
export function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  if (isList(value)) return `a list of ${value.length}`
  if (isJsonObject(value)) {
    const names = Object.keys(value)
      .slice(0, 4)
      .map((name) => JSON.stringify(cut(name)))
    return names.length === 0 ? 'an object without members' : `an object with ${names.join(', ')}`
  }
  return typeof value === 'string' ? JSON.stringify(cut(value)) : cut(stringifyJson(value))
}

function readId(value: JsonValue | undefined, bytes: number): string | undefined {
  if (typeof value !== 'string') return undefined
  if (value.length === 2 * bytes && HEX.test(value)) return value.toLowerCase()
  const decoded = readBase64(value)
  return decoded?.length === bytes ? Buffer.from(decoded).toString('hex') : undefined
}

function cut(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}
