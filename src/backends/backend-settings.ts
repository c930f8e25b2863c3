/**
 * The settings of a server that traces are read back from, `jaeger+http(s)://…` or
 * `tempo+http(s)://…`, from flags and the environment.
 *
 * The `OTEL_EXPORTER_OTLP_*` variables never count: their headers and certificates are for the
 * place that traces are sent to. The values of headers and the password of a URL are in no message.
 */
import { type Headers, headerOf, headersOf } from '../http/headers.js'
import { HTTP_FLAGS, type HttpFlags } from '../http/http-flags.js'
import { type HttpSettings, retryForMsOf, timeoutMsOf } from '../http/http-settings.js'
import { type HttpUrl, locationOf, readHttpUrl } from '../http/http-url.js'
import { type Environment, fail, settingOfFlag, variable } from '../http/setting.js'
import { tlsSettings } from '../http/tls-settings.js'

/** Everything that is needed to read from a server. Holds secrets. */
export interface BackendSettings extends HttpSettings {
  /** The `service.name` of the traces to search for; Jaeger searches only within one. */
  readonly serviceName: string
}

/** What flags may say about a server; each goes before the environment. */
export interface BackendFlags extends HttpFlags {
  /** `jaeger+http(s)://…` or `tempo+http(s)://…`; its path is the base of every request. */
  readonly url: string
  /** Becomes the header `X-Scope-OrgID`. */
  readonly tenant?: string | undefined
}

/** The variable with headers for reading, in the syntax of `OTEL_EXPORTER_OTLP_HEADERS`. */
export const READ_HEADERS = 'RIVET_OTEL_READ_HEADERS'

/** The flag that names a tenant. */
export const TENANT_FLAG = '--tenant'
const TENANT_HEADER = 'x-scope-orgid'

/** As many as a server answers side by side without noticing; Tempo reads its blocks for each. */
const CONCURRENCY = 4

/**
 * Reads the settings.
 *
 * @param from The flags, the environment (`process.env`) and the version for the `User-Agent`.
 *   One exchange may take 30,000 ms and is tried again for 10,000 ms unless they say otherwise.
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a setting that cannot be used.
 * @example
 * const url = 'tempo+https://12345:token@tempo-eu.grafana.net/tempo'
 * backendSettings({ url, env: process.env, version: '0.1.0' }).location
 * // 'tempo+https://tempo-eu.grafana.net/tempo'
 */
export function backendSettings(
  from: BackendFlags & { readonly env: Environment; readonly version: string },
): BackendSettings {
  const { prefix, place } = readLocation(from.url)
  const { certificate, clientCertificate, clientKey, timeoutMs } = HTTP_FLAGS
  return {
    url: place.url,
    location: `${prefix}${locationOf(place.url)}`.replace(/\/$/, ''),
    headers: readingHeaders(from, place),
    timeoutMs: timeoutMsOf(settingOfFlag(from.timeoutMs, timeoutMs), 30_000),
    tls: tlsSettings(
      {
        certificate: settingOfFlag(from.certificate, certificate),
        clientCertificate: settingOfFlag(from.clientCertificate, clientCertificate),
        clientKey: settingOfFlag(from.clientKey, clientKey),
      },
      place,
    ),
    concurrency: CONCURRENCY,
    retryForMs: retryForMsOf(from),
    serviceName: serviceNameIn(from.env),
  }
}

/** Takes the kind of server off the URL, which is then read as any other. */
function readLocation(text: string): { readonly prefix: string; readonly place: HttpUrl } {
  const setting = { text: text.trim(), name: 'the location', isFlag: true }
  const prefix = /^(?:jaeger|tempo)\+(?=https?:\/\/)/i.exec(setting.text)?.[0] ?? ''
  if (prefix === '') {
    throw fail(setting, 'expected jaeger+http://host:port or tempo+http://host:port, or https')
  }
  const place = readHttpUrl({ ...setting, text: setting.text.slice(prefix.length) }, prefix)
  place.url.pathname = place.url.pathname.replace(/\/+$/, '')
  return { prefix: prefix.toLowerCase(), place }
}

function readingHeaders(
  { headers: flags, tenant, env, version }: Parameters<typeof backendSettings>[0],
  place: HttpUrl,
): Headers {
  const userAgent = `rivet-otel/${version}`
  const headers = headersOf({ variables: [variable(env, READ_HEADERS)], flags, place, userAgent })
  const setting = settingOfFlag(tenant, TENANT_FLAG)
  if (setting === undefined) return headers
  if (flags?.some((entry) => new RegExp(`^\\s*${TENANT_HEADER}\\s*=`, 'i').test(entry))) {
    throw fail(setting, `${HTTP_FLAGS.headers} has an ${TENANT_HEADER} too; expected one of them`)
  }
  return { ...headers, ...headerOf(TENANT_HEADER, setting) }
}

/** The name that an export in this environment gives its traces. */
function serviceNameIn(env: Environment): string {
  const name = variable(env, 'OTEL_SERVICE_NAME')
  if (name !== undefined) return name.text
  const attributes = variable(env, 'OTEL_RESOURCE_ATTRIBUTES')
  const attribute = attributes?.text
    .split(',')
    .findLast((pair) => /^\s*service\.name\s*=/.test(pair))
  if (attribute === undefined) return 'rivet'
  try {
    return decodeURIComponent(attribute.slice(attribute.indexOf('=') + 1).trim())
  } catch {
    throw fail(attributes, 'the value of service.name is not percent-encoded properly')
  }
}
