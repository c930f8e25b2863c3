/**
 * The count of an export: what became of each run, of the traces that are no journals, and of all
 * spans.
 *
 * Extra spans beside a run are counted as spans alone. Where they failed and the run itself did not,
 * that is told; where the run failed too, its own outcome says enough.
 */
import type { PageOutcome } from '../../delivery/delivery.js'
import type { ExportSummary, RunOutcome, SkippedRun } from '../summary.js'
import { runOutcome } from './run-outcome.js'

/** Whom a tally tells. */
export interface TallyOptions {
  readonly onRun?: ((run: RunOutcome | SkippedRun) => void) | undefined
  readonly onTrace?: ((trace: RunOutcome) => void) | undefined
}

const NONE = { sent: 0, present: 0, failed: 0, elsewhere: 0 }

/**
 * Counts one export.
 *
 * @example
 * const tally = new Tally({ onRun, onTrace })
 */
export class Tally {
  readonly #options: TallyOptions
  /** The pages so far of runs of which others are still under way. */
  readonly #open = new Map<string, PageOutcome[]>()
  /** Runs whose journal is under way, each with what failed beside it so far. */
  readonly #underWay = new Map<string, RunOutcome[]>()
  /** Runs that did not get there themselves. */
  readonly #lost = new Set<string>()
  readonly #runs = { ...NONE, empty: 0, repeated: 0, unreadable: 0 }
  readonly #traces = { interrupted: { ...NONE }, load: { ...NONE } }
  #refused = 0
  #besideFailed = 0
  readonly #spans = { delivered: 0, present: 0, rejected: 0, unsent: 0 }
  #unreachable = false

  constructor(options: TallyOptions) {
    this.#options = options
  }

  /** Something never became a trace. */
  skip(run: SkippedRun): void {
    if (run.result === 'refused') this.#refused++
    else this.#runs[run.result]++
    this.#options.onRun?.(run)
  }

  /** The journal of a run goes out now; what failed beside it is told after it. */
  begin(runId: string): void {
    this.#underWay.set(runId, this.#underWay.get(runId) ?? [])
  }

  /** A page has its outcome. */
  add(outcome: PageOutcome): void {
    for (const fate of ['delivered', 'present', 'rejected', 'unsent'] as const) {
      this.#spans[fate] += outcome[fate]
    }
    if (outcome.problem?.kind === 'unreachable') this.#unreachable = true
    const { subject = 'journal' } = outcome.page
    if (subject === 'journal') this.#addJournal(outcome)
    else if (subject === 'interrupted' || subject === 'load') this.#addTrace(outcome, subject)
    else this.#addBeside(runOutcome([outcome]))
  }

  summary(): ExportSummary {
    const { interrupted, load } = this.#traces
    return {
      runs: this.#refused === 0 ? this.#runs : { ...this.#runs, refused: this.#refused },
      ...(isNone(interrupted) ? {} : { interrupted }),
      ...(isNone(load) ? {} : { loads: load }),
      ...(this.#besideFailed === 0 ? {} : { besideFailed: this.#besideFailed }),
      spans: this.#spans,
      unreachable: this.#unreachable,
    }
  }

  #addJournal(outcome: PageOutcome): void {
    const { runId, revision, pages } = outcome.page
    const name = JSON.stringify([runId, revision])
    const outcomes = this.#open.get(name) ?? []
    this.#open.set(name, outcomes)
    outcomes.push(outcome)
    if (outcomes.length < pages) return
    this.#open.delete(name)
    const settled = runOutcome(outcomes)
    this.#runs[settled.result]++
    if (settled.failure !== undefined) this.#lost.add(runId)
    this.#options.onRun?.(settled)
    const beside = this.#underWay.get(runId) ?? []
    this.#underWay.delete(runId)
    for (const failed of beside) this.#addBeside(failed)
  }

  #addTrace(outcome: PageOutcome, subject: 'interrupted' | 'load'): void {
    const trace = runOutcome([outcome])
    this.#traces[subject][trace.result]++
    this.#options.onTrace?.(trace)
    if (trace.result === 'failed') this.#options.onRun?.(trace)
  }

  #addBeside(beside: RunOutcome): void {
    if (beside.result !== 'failed' || this.#lost.has(beside.runId)) return
    const waiting = this.#underWay.get(beside.runId)
    if (waiting !== undefined) {
      waiting.push(beside)
      return
    }
    this.#besideFailed++
    this.#options.onRun?.(beside)
  }
}

function isNone(counts: typeof NONE): boolean {
  return Object.values(counts).every((count) => count === 0)
}
