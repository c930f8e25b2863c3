/**
 * What `exec` says, all of it after the command has ended: nothing where all is well, else a line for
 * each thing that went wrong, however many runs it is about.
 */
import type { ExportedAfter } from '../bridge/exec/export-after.js'
import type { RunOutcome, SkippedRun } from '../bridge/summary.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import { resultWord, runLine } from './export-report.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/terminal-text.js'

/** How many runs a dry run names one by one. */
const NAMED_AT_MOST = 20

/** Gathers what is to be said, each line once. */
export class ExecReport {
  readonly #terminal: Terminal
  readonly #program: string
  readonly #lines = new Set<string>()

  /** @param program the command, as messages name it. */
  constructor(terminal: Terminal, program: string) {
    this.#terminal = terminal
    this.#program = program
  }

  /** Something that is to be said. */
  warn(text: string): void {
    this.#lines.add(text)
  }

  /** Something failed. */
  failed(what: string, error: unknown): void {
    this.warn(`${what}: ${reasonWithHint(error)}`)
    const { env } = this.#terminal
    if (!(error instanceof RivetOtelError) && env.RIVET_OTEL_DEBUG && error instanceof Error)
      this.warn(error.stack ?? '')
  }

  /** What became of the runs and the span. */
  sent({ runs, span }: ExportedAfter): void {
    const outcomes = runs.filter((run) => 'traceIds' in run)
    const failed = outcomes.filter(({ result }) => result === 'failed')
    const own = failed.filter(({ subject }) => subject === undefined)
    this.#notSent(own, span?.problem)
    const beside = failed.filter(({ subject }) => subject !== undefined)
    if (own.length === 0 && beside.length > 0)
      this.warn(`${amount(beside.length, 'span')} beside the runs not sent: ${reasonIn(beside)}`)
    this.#notSendable(runs)
    for (const { warnings } of outcomes) for (const warning of warnings) this.warn(warning)
  }

  /** What would be sent. */
  wouldSend({ runs, span }: ExportedAfter): void {
    const outcomes = runs.filter((run) => 'traceIds' in run)
    for (const run of outcomes.slice(0, NAMED_AT_MOST)) this.warn(runLine(run, true))
    if (outcomes.length > NAMED_AT_MOST)
      this.warn(
        `and ${amount(outcomes.length - NAMED_AT_MOST, 'more run')} ${resultWord('sent', true)}`,
      )
    this.#notSendable(runs)
    const [own] = span?.page.trace.spans ?? []
    if (own !== undefined)
      this.warn(
        `${resultWord('sent', true)}  ${own.name}  trace ${own.traceId}  ${amount(own.links.length, 'link')}`,
      )
  }

  /** Says it, on stderr. */
  print(): void {
    for (const line of this.#lines) this.#terminal.say(`rivet-otel: ${printable(line)}`)
    this.#lines.clear()
  }

  #notSent(failed: readonly RunOutcome[], spanProblem: string | undefined): void {
    const problem = reasonIn(failed)
    const isSame = failed.length > 0 && spanProblem === problem
    if (failed.length > 0) {
      const what = amount(failed.length, 'run')
      const all = isSame ? `${what} and the span of ${this.#program}` : what
      this.warn(`not sent: ${all}: ${problem}; ${nextExport(failed)}`)
    }
    if (spanProblem !== undefined && !isSame)
      this.warn(`not sent: the span of ${this.#program}: ${spanProblem}`)
  }

  #notSendable(runs: ExportedAfter['runs']): void {
    const unusable = runs.filter(isUnusable)
    const [first] = unusable
    if (first === undefined) return
    const what = amount(unusable.length, 'run')
    this.warn(`not sent: ${what}: ${first.where}: ${first.result}: ${first.problem}`)
  }
}

function isUnusable(run: RunOutcome | SkippedRun): run is SkippedRun {
  return run.result === 'unreadable' || run.result === 'refused'
}

function reasonIn(failed: readonly RunOutcome[]): string | undefined {
  return failed.flatMap(({ problems }) => problems)[0]
}

function nextExport(failed: readonly RunOutcome[]): string {
  const isForGood = failed.every(({ failure }) => failure === 'refused' || failure === 'too_large')
  if (isForGood) return 'the next rivet-otel export tries again'
  return `the next rivet-otel export sends ${failed.length === 1 ? 'it' : 'them'}`
}

function reasonWithHint(error: unknown): string {
  if (!(error instanceof RivetOtelError))
    return `${reasonOf(error)} (a defect of rivet-otel; RIVET_OTEL_DEBUG=1 prints where)`
  return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`
}

function amount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
