/** What a watcher did, counted. */
import type { RunOutcome, SkippedRun } from '../summary.js'

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
  /** Runs that are known of and not settled. */
  readonly waiting: number
  /** How many of them the target has refused so far. */
  readonly refusedSoFar: number
  /** Whether the target was not there when it was last tried. */
  readonly isTargetAway: boolean
}

/** Counts settled runs. */
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

  /** A run is settled, well or badly. */
  add({ result }: RunOutcome | SkippedRun): void {
    this.runs[result === 'elsewhere' ? 'failed' : result]++
  }
}
