/** What a watcher tells while it works. */
import type { RunJournal } from '../../journal/run-journal.js'
import type { RunOutcome, SkippedRun } from '../summary.js'

/** Something that happened. */
export type WatchEvent =
  /** A run passed on its way out; the journal is as it leaves, redacted. Comes before its `run`. */
  | { readonly kind: 'journal'; readonly journal: RunJournal }
  /** What became of a run in one attempt. */
  | {
      readonly kind: 'run'
      readonly run: RunOutcome | SkippedRun
      /** In how many ms it is tried again; absent where it is settled, well or badly. */
      readonly againInMs?: number
    }
  /**
   * An interrupted run or a load was sent, or could not be; what fails is told once for each reason.
   */
  | {
      readonly kind: 'other'
      readonly trace: RunOutcome | SkippedRun
      /** It failed, and the next pass tries it again. */
      readonly isTriedAgain?: true
    }
  /** A pass over interrupted runs and loads broke off; the next one comes. */
  | { readonly kind: 'others_failed'; readonly problem: string }
  /** The state database can be read, or cannot: told when that changes, or its reason does. */
  | { readonly kind: 'source'; readonly isThere: boolean; readonly problem?: string }
  /** The target takes runs, or does not: told when that changes, or its reason does. */
  | { readonly kind: 'target'; readonly isThere: boolean; readonly problem?: string }
  /** Where the watcher stands: at the end of every look, and now and then in a long one. */
  | {
      readonly kind: 'look'
      /** The look is not over. */
      readonly goesOn?: true
      /** Runs that are known of and not settled: to be tried again, or not yet taken up. */
      readonly waiting: number
      /** When the oldest run ended that was taken up and is not settled, in nanoseconds since 1970. */
      readonly oldestUnixNano?: bigint
    }
