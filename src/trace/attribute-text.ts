/**
 * Lists of attributes as they stand in the text of OTLP/JSON, read without a JSON parser.
 *
 * Lists of one kind of span or event differ in their values only. So a list that a JSON parser has read is
 * made into a pattern, and those that follow are one match of a regular expression each. Texts with
 * something escaped, long integers and values of other types match no pattern.
 */
import { isJsonObject, isList, type JsonValue } from '../json/lossless.js'
import { type RequestText, TEXT } from './request-text.js'
import type { Attributes, AttributeValue } from './trace.js'

/** Integers that a double holds. */
const INTEGER = String.raw`(0|-?[1-9]\d{0,14})`

/** What may stand in a regular expression as it is; an object takes `__proto__` for something else. */
const PLAIN_KEY = /^(?!__proto__$)\w+(?:\.\w+)*$/

/** Longer lists, and lists with longer keys, are not remembered. */
const MOST_KEYS = 64
const LONGEST_KEY = 100
/** So many lists of one kind are told apart; what differs more is sooner read by the parser. */
const MOST_OF_A_KIND = 6
/** A pattern costs as much as many spans: so many are made, and then no more. */
const MOST_PATTERNS = 200

/** What all lists with the same keys, and values of the same types, look like. */
interface ListPattern {
  readonly source: string
  readonly pattern: RegExp
  readonly keys: readonly string[]
  readonly isText: readonly boolean[]
  /** Attributes with these keys, all of them null: a copy of it costs less than an object that grows. */
  readonly nulls: Readonly<Record<string, AttributeValue>>
  /** The texts of the list before, by their place: many are the same again, and are kept once. */
  readonly lastTexts: string[]
}

/** By the name of their span or event; of each the one that matched last comes first. */
const patterns = new Map<string, ListPattern[]>()
let made = 0

/**
 * Reads the list that begins where the text was read up to, and stays there where it is none that is
 * known.
 *
 * @param kind the name of the span or event that it belongs to, as it stands in the text
 * @example
 * attributesIn(text, 'chunk')?.['rivet.chunk.index'] // 7
 */
export function attributesIn(text: RequestText, kind: string): Attributes | undefined {
  const known = patterns.get(kind)
  if (known === undefined) return undefined
  for (let i = 0; i < known.length; i++) {
    const one = known[i] as ListPattern
    const match = text.match(one.pattern)
    if (match === null) continue
    if (i > 0) {
      known[i] = known[0] as ListPattern
      known[0] = one
    }
    return valuesOf(match, one, text)
  }
  return undefined
}

/**
 * Remembers what a list looks like.
 *
 * @param list as a JSON parser read it
 * @example
 * learnAttributes('chunk', [{ key: 'rivet.chunk.index', value: { intValue: '7' } }])
 */
export function learnAttributes(kind: JsonValue | undefined, list: JsonValue | undefined): void {
  if (typeof kind !== 'string' || !isList(list)) return
  if (list.length === 0 || list.length > MOST_KEYS) return
  const known = patterns.get(kind) ?? []
  if (known.length >= MOST_OF_A_KIND || made >= MOST_PATTERNS) return
  const pattern = patternOf(list)
  if (pattern === undefined || known.some(({ source }) => source === pattern.source)) return
  made++
  known.push(pattern)
  patterns.set(kind, known)
}

function valuesOf(
  match: RegExpExecArray,
  { keys, isText, nulls, lastTexts }: ListPattern,
  text: RequestText,
): Attributes {
  const attributes = { ...nulls }
  for (let i = 0; i < keys.length; i++) {
    const value = match[i + 1] as string
    if (isText[i]) lastTexts[i] = text.own(value, lastTexts[i])
    attributes[keys[i] as string] = isText[i] ? (lastTexts[i] as string) : Number(value)
  }
  return attributes
}

function patternOf(list: readonly JsonValue[]): ListPattern | undefined {
  const keys: string[] = []
  const isText: boolean[] = []
  const pieces: string[] = []
  const nulls: Record<string, AttributeValue> = {}
  for (const item of list) {
    if (!isJsonObject(item) || !isJsonObject(item.value)) return undefined
    const { key, value } = item
    const { stringValue, intValue } = value
    if (typeof key !== 'string' || key.length > LONGEST_KEY || !PLAIN_KEY.test(key))
      return undefined
    if (keys.includes(key)) return undefined
    const isTextual = typeof stringValue === 'string'
    if (!isTextual && typeof intValue !== 'string') return undefined
    keys.push(key)
    isText.push(isTextual)
    nulls[key] = null
    const member = isTextual ? `"stringValue":"${TEXT}"` : `"intValue":"${INTEGER}"`
    pieces.push(`{"key":"${key.replaceAll('.', '\\.')}","value":{${member}}}`)
  }
  const source = `\\[${pieces.join(',')}\\]`
  return { source, pattern: new RegExp(source, 'y'), keys, isText, nulls, lastTexts: [] }
}
