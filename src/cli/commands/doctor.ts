/** `rivet-otel doctor`: a target is measured before one trusts it with runs. */
import type { BackendSettings } from '../../backends/backend-settings.js'
import { backendSettings } from '../../backends/backend-settings.js'
import { type ExamineOptions, examine } from '../../bridge/doctor/examine.js'
import { serverFacts } from '../../bridge/doctor/examine-facts.js'
import type { Diagnosis } from '../../bridge/doctor/findings.js'
import { DOCTOR_SERVICE } from '../../bridge/doctor/probes.js'
import { freshSeed } from '../../bridge/doctor/seed.js'
import { portionsOf, treatment } from '../../bridge/doctor/treatment.js'
import { parseLocation } from '../../bridge/location.js'
import { openServer, type ServerAccess } from '../../bridge/server.js'
import { endpointOf } from '../../delivery/otlp-endpoint.js'
import { type OtlpSettings, otlpSettings } from '../../delivery/otlp-settings.js'
import type { HttpSettings } from '../../http/http-settings.js'
import { withoutSecrets } from '../../http/secrets.js'
import { settingOfFlag, wholeNumber } from '../../http/setting.js'
import { RivetOtelError } from '../../problem.js'
import { VERSION } from '../../version.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { readHeader, waitMs } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { doctorPlanText, doctorText } from '../view/doctor.js'
import { printable, printableJson } from '../view/terminal-text.js'

/** The options of `doctor`, as they stand on the command line. */
export interface DoctorOptions {
  readonly to?: string
  readonly in?: string
  /** For `to`. */
  readonly header?: readonly string[]
  /** For `in`. */
  readonly readHeader?: readonly string[]
  /** The rest but the last six is for both. */
  readonly tenant?: string
  readonly timeout?: string
  readonly certificate?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly retryFor?: string
  readonly wait?: string
  readonly burst?: string
  readonly protocol?: string
  readonly compression?: string
  readonly maxRequestBytes?: string
  readonly concurrency?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

const WAIT_MS = 10_000
/**
 * Enough to see a limit that an export of some weeks would pass, and no more: a Tempo drops what
 * passes 10,000 live traces of everyone and answers 200, and a Jaeger in memory lets go of the oldest.
 */
const BURST = 500
const MOST_BURST = 100_000
const TENANT_HEADER = 'x-scope-orgid'

/** Examines the target and says what was found. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCodeValue> {
  const waiting = waitMs(options, WAIT_MS)
  const range = { what: 'traces', least: 0, most: MOST_BURST, otherwise: BURST }
  const burst = wholeNumber(settingOfFlag(options.burst, '--burst'), range)
  const to = targetOf(options, terminal)
  const from = serverOf(options, terminal, to)
  if (to === undefined && from === undefined) {
    throw new RivetOtelError('USAGE', 'there is nothing to examine', {
      hint: 'Name where runs are sent with --to (or OTEL_EXPORTER_OTLP_ENDPOINT), and where they are read back with --in.',
    })
  }
  const settings = [to, from?.settings].filter((each) => each !== undefined)
  if (options.dryRun) return printPlan({ to, from, burst }, options, terminal)
  const backend = from && (await openServer(from.kind, from.url, from.access))
  try {
    const diagnosis = await examine({
      to,
      in: from && backend && { backend, facts: serverFacts(from.kind, from.settings) },
      waitMs: waiting,
      burst,
      clean: cleaner(settings),
      onProgress: (what) => terminal.showProgress(`${what} …`),
    })
    await print(diagnosis, options, terminal)
    return exitCodeFor(diagnosis)
  } finally {
    backend?.close()
  }
}

function targetOf(options: DoctorOptions, terminal: Terminal): OtlpSettings | undefined {
  const { env } = terminal
  const place = options.to === undefined ? undefined : parseLocation(options.to)
  if (place !== undefined && place.kind !== 'otlp') {
    throw new RivetOtelError('USAGE', '--to: expected an OTLP endpoint, http(s)://host:4318', {
      hint: 'Where traces are read back is named with --in.',
    })
  }
  const endpoint = endpointOf(place?.url, env)
  // Without a target these are for `--in` alone.
  const shared =
    endpoint && connection(options, endpoint.url.protocol === 'https:', isReadOverTls(options))
  return otlpSettings({
    ...shared,
    headers: headersFor(options, terminal, endpoint !== undefined),
    compression: options.compression,
    protocol: options.protocol,
    maxRequestBytes: options.maxRequestBytes,
    concurrency: options.concurrency,
    endpoint: place?.url,
    env,
    version: VERSION,
  })
}

function headersFor(
  { header, tenant }: DoctorOptions,
  terminal: Terminal,
  hasTarget: boolean,
): string[] {
  if (tenant?.trim() === '')
    throw new RivetOtelError('USAGE', '--tenant: expected a name, got nothing')
  const headers = (header ?? []).map((each) => readHeader('--header', each, terminal))
  return tenant === undefined || !hasTarget ? headers : [...headers, `${TENANT_HEADER}=${tenant}`]
}

/** What is said of both places; certificates go to those with TLS, and to both where none has it. */
function connection(options: DoctorOptions, isTls: boolean, isOtherTls: boolean) {
  const { timeout, retryFor, certificate, clientCertificate, clientKey } = options
  return {
    timeoutMs: timeout,
    retryForMs: retryFor,
    ...((isTls || !isOtherTls) && { certificate, clientCertificate, clientKey }),
  }
}

function isReadOverTls({ in: place = '' }: DoctorOptions): boolean {
  return /^\w+\+https:/i.test(place)
}

/** Where probes are read back. */
interface Server {
  readonly kind: 'jaeger' | 'tempo'
  readonly url: string
  readonly access: ServerAccess
  readonly settings: BackendSettings
}

function serverOf(
  options: DoctorOptions,
  terminal: Terminal,
  to: OtlpSettings | undefined,
): Server | undefined {
  if (options.in === undefined) return undefined
  const place = parseLocation(options.in)
  if (place.kind !== 'jaeger' && place.kind !== 'tempo') {
    throw new RivetOtelError(
      'USAGE',
      '--in: expected jaeger+http(s)://host:16686 or tempo+http(s)://host:3200',
    )
  }
  const { kind, url } = place
  const access: ServerAccess = {
    ...connection(options, isReadOverTls(options), to?.url.protocol === 'https:'),
    headers: options.readHeader?.map((each) => readHeader('--read-header', each, terminal)),
    tenant: options.tenant,
    onRetry: (message) => terminal.say(printable(message)),
    version: VERSION,
    // A Jaeger searches within one service, and what is sent here is of this one.
    env: { ...terminal.env, OTEL_SERVICE_NAME: DOCTOR_SERVICE },
  }
  return { kind, url, access, settings: backendSettings({ ...access, url }) }
}

/** A tenant is a name that everyone may see, and hiding it would garble the words around it. */
function cleaner(settings: readonly HttpSettings[]): ExamineOptions['clean'] {
  const secretive = settings.map((each) => {
    const { [TENANT_HEADER]: _, ...headers } = each.headers
    return { ...each, headers }
  })
  return (text) => secretive.reduce(withoutSecrets, text)
}

async function printPlan(
  { to, from, burst }: { to: OtlpSettings | undefined; from: Server | undefined; burst: number },
  options: DoctorOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const portions =
    to === undefined ? [] : portionsOf(treatment(freshSeed(), from === undefined ? 0 : burst))
  const places = { to: to?.location, in: from?.settings.location }
  await terminal.print(
    options.json
      ? `${printableJson(JSON.stringify({ dry_run: true, to: places.to ?? null, in: places.in ?? null, sends: portions }))}\n`
      : doctorPlanText(places, portions, lookOf(terminal)),
  )
  return ExitCode.DONE
}

async function print(
  diagnosis: Diagnosis,
  options: DoctorOptions,
  terminal: Terminal,
): Promise<void> {
  const { to, in: readFrom, verdict, findings, conclusion } = diagnosis
  await terminal.print(
    options.json
      ? `${printableJson(JSON.stringify({ dry_run: false, to: to ?? null, in: readFrom ?? null, verdict, findings, conclusion }))}\n`
      : doctorText(diagnosis, lookOf(terminal)),
  )
}

function lookOf({ columns, hasColors }: Terminal) {
  return { width: columns ?? Number.POSITIVE_INFINITY, color: hasColors }
}

function exitCodeFor({ verdict }: Diagnosis): ExitCodeValue {
  switch (verdict) {
    case 'exact':
    case 'accepted':
    case 'readable':
      return ExitCode.DONE
    case 'loses':
      return ExitCode.NOT_ALL_WELL
    case 'unreachable':
      return ExitCode.UNREACHABLE
  }
}
