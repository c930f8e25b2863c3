/** `rivet-otel import`: traces become run journals again. */

import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { SpanStream, TraceBackend } from '../../backends/backend.js'
import { type ImportResult, importRuns, selectImported } from '../../bridge/import-runs.js'
import { parseLocation } from '../../bridge/location.js'
import { closeTraces, openTraces } from '../../bridge/open-place.js'
import type { TraceReading } from '../../bridge/run-reader.js'
import { mayBeSelected, withMeantRunIds, withRunIds } from '../../bridge/run-reference.js'
import type { RunSelection } from '../../bridge/run-selection.js'
import { runsOf, runsRead } from '../../bridge/runs-of.js'
import type { ImportedRun, RedactedRun, WholeRun } from '../../mapping/imported-run.js'
import { RivetOtelError } from '../../problem.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { type ImportReportOptions, reportImport } from '../import-report.js'
import { JournalsToWrite } from '../journals-to-write.js'
import { refuseUnknownNames } from '../known-names.js'
import { sinceEver } from '../open-reader.js'
import { EMBEDDED_FILE, wantedNamespace } from '../places.js'
import { type TraceSelectionOptions, toRunSelection } from '../run-selection.js'
import { refuseServerOptions, type ServerOptions, serverAccess, waitMs } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { printable, printableJson } from '../view/printable.js'
import { writeJournals } from '../write-journals.js'

/** The options of `import`, as they stand on the command line. */
export type ImportOptions = TraceSelectionOptions &
  ServerOptions &
  ImportReportOptions & {
    readonly from?: string
    readonly to?: string
    readonly force?: boolean
    readonly namespace?: string
  }

/**
 * Reads traces and writes the journals of the runs that came back whole.
 *
 * @throws {RivetOtelError} for wrong use, and where the traces cannot be read or the journals not be
 *   written.
 * @example
 * await importJournals({ from: 'traces.otlp.jsonl', to: 'journals.jsonl' }, terminal)
 */
export async function importJournals(
  options: ImportOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const asked = toRunSelection(options, Date.now())
  const target = outputOf(options, terminal)
  refuseOwnInput(options, terminal)
  const folder = target === undefined ? tmpdir() : dirname(resolve(terminal.cwd, target))
  const journals = new JournalsToWrite(folder, (run) => isWritten(run, options))
  let read: TracesRead
  try {
    read = await readTraces(asked, options, terminal, journals)
    const { runs } = read.result
    const count = await journals.choose(runs)
    if (target !== undefined && count > 0) await writeJournals(target, journals.chosen())
    else if (target !== undefined)
      terminal.say(`${whyNothing(read.result)}, so ${printable(target)} was not written`)
    else if (!options.json)
      for await (const journal of journals.chosen())
        await terminal.print(shownLine(journal.toString(), terminal))
  } finally {
    await journals.close()
  }
  const { location, listsAll, selection, result } = read

  sayInterrupted(result, selection, terminal)
  await reportImport(result, { from: location, to: target }, options, terminal)
  await refuseUnknownNames(
    { location, listsAll, list: () => listed(result) },
    selection,
    result.runs,
  )
  const allWell =
    result.problems.length === 0 && result.runs.every((run) => isWritten(run, options))
  return allWell ? ExitCode.DONE : ExitCode.NOT_ALL_WELL
}

/** A redacted journal is not the run's own: it is written only for those who ask for such. */
function isWritten(
  run: ImportedRun,
  { includeRedacted = false }: ImportOptions,
): run is WholeRun | RedactedRun {
  return run.status === 'exact' || (run.status === 'redacted' && includeRedacted)
}

/** Who names a run and gets none is told why; else they are spans like others that are no journal's. */
function sayInterrupted(
  { interrupted }: ImportResult,
  { runIds = [], traceIds = [] }: RunSelection,
  terminal: Terminal,
): void {
  for (const { runId, traceId } of interrupted) {
    if (!runIds.includes(runId) && !traceIds.includes(traceId)) continue
    terminal.say(`${printable(runId)} was interrupted and left no journal; its trace is ${traceId}`)
  }
}

function whyNothing({ runs }: ImportResult): string {
  if (runs.length === 0) return 'no run was found'
  return runs.some(({ status }) => status === 'redacted')
    ? 'no run came back as rivet wrote it'
    : 'no run came back whole'
}

/** What was read, and by which selection: its references are run_ids now. */
interface TracesRead {
  readonly location: string
  readonly listsAll: boolean
  readonly selection: RunSelection
  readonly result: ImportResult
}

async function readTraces(
  asked: RunSelection,
  options: ImportOptions,
  terminal: Terminal,
  journals: JournalsToWrite,
): Promise<TracesRead> {
  const from = parseLocation(options.from ?? EMBEDDED_FILE)
  refuseServerOptions(options, from)
  const opening = { stdin: terminal.stdin, server: serverAccess(options, terminal) }
  const traces = await openTraces(from, opening)
  const namespace = wantedNamespace(options, terminal)
  try {
    const { location } = traces
    const read =
      'spans' in traces
        ? await readStream(traces, asked, namespace, journals)
        : await readServer(traces, sinceEver(options, asked), {
            namespace,
            waitMs: waitMs(options, 0),
          })
    return { location, listsAll: 'spans' in traces, ...read }
  } finally {
    closeTraces(traces)
  }
}

type Read = Pick<TracesRead, 'selection' | 'result'>

/** A stream can be read once only, and what names mean is known when it was read. */
async function readStream(
  stream: SpanStream,
  asked: RunSelection,
  namespace: string | undefined,
  journals: JournalsToWrite,
): Promise<Read> {
  const mayBeWanted = (run: ImportedRun) =>
    (namespace === undefined || run.namespace === namespace) && mayBeSelected(asked, run)
  const keep = (run: ImportedRun) => journals.keep(run, mayBeWanted(run))
  const all = await importRuns(stream, { namespace, keep })
  const selection = await withRunIds(runsRead(all, stream.location), asked)
  return { selection, result: selectImported(all, selection) }
}

async function readServer(
  backend: TraceBackend,
  asked: RunSelection,
  reading: TraceReading,
): Promise<Read> {
  const reader = runsOf(backend, reading)
  const named = await withRunIds(reader, asked)
  const result = await importRuns(backend, { ...reading, selection: named })
  const found = new Set([...result.runs, ...result.interrupted].map(({ runId }) => runId))
  const meant = await withMeantRunIds(reader, named, found)
  return meant === undefined
    ? { selection: named, result }
    : { selection: meant, result: await importRuns(backend, { ...reading, selection: meant }) }
}

/** The file to write; `undefined` for standard output. */
function outputOf({ to, force }: ImportOptions, terminal: Terminal): string | undefined {
  if (to === undefined) return undefined
  const location = parseLocation(to)
  if (location.kind === 'stdio') return undefined
  if (location.kind !== 'path') {
    throw new RivetOtelError(
      'USAGE',
      `--to: journals are written to a file or to - (standard output), not to ${location.kind}`,
    )
  }
  if (!force && existsSync(resolve(terminal.cwd, location.path))) {
    throw new RivetOtelError('UNWRITABLE', `${location.path} exists already`, {
      hint: 'Name another file, or overwrite this one with --force.',
    })
  }
  return location.path
}

/** Reading and replacing the same file would lose the traces. */
function refuseOwnInput({ from = EMBEDDED_FILE, to }: ImportOptions, { cwd }: Terminal): void {
  if (to === undefined || resolve(cwd, from) !== resolve(cwd, to)) return
  throw new RivetOtelError('USAGE', `--from and --to name the same file, ${to}`)
}

async function* listed(result: ImportResult): AsyncGenerator<ImportResult['found'][number]> {
  yield* result.found
}

/** A program gets a journal as rivet writes it, a person one that the terminal cannot obey. */
function shownLine(journal: string, { isInteractive }: Terminal): string {
  return `${isInteractive ? printableJson(journal) : journal}\n`
}
