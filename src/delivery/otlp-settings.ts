/**
 * The settings of an OTLP/HTTP target, from flags and from the standard environment.
 *
 * Flags go before `OTEL_EXPORTER_OTLP_TRACES_*`, and those before `OTEL_EXPORTER_OTLP_*`; an empty
 * variable is an unset one. Source: the OpenTelemetry specification, "OpenTelemetry Protocol
 * Exporter". A bad setting is an error that names the flag or variable and what was expected; the
 * values of headers and the password of a URL are in no message.
 */
import { headersOf } from '../http/headers.js'
import { type HttpSettings, retryForMsOf, timeoutMsOf } from '../http/http-settings.js'
import { locationOf } from '../http/http-url.js'
import {
  type Environment,
  fail,
  quotedSetting,
  type Setting,
  settingOfFlag,
  variable,
  wholeNumber,
} from '../http/setting.js'
import { type TlsFiles, tlsSettings } from '../http/tls-settings.js'
import type { SpanEncodingName } from '../mapping/page.js'
import { RivetOtelError } from '../problem.js'
import { endpointOf } from './otlp-endpoint.js'
import { FLAGS, type OtlpFlags } from './otlp-flags.js'
import { settingOf } from './otlp-setting.js'

/** Everything that a delivery needs to know about its OTLP/HTTP target. Holds secrets. */
export interface OtlpSettings extends HttpSettings {
  readonly compression: 'gzip' | 'none'
  readonly encoding: SpanEncodingName
  readonly maxRequestBytes: number
  /** For `paced`; a delivery by itself sends as fast as it can. */
  readonly maxTracesPerSecond: number
}

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
    readonly env: Environment
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
    headers: headersOf({
      variables: ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'].map((name) =>
        variable(env, name),
      ),
      flags: from.headers,
      place: endpoint,
      userAgent: `rivet-otel/${from.version}`,
    }),
    timeoutMs: timeoutMsOf(settingOf(from.timeoutMs, FLAGS.timeoutMs, env, 'TIMEOUT'), 10_000),
    compression: compressionOf(settingOf(from.compression, FLAGS.compression, env, 'COMPRESSION')),
    encoding,
    tls: tlsSettings(tlsFilesOf(from, env), endpoint),
    maxRequestBytes: wholeNumber(settingOfFlag(from.maxRequestBytes, FLAGS.maxRequestBytes), {
      what: 'bytes',
      least: 1,
      most: 2 ** 30,
      otherwise: 4_000_000,
    }),
    concurrency: wholeNumber(settingOfFlag(from.concurrency, FLAGS.concurrency), {
      what: 'requests',
      least: 1,
      most: 100,
      otherwise: 4,
    }),
    maxTracesPerSecond: wholeNumber(
      settingOfFlag(from.maxTracesPerSecond, FLAGS.maxTracesPerSecond),
      { what: 'traces', least: 1, most: 1_000_000, otherwise: 500 },
    ),
    retryForMs: retryForMsOf(from),
  }
}

function tlsFilesOf(flags: OtlpFlags, env: Environment): TlsFiles {
  const { certificate, clientCertificate, clientKey } = FLAGS
  return {
    certificate: settingOf(flags.certificate, certificate, env, 'CERTIFICATE'),
    clientCertificate: settingOf(
      flags.clientCertificate,
      clientCertificate,
      env,
      'CLIENT_CERTIFICATE',
    ),
    clientKey: settingOf(flags.clientKey, clientKey, env, 'CLIENT_KEY'),
  }
}

function encodingOf(setting: Setting | undefined): SpanEncodingName {
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
  return quotedSetting(setting?.text ?? '')
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
