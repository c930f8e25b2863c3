/**
 * Which keys attributes have, in which order: what spans of one kind share.
 *
 * An object that is made of another one, whose members it has in the same order, costs a fraction of
 * one that is made member by member, and what reads it finds every member in the same place. So the
 * keys of the last few lists are remembered by their number.
 */
import { isJsonObject, type JsonValue } from '../json/lossless.js'
import type { Attributes, AttributeValue } from './trace.js'

/** The keys of a list of attributes. */
export interface AttributeShape {
  /** In the order of the list, none of them twice. */
  readonly keys: readonly string[]
  /** Attributes with these keys, all of them null. */
  readonly nulls: Readonly<Record<string, AttributeValue>>
}

/** Longer lists, and lists with longer keys, are not remembered. */
const MOST_KEYS = 64
const LONGEST_KEY = 100
/** How many shapes with the same number of keys are remembered. */
const REMEMBERED = 4

const shapes: AttributeShape[][] = Array.from({ length: MOST_KEYS + 1 }, () => [])
let replacedLast = 0

/**
 * The shape of a list of `KeyValue`, where it is one that was seen lately.
 *
 * @example
 * shapeFor([{ key: 'rivet.chunk.rows', value: { intValue: '7' } }])?.keys // ['rivet.chunk.rows']
 */
export function shapeFor(list: readonly JsonValue[]): AttributeShape | undefined {
  const known = shapes[list.length]
  if (known === undefined) return undefined
  for (let i = 0; i < known.length; i++) {
    const shape = known[i] as AttributeShape
    if (hasKeys(list, shape.keys)) return shape
  }
  return undefined
}

/**
 * Remembers the keys of a list.
 *
 * @param attributes what was read of the list; where something was left out, or stands in another
 *   order, there is nothing to remember
 * @example
 * learnShape([{ key: 'a', value: { intValue: '7' } }], { a: 7 })
 */
export function learnShape(list: readonly JsonValue[], attributes: Attributes): void {
  const known = shapes[list.length]
  if (known === undefined || list.length === 0) return
  const keys = Object.keys(attributes)
  if (keys.length !== list.length || !hasKeys(list, keys)) return
  const nulls: Record<string, AttributeValue> = {}
  for (const key of keys) {
    // An object takes this one for something else.
    if (key.length > LONGEST_KEY || key === '__proto__') return
    nulls[key] = null
  }
  if (known.length < REMEMBERED) known.push({ keys, nulls })
  else known[replacedLast++ % REMEMBERED] = { keys, nulls }
}

function hasKeys(list: readonly JsonValue[], keys: readonly string[]): boolean {
  for (let i = 0; i < keys.length; i++) {
    const item = list[i]
    if (!isJsonObject(item) || item.key !== keys[i]) return false
  }
  return true
}
