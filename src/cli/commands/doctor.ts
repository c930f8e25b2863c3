/** `rivet-otel doctor`: a target is measured before one trusts it with runs. */
import { examine, planOf } from '../../bridge/doctor/examine.js'
import type { Diagnosis } from '../../bridge/doctor/findings.js'
import { type ExaminedPlaces, examinedPlaces, type PlaceFlags } from '../../bridge/doctor/places.js'
import { burstOf } from '../../bridge/doctor/treatment.js'
import { isServer, parseLocation } from '../../bridge/location.js'
import { RivetOtelError } from '../../problem.js'
import { VERSION } from '../../version.js'
import { connectionFlags, readHeaders } from '../connection-options.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { type ServerOptions, waitMs } from '../server-options.js'
import type { TargetOptions } from '../target.js'
import type { Terminal } from '../terminal.js'
import { doctorPlanText, doctorText } from '../view/doctor.js'
import { jsonLine, printable } from '../view/printable.js'

/**
 * The options of `doctor`, as they stand on the command line. `header` is for sending; the others
 * that a target and a server share are for both.
 */
export interface DoctorOptions extends TargetOptions, ServerOptions {
  readonly in?: string
  /** Like `header`, for reading back. */
  readonly readHeader?: readonly string[]
  readonly burst?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

const WAIT_MS = 10_000

/**
 * Examines the target and says what was found.
 *
 * @throws {RivetOtelError} for wrong use, and for settings that cannot be used.
 * @example
 * await doctor({ to: 'http://localhost:4318', in: 'tempo+http://localhost:3200' }, terminal)
 */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCodeValue> {
  const waiting = waitMs(options, WAIT_MS)
  const burst = burstOf(options.burst)
  const places = examinedPlaces(flagsOf(options, terminal))
  if (places.to === undefined && places.in === undefined) {
    throw new RivetOtelError('USAGE', 'there is nothing to examine', {
      hint: 'Name where runs are sent with --to (or OTEL_EXPORTER_OTLP_ENDPOINT), and where they are read back with --in.',
    })
  }
  if (options.dryRun) return printPlan(places, burst, options, terminal)
  const diagnosis = await examine(places, {
    waitMs: waiting,
    burst,
    onRetry: (message) => terminal.say(printable(message)),
    onProgress: (what) => terminal.showProgress(`${what} …`),
  })
  await print(diagnosis, options, terminal)
  return exitCodeFor(diagnosis)
}

function flagsOf(options: DoctorOptions, terminal: Terminal): PlaceFlags {
  if (options.tenant?.trim() === '')
    throw new RivetOtelError('USAGE', '--tenant: expected a name, got nothing')
  return {
    to: targetOf(options),
    in: serverOf(options),
    headers: readHeaders('--header', options.header, terminal),
    readHeaders: readHeaders('--read-header', options.readHeader, terminal),
    tenant: options.tenant,
    ...connectionFlags(options),
    compression: options.compression,
    protocol: options.protocol,
    maxRequestBytes: options.maxRequestBytes,
    concurrency: options.concurrency,
    env: terminal.env,
    version: VERSION,
  }
}

function targetOf({ to }: DoctorOptions): string | undefined {
  const place = to === undefined ? undefined : parseLocation(to)
  if (place === undefined) return undefined
  if (place.kind === 'otlp') return place.url
  throw new RivetOtelError('USAGE', '--to: expected an OTLP endpoint, http(s)://host:4318', {
    hint: 'Where traces are read back is named with --in.',
  })
}

function serverOf({ in: named }: DoctorOptions): PlaceFlags['in'] {
  const place = named === undefined ? undefined : parseLocation(named)
  if (place === undefined) return undefined
  if (isServer(place)) return place
  throw new RivetOtelError(
    'USAGE',
    '--in: expected jaeger+http(s)://host:16686 or tempo+http(s)://host:3200',
  )
}

async function printPlan(
  places: ExaminedPlaces,
  burst: number,
  options: DoctorOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const portions = planOf(places, burst)
  const to = places.to?.location
  const readFrom = places.in?.settings.location
  await terminal.print(
    options.json
      ? jsonLine({ dry_run: true, to: to ?? null, in: readFrom ?? null, sends: portions })
      : doctorPlanText({ to, in: readFrom }, portions, lookOf(terminal)),
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
      ? jsonLine({
          dry_run: false,
          to: to ?? null,
          in: readFrom ?? null,
          verdict,
          findings,
          conclusion,
        })
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
    case 'refused':
      return ExitCode.NOT_ALL_WELL
    case 'unreachable':
      return ExitCode.UNREACHABLE
  }
}
