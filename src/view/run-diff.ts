/**
 * Two runs side by side, as plain JSON: what differs between an earlier one, `a`, and a later one, `b`.
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

/** One thing that is not the same. */
export interface Difference {
  readonly subject: Subject
  /** What of it: `rows`, `compression`, `column total`. */
  readonly label: string
  /** As it is shown; `null` where that run does not say it. */
  readonly a: string | null
  readonly b: string | null
  /** By which part of `a` it changed: 0.25 is a quarter more; `null` where that makes no sense. */
  readonly change: number | null
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

/** How two runs differ. */
export interface RunDiff {
  readonly a: RunSummary
  readonly b: RunSummary
  /** What is not the same, by subject; empty where nothing differs. */
  readonly differences: readonly Difference[]
  readonly chunks: {
    /** By what chunks were taken to be the same; `null` where no chunk has a time in both. */
    readonly matched_by: 'keys' | 'index' | null
    /** How many have a time in both. */
    readonly matched: number
    /** Those whose time moved most, at most 20, the most first. */
    readonly moved: readonly MovedChunk[]
  }
  /** What went wrong in one of them and not in the other. */
  readonly failures: {
    readonly only_in_a: readonly Finding[]
    readonly only_in_b: readonly Finding[]
  }
}
