/** `rivet-otel export`: runs go out as traces, and on request they are read back and compared. */
import type { SpanStream, TraceBackend } from '../../backends/backend.js'
import { exportRuns } from '../../bridge/export-runs.js'
import { type Location, parseLocation } from '../../bridge/location.js'
import { resourceFromEnvironment } from '../../bridge/resource.js'
import { openSource, openTraces } from '../../bridge/run-reader.js'
import type { ExportSummary } from '../../bridge/summary.js'
import { verifyRuns } from '../../bridge/verify-runs.js'
import { RivetOtelError } from '../../problem.js'
import type { JournalSource, Selection } from '../../sources/source.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { ExportReport } from '../export-report.js'
import { refuseUnknownNames } from '../known-names.js'
import { type LedgerOptions, remembered } from '../ledger-options.js'
import { namespaceOf, type ReadingOptions, readingLocation } from '../places.js'
import { type SelectionOptions, toSelection } from '../run-selection.js'
import { readHeader, type ServerOptions, serverAccess, waitMs } from '../server-options.js'
import { openTarget, type Target, type TargetOptions } from '../target.js'
import type { Terminal } from '../terminal.js'
import { VerifyReport } from '../verify-report.js'

/** The options of `export`, as they stand on the command line. */
export type ExportCommandOptions = ReadingOptions &
  SelectionOptions &
  TargetOptions &
  LedgerOptions & {
    readonly namespace?: string
    readonly dryRun?: boolean
    readonly json?: boolean
    /** `true` where no location is given with it. */
    readonly verify?: string | true
    readonly readHeader?: readonly string[]
    readonly wait?: string
  }

/** How long runs that were just sent are waited for, unless --wait says otherwise. */
const WAITED_FOR_MS = 10_000

/** Sends the runs and says what became of them. */
export async function exportTraces(
  options: ExportCommandOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const selection = toSelection(options, Date.now())
  const resource = resourceFromEnvironment(terminal.env)
  const namespace = namespaceOf(options, terminal)
  checkVerifyOptions(options)
  const source = await openSource(readingLocation(options, terminal), opening(options, terminal))
  try {
    const target = await openTarget(targetOptions(options), terminal)
    const readBack = readBackOf(options, target)
    const server = await openServerAt(readBack, options, terminal)
    const delivery = await remembered(target, options, terminal)
    const keepsNames = readBack !== undefined || hasNames(selection)
    const report = new ExportReport({ ...options, keepsNames }, terminal, source.location)
    let summary: ExportSummary
    try {
      const onRun = (run: Parameters<ExportReport['add']>[0]) => report.add(run)
      summary = await exportRuns({ source, selection, delivery, namespace, resource, onRun })
    } finally {
      await delivery.close()
    }
    let verified: VerifyReport | undefined
    try {
      if (readBack !== undefined) {
        const traces = server ?? (await openTraces(readBack, opening(options, terminal)))
        verified = await verifySent(traces, source, report, options, terminal)
      }
    } finally {
      const verdicts = verified === undefined ? {} : { verified: verified.json() }
      await report.print(summary, delivery.location, verdicts)
    }
    if (!options.json) await verified?.print()
    await refuseUnknownNames(source, namesOf(selection), report.names)
    const code = exitCodeOfSummary(summary)
    return code === ExitCode.DONE && verified?.isAllWell === false ? ExitCode.NOT_ALL_WELL : code
  } finally {
    await source.close()
  }
}

/** Opened before anything is sent, so that a wrong setting is known by then. A file comes to be only now. */
async function openServerAt(
  place: Location | undefined,
  options: ExportCommandOptions,
  terminal: Terminal,
): Promise<SpanStream | TraceBackend | undefined> {
  return place === undefined || place.kind === 'path'
    ? undefined
    : openTraces(place, opening(options, terminal))
}

/** Reads back what this export sent, or found there already. */
async function verifySent(
  traces: SpanStream | TraceBackend,
  source: JournalSource,
  { names }: ExportReport,
  options: ExportCommandOptions,
  terminal: Terminal,
): Promise<VerifyReport> {
  const runIds = names.flatMap((run) =>
    'traceIds' in run && (run.result === 'sent' || run.result === 'present') ? [run.runId] : [],
  )
  try {
    const report = new VerifyReport(terminal, traces.location, options.json === true)
    const runs = verifyRuns({
      source,
      selection: { runIds },
      traces,
      namespace: namespaceOf(options, terminal),
      waitMs: waitMs(options, WAITED_FOR_MS),
    })
    for await (const run of runs) report.add(run)
    return report
  } finally {
    if ('close' in traces) traces.close()
  }
}

/** A wrong option is known before anything is sent. */
function checkVerifyOptions(options: ExportCommandOptions): void {
  waitMs(options, WAITED_FOR_MS)
  if (options.verify !== undefined) {
    if (!options.dryRun) return
    throw new RivetOtelError('USAGE', '--dry-run sends nothing that --verify could read back')
  }
  for (const [flag, value] of [
    ['--read-header', options.readHeader],
    ['--wait', options.wait],
  ] as const) {
    if (value === undefined) continue
    throw new RivetOtelError(
      'USAGE',
      `${flag} is about what --verify reads back; give it with --verify`,
    )
  }
}

/** Where `--verify` reads; `undefined` where nothing is to be verified. */
function readBackOf({ verify }: ExportCommandOptions, { file }: Target): Location | undefined {
  if (verify === undefined) return undefined
  if (verify !== true) return parseLocation(verify)
  if (file !== undefined) return { kind: 'path', path: file }
  throw new RivetOtelError(
    'USAGE',
    '--verify: an OTLP endpoint cannot be read; expected the server behind it',
    {
      hint: 'For example --verify tempo+http://localhost:3200 or --verify jaeger+http://localhost:16686.',
    },
  )
}

/** The endpoint has `--header`; the server behind it has headers of its own. */
function opening(options: ExportCommandOptions, terminal: Terminal) {
  const { readHeader: headers, tenant, timeout, retryFor, verify } = options
  const isTls = typeof verify === 'string' && /^[a-z]+\+https:/i.test(verify)
  const { certificate, clientCertificate, clientKey } = isTls ? options : {}
  const server: ServerOptions = {
    ...(tenant === undefined ? {} : { tenant }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(retryFor === undefined ? {} : { retryFor }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(clientKey === undefined ? {} : { clientKey }),
  }
  return {
    stdin: terminal.stdin,
    server: {
      ...serverAccess(server, terminal),
      headers: headers?.map((header) => readHeader('--read-header', header, terminal)),
    },
  }
}

/** Certificates that only the server behind an `http://` endpoint has a use for are not for the endpoint. */
function targetOptions(options: ExportCommandOptions): TargetOptions {
  const { verify, to = '' } = options
  if (typeof verify !== 'string' || !/^[a-z]+\+https:/i.test(verify) || !/^http:/i.test(to))
    return options
  const { certificate, clientCertificate, clientKey, ...others } = options
  return others
}

function hasNames({ runIds, exports }: Selection): boolean {
  return runIds !== undefined || exports !== undefined
}

/** An unknown name is an error; a known one that the other conditions leave out is not. */
function namesOf({ runIds, exports }: Selection): Selection {
  return { ...(runIds ? { runIds } : {}), ...(exports ? { exports } : {}) }
}

function exitCodeOfSummary({ runs, unreachable }: ExportSummary): ExitCodeValue {
  if (unreachable) return ExitCode.UNREACHABLE
  return runs.failed + runs.unreadable > 0 ? ExitCode.NOT_ALL_WELL : ExitCode.DONE
}
