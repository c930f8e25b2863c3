/**
 * The URL of a place: taken apart into what is sent, what is secret and what messages may show.
 */
import { fail, type Setting } from './setting.js'

/** A URL that was configured. */
export interface HttpUrl {
  /** Without user and password. */
  readonly url: URL
  /** `user:password` of the URL, decoded; a secret. */
  readonly credentials?: string
  /** The flag or variable that gave it. */
  readonly setting: Setting
}

/**
 * Reads a URL.
 *
 * @param prefix What stands before `http` in this place's URLs, taken off already; for messages.
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it is no `http(s)://` URL, or has a part
 *   that cannot be sent.
 * @example
 * readHttpUrl({ text: 'http://me:pw@host:4318', name: '--to', isFlag: true }).credentials // 'me:pw'
 */
export function readHttpUrl(setting: Setting, prefix = ''): HttpUrl {
  const url = parse(setting, prefix)
  if (url.hash !== '') {
    throw fail(setting, `${prefix}${locationOf(url)} has a fragment (#…), which is not sent`)
  }
  const { username, password } = url
  if (username === '' && password === '') return { url, setting }
  url.username = ''
  url.password = ''
  try {
    return {
      url,
      setting,
      credentials: `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
    }
  } catch {
    throw fail(
      setting,
      'the user or the password in the URL is not percent-encoded as it should be',
    )
  }
}

/**
 * A URL as messages name it: without user, password and the values of its query.
 *
 * @example
 * locationOf(new URL('http://me:pw@host:4318/v1/traces?key=1')) // 'http://host:4318/v1/traces?…'
 */
export function locationOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`
}

function parse(setting: Setting, prefix: string): URL {
  const url = URL.canParse(setting.text) ? new URL(setting.text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  const expected = `expected ${prefix}http://host:port or ${prefix}https://host:port`
  throw fail(setting, `${expected}, got ${withoutSecrets(setting.text)}`)
}

/** Of a text that is no URL all that may be shown: nothing before an `@`, nothing of a query. */
function withoutSecrets(text: string): string {
  const shown = text.slice(text.lastIndexOf('@') + 1).replace(/[?#].*/s, '')
  return JSON.stringify(`${shown.length < text.length ? '…' : ''}${shown.slice(0, 60)}`)
}
