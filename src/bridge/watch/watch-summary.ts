/** What a watcher did, counted. */
import type { RunOutcome, SkippedRun, TraceCounts } from '../summary.js'

/** What a watcher did until it was stopped. */
export interface WatchSummary {
  readonly runs: {
    readonly sent: number
    readonly present: number
    /** The target refused them too often, or they are too large for it. */
    readonly failed: number
    readonly empty: number
    readonly repeated: number
    readonly unreadable: number
    /** They could not be redacted. */
    readonly refused: number
  }
  /** Runs that were killed and became traces; absent where there were none. */
  readonly interrupted?: TraceCounts
  /** Loads; absent where there were none. */
  readonly loads?: TraceCounts
  /** How many pages of extra spans were given up beside runs that are there; absent where none was. */
  readonly besideFailed?: number
  /** Runs that are known of and not settled, and interrupted runs and loads that failed at last. */
  readonly waiting: number
  /** How many of them the target has refused so far. */
  readonly refusedSoFar: number
  /** Whether the target was not there when it was last tried. */
  readonly isTargetAway: boolean
}

/**
 * Counts settled runs.
 *
 * @example
 * const tally = new WatchTally()
 */
export class WatchTally {
  readonly runs = {
    sent: 0,
    present: 0,
    failed: 0,
    empty: 0,
    repeated: 0,
    unreadable: 0,
    refused: 0,
  }

  #besideFailed = 0

  /** What is said of pages beside runs. */
  get beside(): Pick<WatchSummary, 'besideFailed'> {
    return this.#besideFailed === 0 ? {} : { besideFailed: this.#besideFailed }
  }

  /** Something beside a run was given up. */
  addBeside(): void {
    this.#besideFailed++
  }

  /** A run is settled, well or badly. */
  add({ result }: RunOutcome | SkippedRun): void {
    this.runs[result === 'elsewhere' ? 'failed' : result]++
  }
}
