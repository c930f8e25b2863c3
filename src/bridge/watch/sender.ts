/**
 * Sends runs of a watched database, once at a time, and deals with what became of them: who is
 * settled is remembered, who was refused is to be tried again, and the rest is handed back.
 */

import { MOST_ATTEMPTS } from '../../ledger/ledger.js'
import type { SettledRun } from '../../ledger/settled-table.js'
import type { ArrivedRun, StateDatabase } from '../../sources/run-feed.js'
import { exportJournals } from '../export-runs.js'
import type { RunOutcome, SkippedRun } from '../summary.js'
import { AttemptSource, type NextStep, nextStep, problemOf, RunsInAttempt } from './attempt.js'
import { policyFingerprint } from './policy-fingerprint.js'
import type { RunsToRetry } from './runs-to-retry.js'
import type { Told } from './told.js'
import type { WatchClock } from './watch-clock.js'
import type { WatchOptions } from './watch-options.js'
import type { WatchTally } from './watch-summary.js'
import type { WatchedSource } from './watched-source.js'
import type { WatchedTarget } from './watched-target.js'

/** What the parts of a watcher share. */
export interface WatchParts {
  readonly options: WatchOptions
  readonly clock: WatchClock
  /** Once it comes nothing more is taken up. */
  readonly deadline: AbortSignal
  readonly source: WatchedSource
  readonly target: WatchedTarget
  readonly retries: RunsToRetry
  readonly tally: WatchTally
  readonly told: Told
  /** Runs whose journal is settled, of which only what is beside it is tried again. */
  readonly besideOnly: Set<string>
}

/** What one attempt left. */
export interface AttemptEnd {
  /** Runs that are still to be sent. */
  readonly left: readonly ArrivedRun[]
  /** Runs that the source has no longer. */
  readonly gone: readonly ArrivedRun[]
  /** Whether the target took any. */
  readonly hasTaken: boolean
  /** Whether another attempt may follow at once. */
  readonly goesOn: boolean
}

/** So many runs refused, and none taken, are the target's affair, not theirs; then each one more is, until it takes one. */
const REFUSED_WITHOUT_ONE = 20

/**
 * Sends runs; one attempt at a time.
 *
 * @example
 * const waiting = new Sender(parts).unsettled(runs)
 */
export class Sender {
  readonly #parts: WatchParts
  readonly #fingerprint: string

  constructor(parts: WatchParts) {
    this.#parts = parts
    this.#fingerprint = policyFingerprint(parts.options.redaction ?? {})
  }

  /** Those runs that the memory does not know as settled. */
  unsettled(runs: readonly ArrivedRun[]): readonly ArrivedRun[] {
    const { memory } = this.#parts.options
    try {
      const settled = memory?.areSettled(runs.map((run) => this.#stamped(run)))
      return settled === undefined ? runs : runs.filter((_, i) => !settled[i])
    } catch (error) {
      // They are compared by their digests instead; who else cannot use the memory then says so.
      problemOf(error)
      return runs
    }
  }

  /** Sends some runs, once. */
  async send(database: StateDatabase, runs: readonly ArrivedRun[]): Promise<AttemptEnd> {
    const { source, target, clock, told, deadline } = this.#parts
    const attempt = new Attempt(this.#parts, runs)
    const reading = new AttemptSource(database)
    let isWhole = false
    target.begin()
    try {
      await this.#export(reading, runs, attempt)
      isWhole = !deadline.aborted
    } catch (error) {
      if (reading.failure === undefined) target.failed(problemOf(error))
      else source.failed(reading.failure)
    }
    attempt.judge()
    this.#remember([...attempt.settled.values()])
    const goesOn = target.end(clock.now()) && reading.failure === undefined
    await told.heard()
    const { waiting, open } = attempt.runs
    return {
      left: isWhole ? waiting : [...waiting, ...open],
      gone: isWhole ? open : [],
      hasTaken: target.hasTaken,
      goesOn,
    }
  }

  /** A run that never was to be sent is settled. */
  skip(run: SkippedRun): void {
    new Attempt(this.#parts, []).add(run)
  }

  async #export(
    source: AttemptSource,
    runs: readonly ArrivedRun[],
    attempt: Attempt,
  ): Promise<void> {
    const { options, deadline, told } = this.#parts
    const { delivery, namespace, resource, redaction } = options
    const { sinceUnixNano } = this.#parts.source
    const runIds = runs.map(({ runId }) => runId)
    await exportJournals({
      source,
      selection: sinceUnixNano === undefined ? { runIds } : { runIds, sinceUnixNano },
      delivery,
      ...(namespace === undefined ? {} : { namespace }),
      ...(resource === undefined ? {} : { resource }),
      ...(redaction === undefined ? {} : { redaction }),
      signal: deadline,
      onJournal: (journal) => told.tell({ kind: 'journal', journal }),
      onRun: (run) => attempt.add(run),
    })
  }

  #remember(runs: readonly ArrivedRun[]): void {
    const { options, target } = this.#parts
    try {
      if (runs.length > 0) options.memory?.settle(runs.map((run) => this.#stamped(run)))
    } catch (error) {
      target.failed(`${problemOf(error)}; what was settled is compared again another time`)
    }
  }

  /** Another policy makes another journal of the same row. */
  #stamped({ runId, stamp }: ArrivedRun): SettledRun {
    const { namespace = '' } = this.#parts.options
    return { namespace, runId, stamp: `${stamp} ${this.#fingerprint}` }
  }
}

/** What one attempt made of its runs. */
class Attempt {
  readonly runs: RunsInAttempt
  /** By their run_ids. */
  readonly settled = new Map<string, ArrivedRun>()
  readonly #parts: WatchParts
  readonly #refusals: string[] = []

  constructor(parts: WatchParts, runs: readonly ArrivedRun[]) {
    this.#parts = parts
    this.runs = new RunsInAttempt(runs)
  }

  /** A run has its outcome. */
  add(run: RunOutcome | SkippedRun): void {
    const isSent = 'traceIds' in run
    if (isSent && run.subject !== undefined) {
      this.#addBeside(run)
      return
    }
    const step = isSent ? nextStep(run) : 'give up'
    const arrival = this.runs.close(run.runId, step === 'wait')
    const againInMs =
      arrival === undefined || !isSent ? undefined : this.#againInMs(step, run, arrival)
    if (againInMs !== undefined) this.#parts.told.tell({ kind: 'run', run, againInMs })
    else if (run.result === 'present' && this.#isToldAlready(run)) return
    else this.#settle(isSent && step === 'again' ? givenUp(run) : run)
  }

  /** What all outcomes together say. */
  judge(): void {
    for (const runId of this.settled.keys()) {
      if (this.#parts.besideOnly.delete(runId)) this.#parts.retries.drop(runId)
    }
    const { length } = this.#refusals
    const { target } = this.#parts
    const enough = target.isAway ? 1 : REFUSED_WITHOUT_ONE
    if (length < enough || target.hasTaken) return
    const runs = length === 1 ? 'a run' : `${length} runs`
    target.failed(`it refused ${runs} and took none. The first: ${this.#refusals[0]}`)
  }

  /** In how many ms a run is tried again; `undefined` where it is settled, well or badly. */
  #againInMs(step: NextStep, run: RunOutcome, arrival: ArrivedRun): number | undefined {
    const { target, retries, clock } = this.#parts
    switch (step) {
      case 'settled':
        if (run.result === 'sent') target.took()
        this.settled.set(arrival.runId, arrival)
        return undefined
      case 'wait':
        return run.failure === 'stopped' ? 0 : target.failed(run.problems[0] ?? 'it is not there')
      case 'elsewhere':
        return retries.elsewhere(arrival, clock.now())
      case 'again':
        this.#refusals.push(run.problems[0] ?? '')
        return retries.refused(arrival, clock.now())
      case 'give up':
        return undefined
    }
  }

  /** Something beside a run failed, and its journal did not: the run is tried again for its sake. */
  #addBeside(beside: RunOutcome): void {
    const { besideOnly, tally, told } = this.#parts
    const arrival = this.settled.get(beside.runId)
    const step = nextStep(beside)
    const againInMs = arrival === undefined ? undefined : this.#againInMs(step, beside, arrival)
    if (arrival === undefined || againInMs === undefined) {
      tally.addBeside()
      told.tell({ kind: 'run', run: step === 'again' ? givenUp(beside) : beside })
      return
    }
    this.settled.delete(beside.runId)
    besideOnly.add(beside.runId)
    if (step === 'wait') this.runs.wait(arrival)
    told.tell({ kind: 'run', run: beside, againInMs })
  }

  #isToldAlready({ runId }: RunOutcome | SkippedRun): boolean {
    return runId !== undefined && this.#parts.besideOnly.has(runId)
  }

  #settle(run: RunOutcome | SkippedRun): void {
    const { retries, tally, told, besideOnly } = this.#parts
    if (run.runId !== undefined) {
      retries.drop(run.runId)
      besideOnly.delete(run.runId)
    }
    tally.add(run)
    told.tell({ kind: 'run', run })
  }
}

function givenUp(run: RunOutcome): RunOutcome {
  const problems = [...run.problems, `given up after ${MOST_ATTEMPTS} attempts`]
  return { ...run, failure: 'given_up', problems }
}
