/** One attempt to send some runs: what follows from an outcome, and who has none yet. */
import { RivetOtelError } from '../../problem.js'
import type { ArrivedRun } from '../../sources/run-feed.js'
import type { RunRecords } from '../../sources/run-records.js'
import type { JournalSource, Selection, SourceItem } from '../../sources/source.js'
import type { RunOutcome } from '../summary.js'

/** What is to be done about a run after an attempt. */
export type NextStep =
  /** Nothing: it is there. */
  | 'settled'
  /** It waits until the target is there. */
  | 'wait'
  /** The target refused it: again later, a few times. */
  | 'again'
  /** Another process has it in hand: look again soon. */
  | 'elsewhere'
  /** Trying again is of no use. */
  | 'give up'

/**
 * What follows from an outcome.
 *
 * @example
 * nextStep(outcome) // 'settled'
 */
export function nextStep({ failure }: RunOutcome): NextStep {
  if (failure === undefined) return 'settled'
  switch (failure) {
    case 'unreachable':
    case 'place':
    case 'stopped':
      return 'wait'
    case 'refused':
      return 'again'
    case 'elsewhere':
      return 'elsewhere'
    case 'too_large':
    case 'given_up':
      return 'give up'
  }
}

/**
 * The runs of an attempt: those that have no outcome yet, and those that are to wait.
 *
 * @example
 * const inAttempt = new RunsInAttempt(runs)
 */
export class RunsInAttempt {
  readonly #open: Map<string, ArrivedRun>
  readonly #waiting: ArrivedRun[] = []

  constructor(runs: readonly ArrivedRun[]) {
    this.#open = new Map(runs.map((run) => [run.runId, run]))
  }

  /** Those that were told to wait. */
  get waiting(): readonly ArrivedRun[] {
    return this.#waiting
  }

  /** Those of which nothing is known. */
  get open(): readonly ArrivedRun[] {
    return [...this.#open.values()]
  }

  /** A run has its outcome; gives the run, where it is one of these. */
  close(runId: string | undefined, waits: boolean): ArrivedRun | undefined {
    const run = runId === undefined ? undefined : this.#open.get(runId)
    if (run === undefined) return undefined
    this.#open.delete(run.runId)
    if (waits) this.#waiting.push(run)
    return run
  }

  /** One that had its outcome is to wait after all. */
  wait(run: ArrivedRun): void {
    this.#waiting.push(run)
  }
}

/**
 * A source that remembers that it was the one who failed.
 *
 * @example
 * const reading = new AttemptSource(database)
 */
export class AttemptSource implements JournalSource {
  readonly location: string
  /** What reading threw. */
  failure: unknown
  readonly records?: RunRecords
  readonly #source: JournalSource

  constructor(source: JournalSource) {
    this.location = source.location
    this.#source = source
    const { records } = source
    if (records === undefined) return
    this.records = {
      of: (runs) => records.of(runs).catch((error: unknown) => this.#failed(error)),
      unjournaled: (selection, wants) => this.#guarded(records.unjournaled(selection, wants)),
      listUnjournaled: (selection) => this.#guarded(records.listUnjournaled(selection)),
      loads: (selection) => this.#guarded(records.loads(selection)),
      journaled: (runIds) =>
        records.journaled(runIds).catch((error: unknown) => this.#failed(error)),
    }
  }

  read(selection: Selection): AsyncGenerator<SourceItem> {
    return this.#guarded(this.#source.read(selection))
  }

  list(beginning?: string) {
    return this.#source.list(beginning)
  }

  async close(): Promise<void> {}

  async *#guarded<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* items
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): never {
    this.failure = error
    throw error
  }
}

/**
 * What went wrong, for people, with what to do.
 *
 * @throws what was thrown, where that is a defect.
 */
export function problemOf(error: unknown): string {
  if (!(error instanceof RivetOtelError)) throw error
  return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`
}
