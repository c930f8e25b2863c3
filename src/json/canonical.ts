/**
 * The canonical form of a JSON value: RFC 8785, with null members left out.
 *
 * RFC 8785 sorts members by UTF-16 code units, writes no white space, and spells numbers as
 * ECMAScript does. Two things are this project's own, from the design: a member that is null is
 * left out, because null and absent mean the same to rivet, and integers are written in full even
 * where a double could not hold them.
 */
import { escapedText } from './escaped-text.js'
import { isList, type JsonObject, type JsonValue } from './lossless.js'

/**
 * Writes a value in its canonical form: equal values give equal texts.
 *
 * @example
 * canonicalJson({ b: 1, a: null, c: 9223372036854775807n }) // '{"b":1,"c":9223372036854775807}'
 */
export function canonicalJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value === 0 ? 0 : value)
    default:
      if (value === null) return 'null'
      return isList(value) ? `[${value.map(canonicalJson).join(',')}]` : canonicalObject(value)
  }
}

function canonicalObject(object: JsonObject): string {
  let text = '{'
  for (const key of Object.keys(object).sort()) {
    const value = object[key]
    if (value === null || value === undefined) continue
    text += `${text.length === 1 ? '' : ','}${quoted(key)}:${canonicalJson(value)}`
  }
  return `${text}}`
}

/** Longer texts are gone through once only. */
const SHORT_TEXT = 64

function quoted(text: string): string {
  return text.length <= SHORT_TEXT ? `"${escapedText(text)}"` : JSON.stringify(text)
}
