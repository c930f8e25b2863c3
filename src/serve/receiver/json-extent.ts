/**
 * How many values a JSON text has and how deep they nest, before anybody makes values of it.
 *
 * A list of two bytes takes fifty in memory: 20 MB of brackets are a gigabyte. It does not check that the
 * text is JSON.
 */
import { MAX_JSON_DEPTH } from '../../json/lossless.js'
import { RivetOtelError } from '../../problem.js'

/** OTLP has at most one for every nine bytes, where each attribute is as short as can be. */
const MOST_VALUES = 4_000_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/**
 * Refuses a text of very many values, or of values that nest deeper than `parseJson` reads.
 *
 * @throws {RivetOtelError} `INVALID_JSON`
 * @example
 * checkJsonExtent(Buffer.from('{"resourceSpans":[]}'))
 */
export function checkJsonExtent(bytes: Uint8Array): void {
  let values = 0
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfText(bytes, at + 1)
    else if (byte === COMMA) values++
    else if (byte === 0x7b || byte === 0x5b) {
      values++
      depth++
    } else if (byte === 0x7d || byte === 0x5d) depth--
    if (depth > MAX_JSON_DEPTH) {
      throw tooMuch(`lists and objects that nest at most ${MAX_JSON_DEPTH} levels`)
    }
    if (values > MOST_VALUES) throw tooMuch(`at most ${MOST_VALUES} values in one request`)
  }
}

function endOfText(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}

function tooMuch(expected: string): RivetOtelError {
  return new RivetOtelError('INVALID_JSON', `expected ${expected}, got more`)
}
