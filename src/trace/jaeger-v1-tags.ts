/**
 * The typed tags of Jaeger's v1 JSON: of spans, of processes, and the fields of logs.
 *
 * What Jaeger does to a value on its way into a tag cannot be undone here: a list or an object is
 * JSON text from then on, a value that is absent an empty text.
 */

import { exactInteger, type JsonObject, type JsonValue } from '../json/lossless.js'
import { setAttribute } from './attribute-value.js'
import { objectsIn, readBase64, readInteger, shown, textAt } from './json-fields.js'
import { I64_MAX, I64_MIN } from './otlp-limits.js'
import type { Problems } from './problem-list.js'
import type { Attributes, AttributeValue } from './trace.js'

/** Tags by key, in their order; of two with the same key the last counts. */
export type Tags = Map<string, AttributeValue>

/** What each type of tag holds, for problems. */
const TYPES: { readonly [type: string]: string } = {
  string: 'a text',
  bool: 'true or false',
  int64: 'an integer of 64 bits, as decimal text where it is beyond 2^53',
  float64: 'a number',
  binary: 'base64',
}

/**
 * Reads a list of tags. One that cannot be read is left out and becomes a problem.
 *
 * @param place where the list stands
 * @example
 * readTags([{ key: 'rivet.chunk.rows', type: 'int64', value: 7 }], 'tags', problems)
 * // Map { 'rivet.chunk.rows' => 7 }
 */
export function readTags(value: JsonValue | undefined, place: string, problems: Problems): Tags {
  const tags: Tags = new Map()
  for (const [tag, inside] of objectsIn(value, place, problems)) {
    const read = readValue(tag)
    if (read === undefined) problems.push(`${inside}.value: ${expectation(tag)}`)
    else tags.set(textAt(tag.key, `${inside}.key`, problems), read)
  }
  return tags
}

/**
 * Takes a tag out, where it holds what `as` makes something of; any other stays where it is.
 *
 * @example
 * takeTag(tags, 'otel.scope.name', asText) // 'rivet-otel'
 */
export function takeTag<Taken>(
  tags: Tags,
  key: string,
  as: (value: AttributeValue | undefined) => Taken | undefined,
): Taken | undefined {
  const taken = as(tags.get(key))
  if (taken !== undefined) tags.delete(key)
  return taken
}

/**
 * A tag's value where it is a text.
 *
 * @example
 * asText(7) // undefined
 */
export function asText(value: AttributeValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/**
 * Tags as attributes.
 *
 * @example
 * attributesOf(new Map([['rivet.chunk.rows', 7]])) // { 'rivet.chunk.rows': 7 }
 */
export function attributesOf(tags: Tags): Attributes {
  const attributes: Record<string, AttributeValue> = {}
  for (const [key, value] of tags) setAttribute(attributes, key, value)
  return attributes
}

/** A tag whose type is none of Jaeger's is what its value is. */
function readValue({ type, value = null }: JsonObject): AttributeValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'bool':
      return typeof value === 'boolean' ? value : undefined
    case 'int64':
      return readInt64(value)
    case 'float64':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
    case 'binary':
      // Go writes an empty list of bytes that was never filled as null.
      return value === null ? new Uint8Array() : readBase64(value)
    default:
      if (typeof value === 'bigint') return readInt64(value)
      return typeof value === 'object' ? undefined : value
  }
}

function readInt64(value: JsonValue): number | bigint | undefined {
  const integer = readInteger(value)
  if (integer === undefined || integer < I64_MIN || integer > I64_MAX) return undefined
  return exactInteger(integer)
}

function expectation({ type, value }: JsonObject): string {
  const known = typeof type === 'string' && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
  return `expected ${known ?? 'a text, a number, true or false'}, got ${shown(value)}`
}
