/**
 * The settings of an OTLP/HTTP target, from flags and from the standard environment.
 *
 * Flags go before `OTEL_EXPORTER_OTLP_TRACES_*`, and those before `OTEL_EXPORTER_OTLP_*`; an empty
 * variable is an unset one. Source: the OpenTelemetry specification, "OpenTelemetry Protocol
 * Exporter". A bad setting is an error that names the flag or variable and what was expected; the
 * values of headers and the password of a URL are in no message.
 */
import { RivetOtelError } from '../problem.js'
import { endpointOf, locationOf } from './otlp-endpoint.js'
import { FLAGS, type OtlpFlags } from './otlp-flags.js'
import { type Headers, headersOf } from './otlp-headers.js'
import { fail, type Setting, settingOf, wholeNumber } from './setting.js'
import { type TlsSettings, tlsSettings } from './tls-settings.js'

/** Everything that a delivery needs to know about its OTLP/HTTP target. Holds secrets. */
export interface OtlpSettings {
  /** Where requests go, without user and password. */
  readonly url: URL
  /** The target as messages name it; never holds a secret. */
  readonly location: string
  /** Names in lower case; with `user-agent`, and `authorization` where the URL had a user. */
  readonly headers: Headers
  readonly timeoutMs: number
  readonly compression: 'gzip' | 'none'
  readonly encoding: 'protobuf' | 'json'
  readonly tls: TlsSettings
  readonly maxRequestBytes: number
  readonly concurrency: number
  readonly retryForMs: number
}

const LONGEST_MS = 2 ** 31 - 1

/**
 * Reads the settings; `undefined` where no endpoint is configured, and then no other variable counts.
 *
 * @param from The flags, the environment (`process.env`) and the version for the `User-Agent`.
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a setting that cannot be used, and for flags
 *   about a target when there is none.
 * @example
 * otlpSettings({ env: process.env, version: '0.1.0', endpoint: 'http://localhost:4318' })?.location
 * // 'http://localhost:4318/v1/traces'
 */
export function otlpSettings(
  from: OtlpFlags & {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly version: string
  },
): OtlpSettings | undefined {
  const { env } = from
  const endpoint = endpointOf(from.endpoint, env)
  if (endpoint === undefined) {
    refuseFlagsWithoutTarget(from)
    return undefined
  }
  const encoding = encodingOf(settingOf(from.protocol, FLAGS.protocol, env, 'PROTOCOL'))
  return {
    url: endpoint.url,
    location: locationOf(endpoint.url),
    headers: headersOf(from.headers, env, endpoint, `rivet-otel/${from.version}`),
    timeoutMs: wholeNumber(settingOf(from.timeoutMs, FLAGS.timeoutMs, env, 'TIMEOUT'), {
      what: 'milliseconds',
      least: 1,
      most: LONGEST_MS,
      otherwise: 10_000,
    }),
    compression: compressionOf(settingOf(from.compression, FLAGS.compression, env, 'COMPRESSION')),
    encoding,
    tls: tlsSettings(from, env, endpoint),
    maxRequestBytes: wholeNumber(settingOf(from.maxRequestBytes, FLAGS.maxRequestBytes), {
      what: 'bytes',
      least: 1,
      most: 2 ** 30,
      otherwise: 4_000_000,
    }),
    concurrency: wholeNumber(settingOf(from.concurrency, FLAGS.concurrency), {
      what: 'requests',
      least: 1,
      most: 100,
      otherwise: 4,
    }),
    retryForMs: wholeNumber(settingOf(from.retryForMs, FLAGS.retryForMs), {
      what: 'milliseconds',
      least: 0,
      most: LONGEST_MS,
      otherwise: 10_000,
    }),
  }
}

function encodingOf(setting: Setting | undefined): 'protobuf' | 'json' {
  switch (setting?.text.toLowerCase()) {
    case undefined:
    case 'http/protobuf':
      return 'protobuf'
    case 'http/json':
      return 'json'
    case 'grpc':
      throw fail(
        setting,
        'grpc is not spoken here',
        'set it to http/protobuf and use the HTTP port of the same receiver, usually 4318 instead of 4317',
      )
    default:
      throw fail(setting, `expected http/protobuf or http/json, got ${quoted(setting)}`)
  }
}

function compressionOf(setting: Setting | undefined): 'gzip' | 'none' {
  const text = setting?.text.toLowerCase() ?? 'none'
  if (text === 'gzip' || text === 'none') return text
  throw fail(setting, `expected gzip or none, got ${quoted(setting)}`)
}

function quoted(setting: Setting | undefined): string {
  return JSON.stringify(setting?.text.slice(0, 40))
}

function refuseFlagsWithoutTarget(flags: OtlpFlags): void {
  for (const [name, flag] of Object.entries(FLAGS)) {
    const value = flags[name as keyof OtlpFlags]
    if (value === undefined || (typeof value === 'object' && value.length === 0)) continue
    throw new RivetOtelError(
      'INVALID_CONFIGURATION',
      `${flag} is about an OTLP endpoint, and none is given`,
      { hint: `give one with ${FLAGS.endpoint} or in OTEL_EXPORTER_OTLP_ENDPOINT` },
    )
  }
}
