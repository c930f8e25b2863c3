/**
 * Two runs side by side, as plain JSON: what differs between an earlier one, `a`, and a later one, `b`.
 *
 * What one of them does not say is never taken for 0, nor for the same.
 */
import type { Count, Finding, RunSummary } from './run-view.js'

/** What two runs may differ in. */
export type Subject =
  | 'status'
  | 'plan'
  | 'schema'
  | 'rows'
  | 'bytes'
  | 'files'
  | 'chunks'
  | 'retries'
  | 'failures'
  | 'duration'
  | 'longest_chunk'
  | 'beside'

/** A line of two texts: of both, or of one. */
export interface DiffLine {
  readonly in: 'both' | 'a' | 'b'
  readonly text: string
}

/** One thing that is not the same. */
export interface Difference {
  readonly subject: Subject
  /** What of it: `rows`, `compression`, `schema`. */
  readonly label: string
  /** As it is shown; `null` where that run does not say it, which need not be a difference of the runs. */
  readonly a: string | null
  readonly b: string | null
  /** By which part of `a` it changed: 0.25 is a quarter more; `null` where that makes no sense. */
  readonly change: number | null
  /** The lines of both; only of SQL. */
  readonly lines?: readonly DiffLine[]
}

/** A chunk of both runs, and how its time moved. */
export interface MovedChunk {
  /** What both call it: its keys where they are known, else its index. */
  readonly name: string
  readonly a_chunk: Count
  readonly b_chunk: Count
  /** Milliseconds. */
  readonly a_ms: number
  readonly b_ms: number
}

/** Something that went wrong in one run and not in the other. */
export interface OneSidedFinding extends Finding {
  /** How often, whichever chunk it was. */
  readonly count: number
}

/** What could not be compared, or not to its end. */
export interface NotCompared {
  readonly subject: Subject
  /** What of it, where that is not all of it. */
  readonly label: string
  /** A sentence without its dot. */
  readonly why: string
}

/** How two runs differ. */
export interface RunDiff {
  readonly a: RunSummary
  readonly b: RunSummary
  /** What must be said first, one sentence each: they are of two exports, one is not whole. */
  readonly remarks: readonly string[]
  /** What is not the same, by subject; empty where nothing differs. */
  readonly differences: readonly Difference[]
  /** What nobody can say whether it is the same. */
  readonly not_compared: readonly NotCompared[]
  readonly chunks: {
    /** By what chunks were taken to be the same; `null` where no chunk has a time in both. */
    readonly matched_by: 'keys' | 'index' | null
    /** How many have a time in both. */
    readonly matched: number
    /** Those whose time moved most, at most 20, the most first. */
    readonly moved: readonly MovedChunk[]
  }
  /** What went wrong in one of them and not in the other, the worst first. */
  readonly failures: {
    readonly only_in_a: readonly OneSidedFinding[]
    readonly only_in_b: readonly OneSidedFinding[]
  }
}
