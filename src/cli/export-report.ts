/** What is printed about an export: each run as it is settled, and the sum at the end. */
import type { ExportSummary, RunOutcome, SkippedRun, TraceCounts } from '../bridge/summary.js'
import type { Terminal } from './terminal.js'
import { jsonLine, printable } from './view/printable.js'

/** How a report looks. */
export interface ExportReportOptions {
  readonly json?: boolean
  readonly dryRun?: boolean
  /** Whether the names of all runs are kept. */
  readonly keepsNames: boolean
}

const RESULTS = [
  'sent',
  'present',
  'elsewhere',
  'failed',
  'empty',
  'repeated',
  'unreadable',
  'refused',
] as const

/** What is beside the runs, for people. */
const SUBJECTS: Readonly<Record<NonNullable<RunOutcome['subject']>, string>> = {
  source: 'source span of',
  resumed_run: 'link of the resumed run',
  wrapper: 'link to the wrapper of',
  signpost: 'signpost of',
  interrupted: 'interrupted run',
  load: 'load',
  exec: 'command',
}

/** How many runs are named one by one, and how many traces that are no run's. */
const NAMED_AT_MOST = 20

/**
 * Says what is wrong at once and the rest at the end.
 *
 * @example
 * const report = new ExportReport({ keepsNames: false }, terminal, source.location)
 */
export class ExportReport {
  /** The runs so far, where their names are kept. */
  readonly names: (RunOutcome | SkippedRun)[] = []
  readonly #from: string
  readonly #options: ExportReportOptions
  readonly #terminal: Terminal
  readonly #runs: (RunOutcome | SkippedRun)[] = []
  readonly #traces: RunOutcome[] = []
  #count = 0
  #traceCount = 0

  constructor(options: ExportReportOptions, terminal: Terminal, from: string) {
    this.#from = from
    this.#options = options
    this.#terminal = terminal
  }

  /** Takes a run that is settled, or something beside runs, and says at once what is wrong with it. */
  add(run: RunOutcome | SkippedRun): void {
    if (isTrace(run)) return
    if (!isBeside(run)) {
      this.#count++
      if (this.#options.keepsNames) this.names.push(run)
    }
    if (this.#options.json || this.#runs.length < NAMED_AT_MOST) this.#runs.push(run)
    this.#say(run)
  }

  /** Takes an interrupted run or a load that is settled, which {@link add} passes over. */
  addTrace(trace: RunOutcome): void {
    this.#traceCount++
    if (this.#options.json || this.#traces.length < NAMED_AT_MOST) this.#traces.push(trace)
    this.#say(trace)
  }

  /**
   * Prints the runs, unless they are many, likewise the interrupted runs and loads, and the sum.
   *
   * @param location where they went
   * @param more further members of the JSON report
   */
  async print(summary: ExportSummary, location: string, more: object = {}): Promise<void> {
    if (this.#options.json) {
      const runs = [...this.#runs, ...this.#traces].map(runJson)
      const { dryRun = false } = this.#options
      const report = {
        to: location,
        dry_run: dryRun,
        runs,
        summary: summaryJson(summary),
        ...more,
      }
      await this.#terminal.print(jsonLine(report))
      return
    }
    if (this.#count <= NAMED_AT_MOST) await this.#printLines(this.#runs)
    if (this.#traceCount <= NAMED_AT_MOST) await this.#printLines(this.#traces)
    await this.#terminal.print(`${this.#sum(summary, location)}\n`)
    const others = othersInWords(summary, this.#options.dryRun)
    if (others !== '') await this.#terminal.print(`${others}\n`)
  }

  #say(run: RunOutcome | SkippedRun): void {
    for (const line of problemsOf(run, this.#from)) this.#terminal.say(line)
    this.#terminal.showProgress(`${this.#count} runs …`)
  }

  async #printLines(runs: readonly (RunOutcome | SkippedRun)[]): Promise<void> {
    for (const run of runs)
      if ('traceIds' in run) await this.#terminal.print(`${runLine(run, this.#options.dryRun)}\n`)
  }

  #sum({ runs, spans }: ExportSummary, location: string): string {
    const parts = RESULTS.filter((result) => (runs[result] ?? 0) > 0 || result === 'sent').map(
      (result) => `${runs[result]} ${resultWord(result, this.#options.dryRun)}`,
    )
    return `runs: ${parts.join(', ')}; spans: ${this.#spansInWords(spans)} (${printable(location)})`
  }

  #spansInWords(spans: ExportSummary['spans']): string {
    const delivered = this.#options.dryRun ? 'to send' : 'delivered'
    const parts = (['delivered', 'present', 'rejected', 'unsent'] as const)
      .filter((fate) => spans[fate] > 0)
      .map((fate) => `${spans[fate]} ${fate === 'delivered' ? delivered : fate}`)
    return parts.join(', ') || 'none'
  }
}

/**
 * What became of interrupted runs and loads, in words; `''` where there were none.
 *
 * @example
 * othersInWords({ interrupted: { sent: 1, present: 0, failed: 0, elsewhere: 0 } })
 * // 'interrupted runs: 1 sent'
 */
export function othersInWords(
  { interrupted, loads }: Pick<ExportSummary, 'interrupted' | 'loads'>,
  isDryRun = false,
): string {
  return [
    countsInWords('interrupted runs', interrupted, isDryRun),
    countsInWords('loads', loads, isDryRun),
  ]
    .filter((words) => words !== '')
    .join('; ')
}

function countsInWords(what: string, counts: TraceCounts | undefined, isDryRun: boolean): string {
  if (counts === undefined) return ''
  const parts = (['sent', 'present', 'elsewhere', 'failed'] as const)
    .filter((result) => counts[result] > 0)
    .map((result) => `${counts[result]} ${resultWord(result, isDryRun)}`)
  return `${what}: ${parts.join(', ')}`
}

function summaryJson({ runs, interrupted, loads, besideFailed, spans }: ExportSummary): object {
  return {
    runs,
    ...(interrupted === undefined ? {} : { interrupted }),
    ...(loads === undefined ? {} : { loads }),
    ...(besideFailed === undefined ? {} : { beside_failed: besideFailed }),
    spans,
  }
}

function isBeside(run: RunOutcome | SkippedRun): boolean {
  return 'subject' in run && run.subject !== undefined
}

/** An interrupted run or a load, which has a trace of its own. */
function isTrace(run: RunOutcome | SkippedRun): run is RunOutcome {
  return 'subject' in run && (run.subject === 'interrupted' || run.subject === 'load')
}

/**
 * One line about a run that became a trace.
 *
 * @example
 * runLine(run) // 'sent     orders_1  trace c3bde0ddc359ac2423e3095a715b3412  3 spans'
 */
export function runLine(
  { subject, runId, result, traceIds, spans, revision, redaction }: RunOutcome,
  isDryRun = false,
): string {
  const more = traceIds.length - 1
  const pages = more > 0 ? ` and ${more} more page${more === 1 ? '' : 's'}` : ''
  const again = revision > 0 ? `, revision ${revision}` : ''
  const lacks =
    redaction === undefined ? '' : `, without ${printable(redaction.replaceAll(',', ', '))}`
  const what = subject === undefined ? '' : `${SUBJECTS[subject]} `
  return `${resultWord(result, isDryRun).padEnd(7)}  ${what}${printable(runId)}  trace ${traceIds[0]}${pages}  ${spans} span${spans === 1 ? '' : 's'}${again}${lacks}`
}

/**
 * A result, for people.
 *
 * @example
 * resultWord('present') // 'there already'
 */
export function resultWord(result: keyof ExportSummary['runs'], isDryRun = false): string {
  if (result === 'sent' && isDryRun) return 'to send'
  if (result === 'elsewhere') return 'left to another export'
  return result === 'present' ? 'there already' : result
}

/**
 * What is to be said about a run, one line each.
 *
 * @param from where it was read
 * @example
 * problemsOf(run, '.rivet_state.db') // ['orders_1: http://localhost:4318/v1/traces answered 400']
 */
export function problemsOf(run: RunOutcome | SkippedRun, from: string): string[] {
  if ('problems' in run) {
    const said = [...run.problems, ...run.warnings]
    const what = run.subject === undefined ? '' : `${SUBJECTS[run.subject]} `
    return said.map((words) => `${what}${printable(run.runId)}: ${printable(words)}`)
  }
  return [`${printable(from)} ${printable(run.where)}: ${run.result}: ${printable(run.problem)}`]
}

/** A run as data. */
export function runJson(run: RunOutcome | SkippedRun): object {
  if (!('traceIds' in run)) {
    return {
      run_id: run.runId ?? null,
      result: run.result,
      where: run.where,
      problems: [run.problem],
    }
  }
  const { subject, runId, exportName, revision, result, failure, traceIds, spans, redaction } = run
  const { problems, warnings } = run
  return {
    ...(subject === undefined ? {} : { subject }),
    run_id: runId,
    export_name: exportName,
    revision,
    result,
    ...(failure === undefined ? {} : { failure }),
    trace_ids: traceIds,
    spans,
    ...(redaction === undefined ? {} : { redaction }),
    problems,
    warnings,
  }
}
