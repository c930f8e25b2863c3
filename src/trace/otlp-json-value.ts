/** The attributes of anything as they stand in OTLP/JSON. */

import {
  exactInteger,
  isJsonObject,
  isList,
  type JsonObject,
  type JsonValue,
} from '../json/lossless.js'
import { type AttributeShape, learnShape, shapeFor } from './attribute-shape.js'
import { setAttribute } from './attribute-value.js'
import { readDouble } from './json-double.js'
import { listAt, readBase64, readInteger, shown } from './json-fields.js'
import { type AnyPlace, placeName } from './json-place.js'
import { I64_MAX, I64_MIN, MAX_VALUE_DEPTH, TOO_DEEP } from './otlp-limits.js'
import type { Problems } from './problem-list.js'
import type { Attributes, AttributeValue } from './trace.js'

const A_DOUBLE = 'a number, "NaN", "Infinity" or "-Infinity"'

/** The members of an `AnyValue`, the most frequent first; at most one of them is there. */
const KINDS = [
  'stringValue',
  'intValue',
  'boolValue',
  'doubleValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
] as const

/** A value that cannot be read: what is wrong with it, and where inside the attribute. */
class Misfit {
  readonly problem: string
  readonly path: string

  constructor(problem: string, path = '') {
    this.problem = problem
    this.path = path
  }

  /** The same, seen from one step further out. */
  inside(step: string): Misfit {
    return new Misfit(this.problem, step + this.path)
  }
}

/**
 * Reads a list of `KeyValue`. An attribute that cannot be read is left out and becomes a problem; one
 * without a value is `null`; of two with the same key the last counts.
 *
 * @param place where the list stands, or what it is a member of
 * @example
 * readAttributes([{ key: 'rivet.chunk.rows', value: { intValue: '7' } }], 'attributes', problems)
 * // { 'rivet.chunk.rows': 7 }
 */
export function readAttributes(
  value: JsonValue | undefined,
  place: AnyPlace,
  problems: Problems,
  member?: string,
): Attributes {
  const list = listAt(value, place, problems, member)
  const shape = shapeFor(list)
  return (
    (shape && readAlike(list, shape)) ??
    readOneByOne(list, shape === undefined, place, problems, member)
  )
}

function readOneByOne(
  list: readonly JsonValue[],
  isNew: boolean,
  place: AnyPlace,
  problems: Problems,
  member: string | undefined,
): Attributes {
  const attributes: Record<string, AttributeValue> = {}
  for (let i = 0; i < list.length; i++) {
    const misfit = addKeyValue(attributes, list[i], MAX_VALUE_DEPTH)
    if (misfit !== undefined)
      problems.push(`${placeName(place, member)}[${i}]${misfit.path}: ${misfit.problem}`)
  }
  if (isNew) learnShape(list, attributes)
  return attributes
}

/** A list of a shape that is known; `undefined` where a value of it cannot be read. */
function readAlike(
  list: readonly JsonValue[],
  { keys, nulls }: AttributeShape,
): Attributes | undefined {
  const attributes = { ...nulls }
  for (let i = 0; i < keys.length; i++) {
    const { value } = list[i] as JsonObject
    const read = readValue(value, MAX_VALUE_DEPTH)
    if (read instanceof Misfit) return undefined
    attributes[keys[i] as string] = read
  }
  return attributes
}

/** Gives back what is wrong, if anything is. */
function addKeyValue(
  target: Record<string, AttributeValue>,
  keyValue: JsonValue | undefined,
  levels: number,
): Misfit | undefined {
  if (!isJsonObject(keyValue)) return misfit('an object', keyValue)
  const name = keyValue.key ?? ''
  if (typeof name !== 'string') return misfit('a text', name).inside('.key')
  const read = readValue(keyValue.value, levels)
  if (read instanceof Misfit) return read.inside('.value')
  setAttribute(target, name, read)
  return undefined
}

function readValue(value: JsonValue | undefined, levels: number): AttributeValue | Misfit {
  if (value === undefined || value === null) return null
  if (!isJsonObject(value)) return misfit('an object such as {"stringValue":"text"}', value)
  const { stringValue } = value
  if (typeof stringValue === 'string') return stringValue
  for (const kind of KINDS) {
    const content = value[kind]
    if (content === undefined || content === null) continue
    const read = readKind(kind, content, levels)
    return read instanceof Misfit ? read.inside(`.${kind}`) : read
  }
  return null
}

function readKind(
  kind: (typeof KINDS)[number],
  content: JsonValue,
  levels: number,
): AttributeValue | Misfit {
  switch (kind) {
    case 'stringValue':
      return typeof content === 'string' ? content : misfit('a text', content)
    case 'intValue':
      return readInt(content)
    case 'boolValue':
      return typeof content === 'boolean' ? content : misfit('true or false', content)
    case 'doubleValue':
      // Where it has no fraction it is an int from here on: the model has one type of number.
      return readDouble(content) ?? misfit(A_DOUBLE, content)
    case 'bytesValue':
      return readBase64(content) ?? misfit('base64', content)
    case 'arrayValue':
    case 'kvlistValue':
      if (!isJsonObject(content)) return misfit('an object with "values"', content)
      return readNested(kind, content.values ?? [], levels)
  }
}

function readInt(content: JsonValue): AttributeValue | Misfit {
  if (typeof content === 'string') {
    const short = shortInteger(content)
    if (short !== undefined) return short
  }
  const integer = readInteger(content)
  if (integer !== undefined && integer >= I64_MIN && integer <= I64_MAX) {
    return exactInteger(integer)
  }
  return misfit('an integer of 64 bits, as decimal text where it is beyond 2^53', content)
}

/** Of so few digits any integer is exact as a number. */
const SHORT_DIGITS = 15

/** An integer of few digits and no sign; `undefined` for any other text. Nearly all are such. */
function shortInteger(text: string): number | undefined {
  const { length } = text
  if (length === 0 || length > SHORT_DIGITS) return undefined
  let integer = 0
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    integer = 10 * integer + digit
  }
  return integer
}

function readNested(
  kind: 'arrayValue' | 'kvlistValue',
  values: JsonValue,
  levels: number,
): AttributeValue | Misfit {
  if (levels === 0) return new Misfit(TOO_DEEP)
  if (!isList(values)) return misfit('a list', values).inside('.values')
  return kind === 'arrayValue' ? readList(values, levels - 1) : readKvlist(values, levels - 1)
}

function readList(values: readonly JsonValue[], levels: number): AttributeValue | Misfit {
  const list: AttributeValue[] = []
  for (const [index, value] of values.entries()) {
    const read = readValue(value, levels)
    if (read instanceof Misfit) return read.inside(`.values[${index}]`)
    list.push(read)
  }
  return list
}

function readKvlist(values: readonly JsonValue[], levels: number): AttributeValue | Misfit {
  const members: Record<string, AttributeValue> = {}
  for (const [index, value] of values.entries()) {
    const problem = addKeyValue(members, value, levels)
    if (problem !== undefined) return problem.inside(`.values[${index}]`)
  }
  return members
}

function misfit(expected: string, value: JsonValue | undefined): Misfit {
  return new Misfit(`expected ${expected}, got ${shown(value)}`)
}
