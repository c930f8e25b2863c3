/** What Jaeger's answers have in common: what is none, and what its list of errors says. */
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import type { JsonAnswer } from './backend-client.js'

/**
 * An answer that is JSON, or "not found", but not what a Jaeger says: an error, never an empty result.
 *
 * @example
 * throw notOfJaeger('jaeger+http://localhost:3200', '/api/services', answer)
 */
export function notOfJaeger(
  location: string,
  path: string,
  { status, words }: JsonAnswer,
): RivetOtelError {
  const said = words === '' ? '' : `: ${JSON.stringify(words)}`
  return new RivetOtelError(
    'UNREACHABLE',
    `${location} answered GET ${path} with ${status}${said}; that is no answer of Jaeger's query API`,
    {
      hint: "Is it the address of Jaeger's query API, usually port 16686? Its base path, where it has one, belongs to the location.",
    },
  )
}

/**
 * The list under `data` in an answer of `/api`; `undefined` where there is none.
 *
 * @example
 * dataOf({ status: 200, value: { data: ['rivet'] }, words: '' }) // ['rivet']
 */
export function dataOf({ status, value }: JsonAnswer): readonly JsonValue[] | undefined {
  if (status !== 200 || !isJsonObject(value)) return undefined
  return isList(value.data) ? value.data : undefined
}

/**
 * What stands under `errors` in an answer of `/api`.
 *
 * @example
 * errorsOf(answer).some(({ code }) => code === 404)
 */
export function errorsOf({ value }: JsonAnswer): readonly JsonObject[] {
  const errors = isJsonObject(value) ? value.errors : undefined
  return isList(errors) ? errors.filter(isJsonObject) : []
}
