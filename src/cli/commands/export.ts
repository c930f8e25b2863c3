/** `rivet-otel export`: runs go out as traces. */
import { readFileSync } from 'node:fs'
import { exportRuns } from '../../bridge/export-runs.js'
import { parseLocation } from '../../bridge/location.js'
import { resourceFromEnvironment } from '../../bridge/resource.js'
import { openSource } from '../../bridge/run-reader.js'
import type { ExportSummary, RunOutcome, SkippedRun } from '../../bridge/summary.js'
import type { Delivery } from '../../delivery/delivery.js'
import { DryRun } from '../../delivery/dry-run.js'
import { openOtlpFile } from '../../delivery/otlp-file.js'
import type { OtlpFlags } from '../../delivery/otlp-flags.js'
import { openOtlpHttp } from '../../delivery/otlp-http.js'
import { otlpSettings } from '../../delivery/otlp-settings.js'
import { RivetOtelError, reasonOf } from '../../problem.js'
import type { Selection } from '../../sources/source.js'
import { VERSION } from '../../version.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { refuseUnknownNames } from '../known-names.js'
import { EMBEDDED_FILE, namespaceOf, type ReadingOptions, readingLocation } from '../places.js'
import { type SelectionOptions, toSelection } from '../run-selection.js'
import type { Terminal } from '../terminal.js'
import { printable } from '../view/terminal-text.js'

/** The options of `export`, as they stand on the command line. */
export type ExportCommandOptions = ReadingOptions &
  SelectionOptions & {
    readonly to?: string
    readonly namespace?: string
    readonly dryRun?: boolean
    readonly json?: boolean
    readonly protocol?: string
    readonly header?: readonly string[]
    readonly timeout?: string
    readonly compression?: string
    readonly certificate?: string
    readonly clientCertificate?: string
    readonly clientKey?: string
    readonly maxRequestBytes?: string
    readonly concurrency?: string
    readonly retryFor?: string
  }

/** How many runs the summary names one by one. */
const NAMED_AT_MOST = 20

/** Sends the runs and says what became of them. */
export async function exportTraces(
  options: ExportCommandOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const selection = toSelection(options, Date.now())
  const resource = resourceFromEnvironment(terminal.env)
  const source = await openSource(readingLocation(options, terminal), terminal.stdin)
  try {
    const target = await openDelivery(options, terminal)
    const delivery = options.dryRun ? new DryRun(target) : target
    const report = new Report(options, terminal, source.location)
    let summary: ExportSummary
    try {
      summary = await exportRuns({
        source,
        selection,
        delivery,
        namespace: namespaceOf(options, terminal),
        resource,
        onRun: (run) => report.add(run),
      })
    } finally {
      await delivery.close()
    }
    await report.print(summary, delivery.location)
    await refuseUnknownNames(source, namesOf(selection), report.names)
    return exitCodeOfSummary(summary)
  } finally {
    await source.close()
  }
}

async function openDelivery(options: ExportCommandOptions, terminal: Terminal): Promise<Delivery> {
  const to = options.to === undefined ? undefined : parseLocation(options.to)
  const notice = (message: string) => terminal.say(printable(message))
  const flags = otlpFlags(options, terminal)
  switch (to?.kind) {
    case 'path':
      // Refuses flags that a file has no use for.
      otlpSettings({ ...flags, env: {}, version: VERSION })
      return openOtlpFile(to.path, { notice })
    case 'stdio':
      throw new RivetOtelError(
        'USAGE',
        '--to -: traces are written to a file or to an OTLP endpoint',
      )
    case 'postgres':
      throw new RivetOtelError('USAGE', '--to: a state database is only read, never written')
    case 'jaeger':
    case 'tempo':
      throw new RivetOtelError('USAGE', `--to: ${to.kind} is read from at that address`, {
        hint: 'Send to its OTLP receiver, usually http://host:4318.',
      })
    case 'otlp':
    case undefined: {
      const settings = otlpSettings({
        ...flags,
        endpoint: to?.url,
        env: terminal.env,
        version: VERSION,
      })
      return settings === undefined
        ? openOtlpFile(EMBEDDED_FILE, { notice })
        : openOtlpHttp(settings, { onRetry: notice })
    }
  }
}

function otlpFlags(options: ExportCommandOptions, terminal: Terminal): OtlpFlags {
  return {
    headers: options.header?.map((header) => readHeader(header, terminal)),
    timeoutMs: options.timeout,
    compression: options.compression,
    protocol: options.protocol,
    certificate: options.certificate,
    clientCertificate: options.clientCertificate,
    clientKey: options.clientKey,
    maxRequestBytes: options.maxRequestBytes,
    concurrency: options.concurrency,
    retryForMs: options.retryFor,
  }
}

/** `name=$VARIABLE` and `name=@file` keep a secret out of the list of processes. */
function readHeader(header: string, terminal: Terminal): string {
  const equals = header.indexOf('=')
  const name = header.slice(0, equals)
  const value = header.slice(equals + 1)
  if (equals > 0 && value.startsWith('$')) {
    const named = terminal.env[value.slice(1)]
    if (named !== undefined) return `${name}=${named}`
    throw new RivetOtelError('USAGE', `--header ${name}: the variable ${value.slice(1)} is not set`)
  }
  if (equals > 0 && value.startsWith('@')) {
    try {
      return `${name}=${readFileSync(value.slice(1), 'utf8').trim()}`
    } catch (error) {
      throw new RivetOtelError('USAGE', `--header ${name}: ${reasonOf(error)}`, { cause: error })
    }
  }
  return header
}

/** An unknown name is an error; a known one that the other conditions leave out is not. */
function namesOf({ runIds, exports }: Selection): Selection {
  return { ...(runIds ? { runIds } : {}), ...(exports ? { exports } : {}) }
}

/** What is printed about an export: each run as it is settled, and the sum at the end. */
class Report {
  readonly names: { runId?: string; exportName?: string }[] = []
  readonly #from: string
  readonly #options: ExportCommandOptions
  readonly #terminal: Terminal
  readonly #runs: (RunOutcome | SkippedRun)[] = []
  #count = 0

  constructor(options: ExportCommandOptions, terminal: Terminal, from: string) {
    this.#from = from
    this.#options = options
    this.#terminal = terminal
  }

  add(run: RunOutcome | SkippedRun): void {
    this.#count++
    if (this.#options.runId || this.#options.export) this.names.push(run)
    if (this.#options.json || this.#runs.length < NAMED_AT_MOST) this.#runs.push(run)
    for (const line of problemsOf(run, this.#from)) this.#terminal.say(line)
    this.#terminal.showProgress(`${this.#count} runs …`)
  }

  async print(summary: ExportSummary, location: string): Promise<void> {
    if (this.#options.json) {
      const runs = this.#runs.map(runJson)
      const { dryRun = false } = this.#options
      await this.#terminal.print(
        `${JSON.stringify({ to: location, dry_run: dryRun, runs, summary: { runs: summary.runs, spans: summary.spans } })}\n`,
      )
      return
    }
    if (this.#count <= NAMED_AT_MOST) {
      for (const run of this.#runs)
        if ('traceIds' in run) await this.#terminal.print(`${this.#line(run)}\n`)
    }
    await this.#terminal.print(`${this.#sum(summary, location)}\n`)
  }

  #line({ runId, result, traceIds, spans, revision }: RunOutcome): string {
    const more = traceIds.length - 1
    const pages = more > 0 ? ` and ${more} more page${more === 1 ? '' : 's'}` : ''
    const again = revision > 0 ? `, revision ${revision}` : ''
    return `${this.#word(result).padEnd(7)}  ${printable(runId)}  trace ${traceIds[0]}${pages}  ${spans} span${spans === 1 ? '' : 's'}${again}`
  }

  #sum({ runs, spans }: ExportSummary, location: string): string {
    const parts = (['sent', 'present', 'failed', 'empty', 'repeated', 'unreadable'] as const)
      .filter((result) => runs[result] > 0 || result === 'sent')
      .map((result) => `${runs[result]} ${this.#word(result)}`)
    return `runs: ${parts.join(', ')}; spans: ${spansInWords(spans)} (${location})`
  }

  #word(result: keyof ExportSummary['runs']): string {
    if (result === 'sent' && this.#options.dryRun) return 'to send'
    return result === 'present' ? 'there already' : result
  }
}

function spansInWords(spans: ExportSummary['spans']): string {
  const parts = (['delivered', 'present', 'rejected', 'unsent'] as const)
    .filter((fate) => spans[fate] > 0)
    .map((fate) => `${spans[fate]} ${fate}`)
  return parts.join(', ') || 'none'
}

function problemsOf(run: RunOutcome | SkippedRun, from: string): string[] {
  if ('problems' in run) {
    const said = [...run.problems, ...run.warnings]
    return said.map((words) => `${printable(run.runId)}: ${printable(words)}`)
  }
  return [`${from} ${printable(run.where)}: ${run.result}: ${printable(run.problem)}`]
}

function runJson(run: RunOutcome | SkippedRun): object {
  if (!('traceIds' in run)) {
    return {
      run_id: run.runId ?? null,
      result: run.result,
      where: run.where,
      problems: [run.problem],
    }
  }
  const { runId, exportName, revision, result, traceIds, spans, problems, warnings } = run
  return {
    run_id: runId,
    export_name: exportName,
    revision,
    result,
    trace_ids: traceIds,
    spans,
    problems,
    warnings,
  }
}

function exitCodeOfSummary({ runs, unreachable }: ExportSummary): ExitCodeValue {
  if (unreachable) return ExitCode.UNREACHABLE
  return runs.failed + runs.unreadable > 0 ? ExitCode.NOT_ALL_WELL : ExitCode.DONE
}
