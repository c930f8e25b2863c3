/** `rivet-otel import`: traces become run journals again. */

import { existsSync } from 'node:fs'
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ImportResult, importRuns } from '../../bridge/import-runs.js'
import { parseLocation } from '../../bridge/location.js'
import { openTraces } from '../../bridge/run-reader.js'
import type { RunSelection } from '../../bridge/run-selection.js'
import { stringifyJournal } from '../../journal/codec.js'
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import {
  type ImportedRun,
  type RedactedRun,
  revisionName,
  type WholeRun,
} from '../../mapping/imported-run.js'
import { RivetOtelError, reasonOf } from '../../problem.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { refuseUnknownNames } from '../known-names.js'
import { sinceEver } from '../open-reader.js'
import { EMBEDDED_FILE, wantedNamespace } from '../places.js'
import { type TraceSelectionOptions, toRunSelection } from '../run-selection.js'
import { refuseServerOptions, type ServerOptions, serverAccess, waitMs } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { printable, printableJson } from '../view/terminal-text.js'

/** The options of `import`, as they stand on the command line. */
export type ImportOptions = TraceSelectionOptions &
  ServerOptions & {
    readonly from?: string
    readonly to?: string
    readonly force?: boolean
    readonly includeRedacted?: boolean
    readonly namespace?: string
    readonly json?: boolean
  }

/** Reads traces and writes the journals of the runs that came back whole. */
export async function importJournals(
  options: ImportOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const selection = toRunSelection(options, Date.now())
  const target = outputOf(options, terminal)
  refuseOwnInput(options, terminal)
  const { location, isServer, result } = await readTraces(selection, options, terminal)

  const journals = result.runs.flatMap((run) =>
    isWritten(run, options) ? [stringifyJournal(run.journal)] : [],
  )
  if (target !== undefined && journals.length > 0) await writeWhole(target, journals)
  else if (target !== undefined)
    terminal.say(`${whyNothing(result)}, so ${printable(target)} was not written`)
  else if (!options.json)
    for (const line of journals) await terminal.print(shownLine(line, terminal))

  for (const { where, problem } of result.problems)
    terminal.say(`${printable(`${location} ${where}`.trim())}: ${printable(problem)}`)
  for (const problem of result.unseen) terminal.say(`${printable(location)}: ${printable(problem)}`)
  for (const run of result.runs) sayWhatIsWrong(run, options, terminal)
  sayRepeatedNames(result.runs, terminal)
  const report = options.json ? `${printableJson(JSON.stringify(jsonReport(result)))}\n` : undefined
  if (report !== undefined) await terminal.print(report)
  else terminal.say(summaryLine(result, location, target))
  await refuseUnknownNames(
    { location, listsAll: !isServer, list: () => listed(result) },
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

function whyNothing({ runs }: ImportResult): string {
  if (runs.length === 0) return 'no run was found'
  return runs.some(({ status }) => status === 'redacted')
    ? 'no run came back as rivet wrote it'
    : 'no run came back whole'
}

async function readTraces(
  selection: RunSelection,
  options: ImportOptions,
  terminal: Terminal,
): Promise<{ location: string; isServer: boolean; result: ImportResult }> {
  const from = parseLocation(options.from ?? EMBEDDED_FILE)
  refuseServerOptions(options, from)
  const opening = { stdin: terminal.stdin, server: serverAccess(options, terminal) }
  const traces = await openTraces(from, opening)
  const namespace = wantedNamespace(options, terminal)
  if ('spans' in traces) {
    const result = await importRuns(traces, { selection, namespace })
    return { location: traces.location, isServer: false, result }
  }
  try {
    const result = await importRuns(traces, {
      selection: sinceEver(options, selection),
      namespace,
      waitMs: waitMs(options, 0),
    })
    return { location: traces.location, isServer: true, result }
  } finally {
    traces.close()
  }
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

/** A name that ends in `.json` gets a list, any other one journal a line. All of it, or nothing. */
async function writeWhole(path: string, journals: readonly string[]): Promise<void> {
  const text = path.endsWith('.json') ? listOf(journals) : journals.map((line) => `${line}\n`)
  try {
    const target = existsSync(path) ? await realpath(path) : path
    if (existsSync(target) && !(await stat(target)).isFile()) await writeFile(target, text)
    else await replaceFile(target, text)
  } catch (error) {
    throw new RivetOtelError('UNWRITABLE', `${path} cannot be written: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

/** In pieces: together they may be longer than a text can be. */
function listOf(journals: readonly string[]): string[] {
  const last = journals.length - 1
  return ['[\n', ...journals.map((line, i) => (i === last ? `${line}\n` : `${line},\n`)), ']\n']
}

async function replaceFile(path: string, text: readonly string[]): Promise<void> {
  const half = `${path}.${process.pid}.tmp`
  try {
    const mode = existsSync(path) ? (await stat(path)).mode : undefined
    await writeFile(half, text, { flag: 'wx', ...(mode === undefined ? {} : { mode }) })
    await rename(half, path)
  } catch (error) {
    await rm(half, { force: true })
    throw error
  }
}

async function* listed(result: ImportResult): AsyncGenerator<ImportResult['found'][number]> {
  yield* result.found
}

/** A program gets a journal as rivet writes it, a person one that the terminal cannot obey. */
function shownLine(journal: string, { isInteractive }: Terminal): string {
  return `${isInteractive ? printableJson(journal) : journal}\n`
}

function sayWhatIsWrong(run: ImportedRun, options: ImportOptions, terminal: Terminal): void {
  for (const other of run.otherRevisions) {
    terminal.say(
      `${printable(run.runId)}: ${revisionName(other)} is there too (${other.status}); this is ${revisionName(run)}`,
    )
  }
  if (run.status === 'exact') return
  terminal.say(`${printable(run.runId)}: ${run.status}`)
  for (const reason of run.reasons) terminal.say(`  ${printable(reason)}`)
  if (run.status === 'redacted' && !options.includeRedacted)
    terminal.say('  it is not written; --include-redacted writes it as it was sent')
}

/** One run_id may be sent with several namespaces; journals have none, so they cannot be told apart. */
function sayRepeatedNames(runs: readonly ImportedRun[], terminal: Terminal): void {
  const namespaces = new Map<string, string[]>()
  for (const { runId, namespace } of runs)
    namespaces.set(runId, [...(namespaces.get(runId) ?? []), namespace === '' ? 'none' : namespace])
  for (const [runId, names] of namespaces) {
    if (names.length === 1) continue
    terminal.say(
      `${printable(runId)} is there with ${names.length} namespaces (${names.map(printable).join(', ')}); --namespace takes one of them`,
    )
  }
}

function jsonReport({ runs, problems, unseen, spans }: ImportResult): object {
  return {
    runs: runs.map((run) => ({
      run_id: run.runId,
      export_name: run.exportName,
      namespace: run.namespace,
      revision: run.revision,
      ...(run.live === undefined ? {} : { live: run.live }),
      status: run.status,
      ...(run.status === 'redacted' ? { redaction: run.redaction } : {}),
      trace_ids: run.traceIds,
      reasons: run.status === 'exact' ? [] : run.reasons,
      other_revisions: run.otherRevisions,
    })),
    problems: problems.map(({ where, problem }) => ({
      where,
      problem: withoutConnectionSecrets(problem),
    })),
    unseen,
    spans,
  }
}

function summaryLine(
  { runs, problems, spans }: ImportResult,
  from: string,
  to: string | undefined,
): string {
  const count = (status: ImportedRun['status']) =>
    runs.filter((run) => run.status === status).length
  const parts = [
    `${count('exact')} exact`,
    ...(['redacted', 'incomplete', 'differs'] as const).flatMap((status) =>
      count(status) > 0 ? [`${count(status)} ${status}`] : [],
    ),
  ]
  const unread = problems.length > 0 ? `, ${problems.length} unreadable` : ''
  const others = spans.other > 0 ? `; ${spans.other} other spans ignored` : ''
  return `runs: ${parts.join(', ')}${unread} (from ${printable(from)}${to === undefined ? '' : ` to ${printable(to)}`}${others})`
}
