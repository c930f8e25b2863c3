/** What is printed about a watch: each run as it is settled, what is away, and the sum at the end. */
import type { RunFailure, RunOutcome, SkippedRun } from '../bridge/summary.js'
import type { WatchEvent } from '../bridge/watch/watch-event.js'
import type { WatchSummary } from '../bridge/watch/watch-summary.js'
import { othersInWords, problemsOf, resultWord, runJson, runLine } from './export-report.js'
import { withoutSaidSecrets } from './said-text.js'
import type { Terminal } from './terminal.js'
import { printable, printableJson } from './view/printable.js'

/** How a report looks. */
export interface WatchReportOptions {
  /** What is watched, and where it goes. */
  readonly from: string
  readonly to: string
  /** One object for each run on stdout, and everything else on stderr. */
  readonly isJson: boolean
  /** Only what is wrong. */
  readonly isQuiet: boolean
  readonly isDryRun: boolean
}

/** They are about the target, of which is said once that it is away, or about the watch itself. */
const NOT_ABOUT_RUN: readonly (RunFailure | undefined)[] = ['unreachable', 'place', 'stopped']

const RESULTS = ['sent', 'present', 'failed', 'empty', 'repeated', 'unreadable', 'refused'] as const

/**
 * Says what happens, with the time in front.
 *
 * @example
 * const report = new WatchReport(options, terminal)
 * await watchRuns({ ...more, onEvent: (event) => report.add(event) })
 */
export class WatchReport {
  readonly #options: WatchReportOptions
  readonly #terminal: Terminal
  /** Whether it was said that these are away. */
  readonly #isAway = { source: false, target: false }

  constructor(options: WatchReportOptions, terminal: Terminal) {
    this.#options = options
    this.#terminal = terminal
  }

  /**
   * @param since which runs, as the rest of a sentence
   * @param url where the watcher can be asked how it stands
   */
  async begin(since: string, everyMs: number, url?: string): Promise<void> {
    const { from, to, isDryRun } = this.#options
    const how = isDryRun ? 'saying what would be sent to' : 'sending to'
    await this.#talk(
      `watching ${printable(from)}, ${how} ${printable(to)}: ${since}; a look every ${inWords(everyMs)}`,
    )
    if (url !== undefined) await this.#talk(`listening at ${url} (/livez, /readyz, /metrics)`)
  }

  async add(event: WatchEvent): Promise<void> {
    switch (event.kind) {
      case 'run':
        return this.#run(event.run, event.againInMs)
      case 'other':
        return this.#other(event.trace, event.isTriedAgain === true)
      case 'others_failed':
        return this.#say(`interrupted runs and loads: ${printable(event.problem)}; tried again`)
      case 'source':
        return this.#standing('source', event, `${this.#options.from} can be read`)
      case 'target':
        return this.#standing('target', event, `runs go to ${this.#options.to} again`)
    }
  }

  /** Something beside the runs went wrong. */
  warn(message: string): void {
    this.#say(printable(message))
  }

  /** The watch is told to stop. */
  async stopping(): Promise<void> {
    await this.#talk(
      'stopping after one last look, which takes up nothing after 5 s; another signal ends it at once',
    )
  }

  async end(summary: WatchSummary): Promise<void> {
    const { runs, waiting, isTargetAway } = summary
    const { to, isDryRun } = this.#options
    const parts = RESULTS.filter((result) => runs[result] > 0 || result === 'sent').map(
      (result) => `${runs[result]} ${resultWord(result, isDryRun)}`,
    )
    const why = isTargetAway ? ', because the target is not there' : ''
    const left = waiting > 0 ? `; ${waiting} waiting${why}` : ''
    const others = othersInWords(summary, isDryRun)
    const beside = others === '' ? '' : `; ${others}`
    await this.#talk(`stopped; runs: ${parts.join(', ')}${beside}${left} (${printable(to)})`)
  }

  async #run(run: RunOutcome | SkippedRun, againInMs: number | undefined): Promise<void> {
    const failure = 'failure' in run ? run.failure : undefined
    if (run.result !== 'elsewhere' && !NOT_ABOUT_RUN.includes(failure)) {
      const then = againInMs === undefined ? '' : `; tried again in ${inWords(againInMs)}`
      for (const line of problemsOf(run, this.#options.from)) this.#say(`${line}${then}`)
    }
    if (againInMs === undefined) await this.#printRun(run)
  }

  async #other(trace: RunOutcome | SkippedRun, isTriedAgain: boolean): Promise<void> {
    const then = isTriedAgain ? '; tried again' : ''
    for (const line of problemsOf(trace, this.#options.from)) this.#say(`${line}${then}`)
    if (!isTriedAgain) await this.#printRun(trace)
  }

  async #printRun(run: RunOutcome | SkippedRun): Promise<void> {
    if (this.#options.isJson)
      await this.#print(JSON.stringify({ time: timeOfDay(), ...runJson(run) }))
    else if (run.result === 'sent' && !this.#options.isQuiet)
      await this.#print(`${timeOfDay()} ${runLine(run, this.#options.isDryRun)}`)
  }

  async #standing(
    who: 'source' | 'target',
    { isThere, problem = '' }: { readonly isThere: boolean; readonly problem?: string },
    again: string,
  ): Promise<void> {
    const wasAway = this.#isAway[who]
    this.#isAway[who] = !isThere
    if (!isThere) this.#say(`${printable(problem)}; tried again until it is mended`)
    else if (wasAway) this.#say(printable(again))
  }

  /** What is no result. */
  async #talk(text: string): Promise<void> {
    const { isQuiet, isJson } = this.#options
    if (isQuiet) return
    if (isJson) this.#say(text)
    else await this.#print(`${timeOfDay()} ${text}`)
  }

  #say(text: string): void {
    this.#terminal.say(`${timeOfDay()} ${text}`)
  }

  async #print(text: string): Promise<void> {
    const { isJson } = this.#options
    await this.#terminal.print(`${isJson ? printableJson(text) : withoutSaidSecrets(text)}\n`)
  }
}

/**
 * The time now, as it stands in front of a line.
 *
 * @example
 * timeOfDay() // '2026-11-21 17:00:01Z'
 */
export function timeOfDay(): string {
  return `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`
}

function inWords(ms: number): string {
  if (ms < 1000) return `${ms} ms`
  const seconds = Math.round(ms / 1000)
  return seconds < 60 || seconds % 60 > 0 ? `${seconds} s` : `${seconds / 60} min`
}
