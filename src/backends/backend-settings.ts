/**
 * The settings of a server that traces are read back from, `jaeger+http(s)://…` or
 * `tempo+http(s)://…`, from flags and the environment.
 *
 * The `OTEL_EXPORTER_OTLP_*` variables never count: their headers and certificates are for the
 * place that traces are sent to. The values of headers and the password of a URL are in no message.
 */
import { type Headers, hasHeader, headerOf, headersOf, TENANT_HEADER } from '../http/headers.js'
import { HTTP_FLAGS, type HttpFlags } from '../http/http-flags.js'
import { type HttpSettings, retryForMsOf, timeoutMsOf } from '../http/http-settings.js'
import { type HttpUrl, locationOf, readHttpUrl } from '../http/http-url.js'
import { type Environment, fail, settingOfFlag, variable } from '../http/setting.js'
import { tlsSettings } from '../http/tls-settings.js'
import { resourceFromEnvironment } from '../mapping/resource.js'

/** Everything that is needed to read from a server. Holds secrets. */
export interface BackendSettings extends HttpSettings {
  /**
   * The `service.name` of the traces to search for, which is what an export in the same environment
   * gives its traces; Jaeger searches only within one.
   */
  readonly serviceName: string
  /** The flag that its headers are given with, for messages. */
  readonly headersFlag: HeadersFlag
}

/** How the flag for headers is spelled: `--read-header` where `--header` is about another place. */
export type HeadersFlag = '--header' | '--read-header'

/** What flags may say about a server; each goes before the environment. */
export interface BackendFlags extends HttpFlags {
  /** `jaeger+http(s)://…` or `tempo+http(s)://…`; its path is the base of every request. */
  readonly url: string
  /** Becomes the header `X-Scope-OrgID`. */
  readonly tenant?: string | undefined
  /** The flag that `headers` came from, for messages; `--header` where it is absent. */
  readonly headersFlag?: HeadersFlag | undefined
}

/** The variable with headers for reading, in the syntax of `OTEL_EXPORTER_OTLP_HEADERS`. */
export const READ_HEADERS = 'RIVET_OTEL_READ_HEADERS'

/** The flag that names a tenant. */
export const TENANT_FLAG = '--tenant'

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
    headersFlag: headersFlagOf(from),
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
    serviceName: String(resourceFromEnvironment(from.env)['service.name']),
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

function headersFlagOf({ headersFlag = HTTP_FLAGS.headers }: BackendFlags): HeadersFlag {
  return headersFlag
}

function readingHeaders(from: Parameters<typeof backendSettings>[0], place: HttpUrl): Headers {
  const { headers: flags, tenant, env, version } = from
  const flagName = headersFlagOf(from)
  const headers = headersOf({
    variables: [variable(env, READ_HEADERS)],
    flags,
    flagName,
    place,
    userAgent: `rivet-otel/${version}`,
  })
  const setting = settingOfFlag(tenant, TENANT_FLAG)
  if (setting === undefined) return headers
  if (flags !== undefined && hasHeader(flags, TENANT_HEADER)) {
    throw fail(setting, `${flagName} has an ${TENANT_HEADER} too; expected one of them`)
  }
  return { ...headers, ...headerOf(TENANT_HEADER, setting) }
}
