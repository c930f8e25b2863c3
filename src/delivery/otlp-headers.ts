/**
 * The headers of requests to an OTLP/HTTP target. Their values are secrets: no message shows one.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { OtlpEndpoint } from './otlp-endpoint.js'
import { FLAGS } from './otlp-flags.js'
import { type Environment, fail, type Setting, variable } from './setting.js'

/** Headers by name in lower case. */
export type Headers = Readonly<Record<string, string>>

/** What the request itself says about its body and its connection. */
const NOT_TO_BE_SET = [
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'transfer-encoding',
]

/**
 * Puts the headers together: the general variable, over it the one for traces, over it the flags.
 * Variables are comma-separated `key=value` with percent-encoded values (W3C Baggage); flags are one
 * `key=value` each, taken as it is. A user in the URL becomes basic authentication.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for an entry that is no header.
 * @example
 * headersOf(['x-scope-orgid=team'], process.env, endpoint, 'rivet-otel/0.1.0')['x-scope-orgid'] // 'team'
 */
export function headersOf(
  flags: readonly string[] | undefined,
  env: Environment,
  endpoint: OtlpEndpoint,
  userAgent: string,
): Headers {
  const headers = new Map([['user-agent', userAgent]])
  for (const name of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
    const setting = variable(env, name)
    if (setting === undefined) continue
    setting.text.split(',').forEach((entry, i) => {
      if (entry.trim() !== '') headers.set(...readEntry(entry, setting, i + 1, decoded))
    })
  }
  const flag = { text: '', name: FLAGS.headers, isFlag: true }
  flags?.forEach((entry, i) => {
    headers.set(...readEntry(entry, flag, i + 1, (value) => value))
  })
  if (endpoint.credentials !== undefined) {
    if (headers.has('authorization')) {
      throw fail(
        endpoint.setting,
        'the URL has a user and the headers have an authorization; expected one of them',
      )
    }
    const base64 = Buffer.from(endpoint.credentials).toString('base64')
    headers.set('authorization', `Basic ${base64}`)
  }
  return Object.fromEntries(headers)
}

function readEntry(
  entry: string,
  setting: Setting,
  place: number,
  decode: (value: string) => string | undefined,
): [name: string, value: string] {
  const at = entry.indexOf('=')
  if (at < 1) throw fail(setting, `entry ${place} has no "=": expected key=value`)
  const name = entry.slice(0, at).trim().toLowerCase()
  if (!isHeaderName(name)) {
    throw fail(setting, `the key of entry ${place} is no name of a header: expected key=value`)
  }
  if (NOT_TO_BE_SET.includes(name)) {
    throw fail(setting, `${name} cannot be set: the request says that itself`)
  }
  const value = decode(entry.slice(at + 1).trim())
  if (value === undefined)
    throw fail(setting, `the value of ${name} is not percent-encoded properly`)
  if (!isHeaderValue(name, value)) {
    throw fail(setting, `the value of ${name} holds characters that a header cannot have`)
  }
  return [name, value]
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

function isHeaderName(name: string): boolean {
  return name !== '__proto__' && passes(() => validateHeaderName(name))
}

function isHeaderValue(name: string, value: string): boolean {
  return passes(() => validateHeaderValue(name, value))
}

function passes(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}
