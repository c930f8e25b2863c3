/** What is printed about a verification: what is not exact at once, and the sum at the end. */
import type { RunVerdict } from '../bridge/verify-runs.js'
import type { UnreadableItem } from '../sources/source.js'
import type { Terminal } from './terminal.js'
import { jsonLine, printable } from './view/printable.js'

/** How many runs are named one by one although they are as they were sent. */
const NAMED_AT_MOST = 20
/** Measured: a block that a quiet Tempo files away is known again when it next looks for blocks. */
const TEMPO_FILES =
  'A Tempo may not find a run for up to 5 minutes while it files it away, about half an hour after it came; --wait 6m waits for that.'
const RESULTS = ['exact', 'redacted', 'incomplete', 'differs', 'missing', 'empty'] as const

/**
 * Counts verdicts and says what is not exact.
 *
 * @example
 * const report = new VerifyReport(terminal, traces.location, false)
 * for await (const run of verifyRuns(options)) report.add(run)
 * await report.print()
 */
export class VerifyReport {
  readonly #terminal: Terminal
  readonly #location: string
  readonly #isJson: boolean
  readonly #runs: RunVerdict[] = []
  readonly #problems: string[] = []
  readonly #counts = { exact: 0, redacted: 0, incomplete: 0, differs: 0, missing: 0, empty: 0 }

  /** @param location where the runs were read back */
  constructor(terminal: Terminal, location: string, isJson: boolean) {
    this.#terminal = terminal
    this.#location = location
    this.#isJson = isJson
  }

  /** Whether every run came back exactly, and every journal could be read. */
  get isAllWell(): boolean {
    const { incomplete, differs, missing } = this.#counts
    return incomplete + differs + missing + this.#problems.length === 0
  }

  /** The names of the runs that were verified. */
  get names(): readonly RunVerdict[] {
    return this.#runs
  }

  /** Takes a verdict; what the source could not read is said at once. */
  add(run: RunVerdict | UnreadableItem): void {
    if (run.kind === 'unreadable') {
      const problem = `${run.where}: ${run.problem}`
      this.#problems.push(problem)
      this.#terminal.say(printable(problem))
      return
    }
    this.#runs.push(run)
    this.#counts[run.result]++
    this.#terminal.showProgress(`${this.#runs.length} runs verified …`)
  }

  /** Prints the verdicts and the sum. */
  async print(): Promise<void> {
    if (this.#isJson) return this.#terminal.print(jsonLine(this.json()))
    if (this.#runs.length + this.#problems.length === 0) {
      this.#terminal.say('no run was selected, so nothing was verified')
    }
    const areFew = this.#runs.length <= NAMED_AT_MOST
    for (const run of this.#runs) {
      if (areFew || !['exact', 'redacted', 'empty'].includes(run.result))
        await this.#terminal.print(lines(run))
    }
    const counts = RESULTS.filter((result) => this.#counts[result] > 0 || result === 'exact')
    const sum = counts.map((result) => `${this.#counts[result]} ${result}`).join(', ')
    await this.#terminal.print(`verified: ${sum} (${printable(this.#location)})\n`)
    if (this.#counts.missing > 0 && this.#location.startsWith('tempo+'))
      this.#terminal.say(TEMPO_FILES)
  }

  /** The same as data. */
  json(): object {
    return {
      in: this.#location,
      runs: this.#runs.map(({ runId, exportName, result, traceId, reasons }) => ({
        run_id: runId,
        export_name: exportName,
        result,
        trace_id: traceId,
        reasons,
      })),
      problems: this.#problems,
      summary: this.#counts,
    }
  }
}

function lines({ runId, result, traceId, reasons }: RunVerdict): string {
  const why = reasons.map((reason) => `            ${printable(reason)}\n`).join('')
  return `${result.padEnd(10)}  ${printable(runId)}  trace ${traceId}\n${why}`
}
