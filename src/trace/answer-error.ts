/**
 * What a server says in place of a trace, or beside it: its own words on what went wrong.
 *
 * It is for answers that were kept, and for those that come with a trace all the same.
 */

import { isJsonObject, type JsonValue } from '../json/lossless.js'
import { shown } from './json-fields.js'
import type { Problems } from './problem-list.js'

const NOT_FOUND = 404
/** What Jaeger says, without a code, of one of several traces that were asked for. */
const UNKNOWN_TRACE = 'trace not found'
const MOST_CHARACTERS = 300

/**
 * Adds what a server says as a problem; that it does not know a trace is none.
 *
 * @param words the member that holds the server's sentence
 * @example
 * addAnswerError({ code: 500, msg: 'no storage' }, 'errors[0]', 'msg', problems)
 * // 'errors[0]: the server answered with error 500, "no storage"'
 */
export function addAnswerError(
  error: JsonValue,
  place: string,
  words: 'msg' | 'message',
  problems: Problems,
): void {
  if (!isJsonObject(error)) {
    problems.push(`${place}: expected an object, got ${shown(error)}`)
    return
  }
  const code = error.httpCode ?? error.code
  const said = error[words]
  if (code === NOT_FOUND || (code === undefined && said === UNKNOWN_TRACE)) return
  const number = typeof code === 'number' ? `error ${code}` : 'an error'
  problems.push(`${place}: the server answered with ${number}${quoted(said)}`)
}

/**
 * A server's words as they stand at the end of a problem; nothing where it has none.
 *
 * @example
 * quoted('no storage') // ', "no storage"'
 */
export function quoted(words: JsonValue | undefined): string {
  if (typeof words !== 'string' || words === '') return ''
  return `, ${JSON.stringify(words.slice(0, MOST_CHARACTERS))}`
}
