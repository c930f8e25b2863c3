/** What a watcher is told: what it watches, where the runs go, and whom it tells. */
import type { SettledRun } from '../../ledger/settled-table.js'
import type { StateDatabase } from '../../sources/run-feed.js'
import type { ExportOptions } from '../export-runs.js'
import type { WatchClock } from './watch-clock.js'
import type { WatchEvent } from './watch-event.js'

/** Remembers from one watch to the next which runs are settled; a `Ledger` does. */
export interface WatchMemory {
  /** Which of these runs are settled, by the same stamps. */
  areSettled(runs: readonly SettledRun[]): readonly boolean[]
  settle(runs: readonly SettledRun[]): void
}

/** What is watched, and where its runs go. */
export interface WatchOptions
  extends Pick<ExportOptions, 'delivery' | 'namespace' | 'resource' | 'redaction'> {
  /** Opens the state database; called again until it is there. */
  readonly open: () => Promise<StateDatabase>
  /** Spares a later watch from reading the journals that this one settled; without it none is spared. */
  readonly memory?: WatchMemory
  /**
   * `now`: only runs that come after the start; a time in nanoseconds since 1970: those that ended
   * then or later; default is every run that was not delivered before.
   */
  readonly since?: 'now' | bigint
  /** How long between two looks, in ms; default 5000. */
  readonly everyMs?: number
  /** Ends the watch with one last look, so that what came before the signal still goes out. */
  readonly signal?: AbortSignal
  /**
   * Ends that look: what is under way is finished, the rest is left. A delivery that is given the same
   * signal begins no further request. Default is 5 s after `signal`.
   */
  readonly deadline?: AbortSignal
  /** Told what happens; where it gives a promise, that is waited for after each page at the latest. */
  readonly onEvent?: (event: WatchEvent) => unknown
  /** Default is that of the process. */
  readonly clock?: WatchClock
}
