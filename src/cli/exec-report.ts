/**
 * What `exec` says, all of it after the command has ended: nothing where all is well, else a line for
 * each thing that went wrong, however many runs it is about.
 */
import type { ExportedAfter } from '../bridge/exec/export-after.js'
import type { RunOutcome, SkippedRun } from '../bridge/summary.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import { resultWord, runLine } from './export-report.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/printable.js'

/** How many runs a dry run names one by one. */
const NAMED_AT_MOST = 20

/**
 * Gathers what is to be said, each line once.
 *
 * @example
 * const report = new ExecReport(terminal, 'rivet')
 */
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
  sent({ runs, others, span }: ExportedAfter): void {
    const outcomes = [...runs, ...others].filter((run) => 'traceIds' in run)
    this.#notSent(
      outcomes.filter(({ result }) => result === 'failed'),
      span?.problem,
    )
    this.#notSendable(runs, 'run')
    this.#notSendable(others, 'row')
    for (const { warnings } of outcomes) for (const warning of warnings) this.warn(warning)
  }

  /** What would be sent. */
  wouldSend({ runs, others, span }: ExportedAfter): void {
    const outcomes = [...runs, ...others].filter((run) => 'traceIds' in run)
    for (const run of outcomes.slice(0, NAMED_AT_MOST)) this.warn(runLine(run, true))
    if (outcomes.length > NAMED_AT_MOST)
      this.warn(
        `and ${amount(outcomes.length - NAMED_AT_MOST, 'more run')} ${resultWord('sent', true)}`,
      )
    this.#notSendable(runs, 'run')
    this.#notSendable(others, 'row')
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

  /** A line for each reason. */
  #notSent(failed: readonly RunOutcome[], spanProblem: string | undefined): void {
    const reasons = new Map<string, Lost>()
    for (const [what, isSuch] of KINDS) {
      const such = failed.filter(({ subject }) => isSuch(subject))
      if (such.length === 0) continue
      const [reason = 'no reason was given'] = such.flatMap(({ problems }) => problems)
      const { failed: others, whats } = reasons.get(reason) ?? NOTHING_LOST
      const more = amount(such.length, what)
      reasons.set(reason, { failed: [...others, ...such], whats: [...whats, more] })
    }
    if (spanProblem !== undefined) {
      const { failed: others, whats } = reasons.get(spanProblem) ?? NOTHING_LOST
      const own = `the span of ${this.#program}`
      reasons.set(spanProblem, { failed: others, whats: [...whats, own] })
    }
    for (const [reason, { failed: lost, whats }] of reasons) {
      const next = lost.length === 0 ? '' : `; ${nextExport(lost)}`
      this.warn(`not sent: ${inWords(whats)}: ${reason}${next}`)
    }
  }

  #notSendable(runs: ExportedAfter['runs'], what: string): void {
    const unusable = runs.filter(isUnusable)
    const [first] = unusable
    if (first === undefined) return
    const all = amount(unusable.length, what)
    this.warn(`not sent: ${all}: ${first.where}: ${first.result}: ${first.problem}`)
  }
}

/** What was not sent for one reason. */
interface Lost {
  readonly failed: readonly RunOutcome[]
  readonly whats: readonly string[]
}

const NOTHING_LOST: Lost = { failed: [], whats: [] }

type Subject = RunOutcome['subject']

const KINDS: readonly (readonly [what: string, isSuch: (subject: Subject) => boolean])[] = [
  ['run', (subject) => subject === undefined],
  ['killed run', (subject) => subject === 'interrupted'],
  ['load', (subject) => subject === 'load'],
  ['extra span', isBeside],
]

function isBeside(subject: Subject): boolean {
  return subject !== undefined && subject !== 'interrupted' && subject !== 'load'
}

function isUnusable(run: RunOutcome | SkippedRun): run is SkippedRun {
  return run.result === 'unreadable' || run.result === 'refused'
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

function inWords(whats: readonly string[]): string {
  const [last = '', ...others] = whats.toReversed()
  return others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`
}
