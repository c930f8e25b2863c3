/**
 * The endpoint of an OTLP/HTTP target: which URL requests go to.
 */
import { type HttpUrl, readHttpUrl } from '../http/http-url.js'
import { type Environment, variable } from '../http/setting.js'
import { FLAGS } from './otlp-flags.js'

const TRACES_PATH = '/v1/traces'

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
export function endpointOf(flag: string | undefined, env: Environment): HttpUrl | undefined {
  if (flag !== undefined) {
    const endpoint = readHttpUrl({ text: flag.trim(), name: FLAGS.endpoint, isFlag: true })
    if (!endpoint.url.pathname.replace(/\/+$/, '').endsWith(TRACES_PATH))
      addTracesPath(endpoint.url)
    return endpoint
  }
  const forTraces = variable(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
  if (forTraces !== undefined) return readHttpUrl(forTraces)
  const base = variable(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  if (base === undefined) return undefined
  const endpoint = readHttpUrl(base)
  addTracesPath(endpoint.url)
  return endpoint
}

function addTracesPath(url: URL): void {
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${TRACES_PATH}`
}
