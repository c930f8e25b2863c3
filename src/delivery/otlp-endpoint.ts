/**
 * The endpoint of an OTLP/HTTP target: which URL requests go to, and how messages name it.
 */
import { FLAGS } from './otlp-flags.js'
import { type Environment, fail, type Setting, variable } from './setting.js'

const TRACES_PATH = '/v1/traces'

/** An endpoint that was configured. */
export interface OtlpEndpoint {
  /** Where requests go, without user and password. */
  readonly url: URL
  /** `user:password` of the URL, decoded; a secret. */
  readonly credentials?: string
  /** The flag or variable that gave it. */
  readonly setting: Setting
}

/**
 * Finds the endpoint; `undefined` where none is configured.
 *
 * The flag is a base to which `/v1/traces` is added unless it is there. The variable for traces is
 * used as it is, and to the one for every signal `/v1/traces` is added, as the specification says.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it is no `http(s)://` URL.
 * @example
 * endpointOf(undefined, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://host:4318' })?.url.href
 * // 'http://host:4318/v1/traces'
 */
export function endpointOf(flag: string | undefined, env: Environment): OtlpEndpoint | undefined {
  if (flag !== undefined) {
    const endpoint = read({ text: flag.trim(), name: FLAGS.endpoint, isFlag: true })
    if (!endpoint.url.pathname.replace(/\/+$/, '').endsWith(TRACES_PATH))
      addTracesPath(endpoint.url)
    return endpoint
  }
  const forTraces = variable(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
  if (forTraces !== undefined) return read(forTraces)
  const base = variable(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  if (base === undefined) return undefined
  const endpoint = read(base)
  addTracesPath(endpoint.url)
  return endpoint
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

function read(setting: Setting): OtlpEndpoint {
  const url = parse(setting)
  if (url.hash !== '')
    throw fail(setting, `${locationOf(url)} has a fragment (#…), which is not sent`)
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

function parse(setting: Setting): URL {
  const expected = 'expected http://host:port or https://host:port'
  const url = URL.canParse(setting.text) ? new URL(setting.text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw fail(setting, `${expected}, got ${withoutSecrets(setting.text)}`)
}

/** Of a text that is no URL all that may be shown: nothing before an `@`, nothing of a query. */
function withoutSecrets(text: string): string {
  const shown = text.slice(text.lastIndexOf('@') + 1).replace(/[?#].*/s, '')
  return JSON.stringify(`${shown.length < text.length ? '…' : ''}${shown.slice(0, 60)}`)
}

function addTracesPath(url: URL): void {
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${TRACES_PATH}`
}
