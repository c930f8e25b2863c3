/**
 * Where an examination sends and where it reads back, from flags. Nothing is connected to.
 *
 * The settings of each place are made once, so that a file of a certificate is read once.
 */
import { type BackendSettings, backendSettings } from '../../backends/backend-settings.js'
import { endpointOf } from '../../delivery/otlp-endpoint.js'
import type { OtlpFlags } from '../../delivery/otlp-flags.js'
import { type OtlpSettings, otlpSettings } from '../../delivery/otlp-settings.js'
import { TENANT_HEADER } from '../../http/headers.js'
import type { HttpSettings } from '../../http/http-settings.js'
import { withoutSecrets } from '../../http/secrets.js'
import type { Environment } from '../../http/setting.js'
import { DOCTOR_SERVICE } from '../../mapping/resource.js'
import { isOverTls, type ServerKind, type ServerLocation } from '../location.js'

/** What flags say; where they do not say whether sending or reading, it is for both. */
export interface PlaceFlags extends Omit<OtlpFlags, 'endpoint'> {
  /** An OTLP endpoint; else that of the environment, if there is one. */
  readonly to?: string | undefined
  /** Where traces are read back: `tempo+http://localhost:3200`. */
  readonly in?: ServerLocation | undefined
  /** Like `headers`, which are for sending alone. */
  readonly readHeaders?: readonly string[] | undefined
  /** Becomes the header `X-Scope-OrgID`. */
  readonly tenant?: string | undefined
  readonly env: Environment
  /** For the `User-Agent`. */
  readonly version: string
}

/** The places of an examination. Holds secrets. */
export interface ExaminedPlaces {
  /** Where probes are sent. */
  readonly to: OtlpSettings | undefined
  /** Where they are read back. */
  readonly in: ReadingPlace | undefined
}

/** A server that traces are read back from. */
export interface ReadingPlace {
  readonly kind: ServerKind
  readonly settings: BackendSettings
}

/**
 * The places that flags and the environment name; none, one or both.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a setting that cannot be used.
 * @example
 * examinedPlaces({ to: 'http://localhost:4318', env: {}, version: '0.1.0' }).to?.location
 * // 'http://localhost:4318/v1/traces'
 */
export function examinedPlaces(flags: PlaceFlags): ExaminedPlaces {
  const to = targetOf(flags)
  return { to, in: serverOf(flags, to) }
}

/**
 * Takes the secrets of the places out of texts from outside. A tenant is a name that everyone may
 * see, and hiding it would garble the words around it.
 *
 * @example
 * cleanerFor(places)('bad token s3cret') // 'bad token ***'
 */
export function cleanerFor({ to, in: server }: ExaminedPlaces): (text: string) => string {
  const all: (HttpSettings | undefined)[] = [to, server?.settings]
  const secretive = all.flatMap((settings) => {
    if (settings === undefined) return []
    const { [TENANT_HEADER]: _, ...headers } = settings.headers
    return [{ ...settings, headers }]
  })
  return (text) => secretive.reduce(withoutSecrets, text)
}

function targetOf(flags: PlaceFlags): OtlpSettings | undefined {
  const { to, headers = [], compression, protocol, maxRequestBytes, concurrency } = flags
  const { tenant, env, version } = flags
  const endpoint = endpointOf(to, env)
  const isTenantSent = endpoint !== undefined && tenant !== undefined
  // Without a target these are for reading alone.
  const shared =
    endpoint && connection(flags, endpoint.url.protocol === 'https:', isReadOverTls(flags))
  return otlpSettings({
    ...shared,
    headers: isTenantSent ? [...headers, `${TENANT_HEADER}=${tenant}`] : headers,
    compression,
    protocol,
    maxRequestBytes,
    concurrency,
    endpoint: to,
    env,
    version,
  })
}

function serverOf(flags: PlaceFlags, to: OtlpSettings | undefined): ReadingPlace | undefined {
  if (flags.in === undefined) return undefined
  const { kind, url } = flags.in
  const settings = backendSettings({
    ...connection(flags, isReadOverTls(flags), to?.url.protocol === 'https:'),
    url,
    headers: flags.readHeaders,
    headersFlag: '--read-header',
    tenant: flags.tenant,
    version: flags.version,
    // A Jaeger searches within one service, and what is sent here is of this one.
    env: { ...flags.env, OTEL_SERVICE_NAME: DOCTOR_SERVICE },
  })
  return { kind, settings }
}

/** What is said of both places; certificates go to those with TLS, and to both where none has it. */
function connection(flags: PlaceFlags, isTls: boolean, isOtherTls: boolean) {
  const { timeoutMs, retryForMs, certificate, clientCertificate, clientKey } = flags
  const isForIt = isTls || !isOtherTls
  return {
    timeoutMs,
    retryForMs,
    ...(isForIt && { certificate, clientCertificate, clientKey }),
  }
}

function isReadOverTls({ in: server }: PlaceFlags): boolean {
  return server !== undefined && isOverTls(server.url)
}
