/** What an export did, counted. */
import type { PageSubject } from '../mapping/page.js'

/**
 * Why a run is not all in the place. What is to be done about it:
 *
 * | why | then |
 * |---|---|
 * | `unreachable` | nobody answered: wait until somebody does |
 * | `place` | the place refused for a reason of its own, such as missing credentials or a full disk: wait until that is mended |
 * | `stopped` | it was told to stop before: send it another time |
 * | `refused` | the place refused it: send it a few times more, alone |
 * | `too_large` | one of its spans passes the size limit: sending it again is of no use |
 * | `given_up` | the place refused it too often: nothing, until its journal changes |
 * | `elsewhere` | another process is sending it, or has sent another journal of it: look again a moment later |
 *
 * Where several hold, the first of these.
 */
export type RunFailure =
  | 'unreachable'
  | 'place'
  | 'stopped'
  | 'refused'
  | 'too_large'
  | 'given_up'
  | 'elsewhere'

/** What became of one run. */
export interface RunOutcome {
  /** Absent for a run; a trace or spans beside it otherwise; of such spans only `failed` ones are told. */
  readonly subject?: Exclude<PageSubject, 'journal'>
  readonly runId: string
  readonly exportName: string
  readonly revision: number
  /** The trace of each page, page 0 first: 32 lower-case hexadecimal digits. */
  readonly traceIds: readonly string[]
  /**
   * `sent`: all its spans are in the place now; `present`: they were before; `failed`: they are not
   * all there; `elsewhere`: another export is sending this journal, and it was left to that one.
   */
  readonly result: 'sent' | 'present' | 'failed' | 'elsewhere'
  /** Why it is not all there; absent where it is. */
  readonly failure?: RunFailure
  readonly spans: number
  /** What its journal lacks because it was taken out before; absent where it lacks nothing. */
  readonly redaction?: string
  /** Why it failed, one sentence each. */
  readonly problems: readonly string[]
  /** What the place remarked although it took everything. */
  readonly warnings: readonly string[]
}

/** A run that never became a trace, and why. */
export interface SkippedRun {
  /** Where it stood: a row or a line. */
  readonly where: string
  readonly runId?: string
  /**
   * `unreadable`: its text is no journal; `empty`: a journal without entries has no place in time;
   * `repeated`: the source holds the same journal twice; `refused`: it could not be redacted.
   */
  readonly result: 'unreadable' | 'empty' | 'repeated' | 'refused'
  readonly problem: string
}

/** What became of traces that are no journals. */
export interface TraceCounts {
  readonly sent: number
  readonly present: number
  readonly failed: number
  readonly elsewhere: number
}

/** What an export did. */
export interface ExportSummary {
  readonly runs: {
    readonly sent: number
    readonly present: number
    readonly failed: number
    readonly elsewhere: number
    readonly empty: number
    readonly repeated: number
    readonly unreadable: number
    /** Absent where none was. */
    readonly refused?: number
  }
  /** Runs that were killed and became traces; absent where there were none. */
  readonly interrupted?: TraceCounts
  /** Loads; absent where there were none. */
  readonly loads?: TraceCounts
  /**
   * How many pages of extra spans failed beside runs that did not fail themselves; absent where none
   * did.
   */
  readonly besideFailed?: number
  readonly spans: {
    readonly delivered: number
    readonly present: number
    readonly rejected: number
    readonly unsent: number
  }
  /** Whether a failure was that nobody answered. */
  readonly unreachable: boolean
}
