/**
 * Interrupted runs and loads of a watched database: a pass over all of them now and then.
 *
 * No feed tells when one comes, so each pass looks at all that are wanted; it passes over the names of
 * those that are settled, which are all that is kept in memory. What fails here waits for the next
 * pass and stops no run.
 */
import { MOST_ATTEMPTS } from '../../ledger/ledger.js'
import type { StateDatabase } from '../../sources/run-feed.js'
import type { Selection } from '../../sources/source.js'
import { exportOthers } from '../export-runs.js'
import type { RunOutcome, SkippedRun, TraceCounts } from '../summary.js'
import { AttemptSource, nextStep, problemOf } from './attempt.js'
import type { WatchParts } from './sender.js'
import type { WatchEvent } from './watch-event.js'
import type { WatchSummary } from './watch-summary.js'

/** How long between two passes at least, in ms. */
const PASS_EVERY_MS = 10_000

const NONE: TraceCounts = { sent: 0, present: 0, failed: 0, elsewhere: 0 }
const TARGET_AWAY: readonly RunOutcome['failure'][] = ['unreachable', 'place']

/**
 * The part of a watcher that sends what has no journal.
 *
 * @example
 * const others = new OtherTraces(parts)
 */
export class OtherTraces {
  readonly #parts: WatchParts
  readonly #startedUnixNano = BigInt(Date.now()) * 1_000_000n
  readonly #settled = new Set<string>()
  readonly #attempts = new Map<string, number>()
  /** What was told of those that failed. */
  readonly #told = new Map<string, string>()
  readonly #counts = { interrupted: NONE, load: NONE }
  /** When a pass began, by the clock. */
  #passedAt = Number.NEGATIVE_INFINITY
  #mark: string | undefined
  /** Whether the database was the same at the two last passes. */
  #isQuiet = false
  /** Those that failed in the last pass and are not given up. */
  #waiting = 0
  #isTargetAway = false

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** How many failed in the last pass and are tried again in the next. */
  get waiting(): number {
    return this.#waiting
  }

  /** Whether any of those failed because the target was not there. */
  get isTargetAway(): boolean {
    return this.#isTargetAway
  }

  /** What became of them so far. */
  get counts(): Pick<WatchSummary, 'interrupted' | 'loads'> {
    const { interrupted, load } = this.#counts
    return {
      ...(interrupted === NONE ? {} : { interrupted }),
      ...(load === NONE ? {} : { loads: load }),
    }
  }

  /** Sends what is there and not settled, unless the pass before is recent or nothing has changed. */
  async pass(database: StateDatabase, isLast: boolean): Promise<void> {
    const { clock, options } = this.#parts
    if (database.records === undefined) return
    const everyMs = Math.max(PASS_EVERY_MS, options.everyMs ?? 0)
    if (!isLast && clock.now() - this.#passedAt < everyMs) return
    this.#passedAt = clock.now()
    const reading = new AttemptSource(database)
    try {
      if (this.#isAsBefore(database) && this.#waiting === 0) return
      this.#waiting = 0
      this.#isTargetAway = false
      await this.#send(reading)
    } catch (error) {
      this.#forgetMark()
      if (reading.failure !== undefined) this.#parts.source.failed(reading.failure)
      else this.#tell({ kind: 'others_failed', problem: problemOf(error) })
    }
    await this.#parts.told.heard()
  }

  async #send(source: AttemptSource): Promise<void> {
    const { options, deadline } = this.#parts
    const { delivery, namespace, resource, redaction } = options
    await exportOthers({
      source,
      selection: this.#selection,
      delivery,
      ...(namespace === undefined ? {} : { namespace }),
      ...(resource === undefined ? {} : { resource }),
      ...(redaction === undefined ? {} : { redaction }),
      signal: deadline,
      isSettled: (subject, name) => this.#settled.has(keyOf(subject, name)),
      onTrace: (trace) => this.#add(trace),
      onRun: (run) => {
        if (!('traceIds' in run)) this.#skip(run)
      },
    })
  }

  get #selection(): Selection {
    const { options, source } = this.#parts
    const since = options.since === 'now' ? this.#startedUnixNano : source.sinceUnixNano
    return since === undefined ? {} : { sinceUnixNano: since }
  }

  #add(trace: RunOutcome): void {
    const { subject, runId, result } = trace
    if (subject !== 'interrupted' && subject !== 'load') return
    // Who has it in hand may still be killed: it is looked at again, whether the database changes or not.
    if (result === 'elsewhere') {
      this.#forgetMark()
      return
    }
    const key = keyOf(subject, runId)
    if (result === 'failed' && !this.#isGivenUp(key, trace)) {
      this.#waiting++
      if (TARGET_AWAY.includes(trace.failure)) this.#isTargetAway = true
      const problem = trace.problems.join('; ')
      if (this.#told.get(key) !== problem) this.#tell({ kind: 'other', trace, isTriedAgain: true })
      this.#told.set(key, problem)
      return
    }
    this.#settled.add(key)
    this.#told.delete(key)
    this.#attempts.delete(key)
    const counts = this.#counts[subject]
    this.#counts[subject] = { ...counts, [result]: counts[result] + 1 }
    if (result !== 'present') this.#tell({ kind: 'other', trace })
  }

  #isGivenUp(key: string, trace: RunOutcome): boolean {
    const step = nextStep(trace)
    if (step !== 'again') return step === 'give up'
    const attempts = (this.#attempts.get(key) ?? 0) + 1
    this.#attempts.set(key, attempts)
    return attempts >= MOST_ATTEMPTS
  }

  /** One that never can be sent as it is. It is told and counted once. */
  #skip(run: SkippedRun): void {
    const key = keyOf(run.where, run.problem)
    if (this.#settled.has(key)) return
    this.#settled.add(key)
    this.#parts.tally.add(run)
    this.#tell({ kind: 'other', trace: run })
  }

  #tell(event: WatchEvent): void {
    this.#parts.told.tell(event)
  }

  /** Two looks that are the same are needed: a clock may not have ticked between two changes. */
  #isAsBefore(database: StateDatabase): boolean {
    const mark = database.mark?.()
    const isSame = mark !== undefined && mark === this.#mark
    const isAsBefore = isSame && this.#isQuiet
    this.#isQuiet = isSame
    this.#mark = mark
    return isAsBefore
  }

  #forgetMark(): void {
    this.#mark = undefined
    this.#isQuiet = false
  }
}

function keyOf(subject: string, name: string): string {
  return JSON.stringify([subject, name])
}
