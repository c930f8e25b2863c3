/**
 * The headers of requests to one place. Their values are secrets: no message shows one.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { HTTP_FLAGS } from './http-flags.js'
import type { HttpUrl } from './http-url.js'
import { fail, type Setting } from './setting.js'

/** Headers by name in lower case. */
export type Headers = Readonly<Record<string, string>>

/** The header by which Tempo and others tell tenants apart, in lower case. */
export const TENANT_HEADER = 'x-scope-orgid'

/** What the request itself says about its body and its connection. */
const NOT_TO_BE_SET = [
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'transfer-encoding',
]

/** Where headers come from. */
export interface HeaderSources {
  /** Comma-separated `key=value` with percent-encoded values (W3C Baggage), the weakest first. */
  readonly variables: readonly (Setting | undefined)[]
  /** One `key=value` each, taken as it is; they go over the variables. */
  readonly flags: readonly string[] | undefined
  /** How the flag is spelled, for messages; `--header` where it is absent. */
  readonly flagName?: string
  /** A user in its URL becomes basic authentication. */
  readonly place: HttpUrl
  readonly userAgent: string
}

/**
 * Puts the headers together.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for an entry that is no header.
 * @example
 * headersOf({ variables: [], flags: ['X-Team=etl'], place, userAgent: 'me' })['x-team'] // 'etl'
 */
export function headersOf({
  variables,
  flags,
  flagName = HTTP_FLAGS.headers,
  place,
  userAgent,
}: HeaderSources): Headers {
  const headers = new Map([['user-agent', userAgent]])
  for (const setting of variables) {
    setting?.text.split(',').forEach((entry, i) => {
      if (entry.trim() !== '') headers.set(...readEntry(entry, setting, i + 1, decoded))
    })
  }
  const flag = { text: '', name: flagName, isFlag: true }
  flags?.forEach((entry, i) => {
    headers.set(...readEntry(entry, flag, i + 1, (value) => value))
  })
  if (place.credentials !== undefined) {
    if (headers.has('authorization')) {
      throw fail(
        place.setting,
        'the URL has a user and the headers have an authorization; expected one of them',
      )
    }
    const base64 = Buffer.from(place.credentials).toString('base64')
    headers.set('authorization', `Basic ${base64}`)
  }
  return Object.fromEntries(headers)
}

/**
 * One header whose value is a setting of its own.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where a header cannot have that value.
 * @example
 * headerOf(TENANT_HEADER, { text: 'team', name: '--tenant', isFlag: true }) // { 'x-scope-orgid': 'team' }
 */
export function headerOf(name: string, setting: Setting): Headers {
  if (setting.text === '') throw fail(setting, 'expected a value, got nothing')
  return Object.fromEntries([readEntry(`${name}=${setting.text}`, setting, 1, (value) => value)])
}

/**
 * Whether one of these `key=value` entries is about a header.
 *
 * @param name in lower case
 * @example
 * hasHeader(['X-Scope-OrgID=team'], TENANT_HEADER) // true
 */
export function hasHeader(entries: readonly string[], name: string): boolean {
  return entries.some((entry) => nameIn(entry) === name)
}

function readEntry(
  entry: string,
  setting: Setting,
  place: number,
  decode: (value: string) => string | undefined,
): [name: string, value: string] {
  const name = nameIn(entry)
  if (name === undefined) throw fail(setting, `entry ${place} has no "=": expected key=value`)
  if (!isHeaderName(name)) {
    throw fail(setting, `the key of entry ${place} is no name of a header: expected key=value`)
  }
  if (NOT_TO_BE_SET.includes(name)) {
    throw fail(setting, `${name} cannot be set: the request says that itself`)
  }
  const value = decode(entry.slice(entry.indexOf('=') + 1).trim())
  if (value === undefined)
    throw fail(setting, `the value of ${name} is not percent-encoded properly`)
  if (!isHeaderValue(name, value)) {
    throw fail(setting, `the value of ${name} holds characters that a header cannot have`)
  }
  return [name, value]
}

function nameIn(entry: string): string | undefined {
  const at = entry.indexOf('=')
  return at < 1 ? undefined : entry.slice(0, at).trim().toLowerCase()
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
