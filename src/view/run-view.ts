/**
 * Everything that is shown of one run, as plain JSON: what the report holds, and what the page asks
 * for. Texts are as they are shown, in English; nothing is escaped for HTML or for a terminal.
 *
 * It says nothing that the journal, or what is known beside it, does not say: unknown is `null`.
 */
import type { RunDiff } from './run-diff.js'

/** An integer: a number where that is exact, else decimal text. */
export type Count = number | string

/** A run as one row of a list, as plain data, with integers of the type `I`. */
export type SummaryWith<I> = {
  readonly run_id: string
  /** Whether it left a journal. */
  readonly journal: boolean
  /** What it was sent with; `null` where that is nothing. */
  readonly namespace: string | null
  readonly export_name: string
  readonly status: string | null
  /** What was not well although it may be `success`, the worst first. */
  readonly concerns: readonly string[]
  /** RFC 3339, with nanoseconds where there are any. */
  readonly started_at: string | null
  readonly duration_ms: I | null
  readonly rows: I | null
  readonly bytes: I | null
  readonly files: I | null
  readonly chunks: number | null
  readonly retries: number | null
  readonly longest_chunk_ms: number | null
  /** What its sender took out; absent for a run as rivet wrote it. */
  readonly redaction?: string
}

/** A run as one row of a list; an object of `runs --json`, which has large integers as numbers. */
export type RunSummary = SummaryWith<Count>

/** How much something matters. */
export type Level = 'info' | 'warning' | 'bad'

/** A label and a text: a line of the sections that a run is shown in. */
export interface Labelled {
  /** `''` where the text is a remark that stands alone. */
  readonly label: string
  readonly text: string
  /** How much it matters; absent where it is nothing out of the ordinary. */
  readonly level?: Level
}

/** Something that was not well. */
export interface Finding extends Labelled {
  readonly level: Exclude<Level, 'info'>
}

/** One attempt at a chunk. Times are in milliseconds, with fractions, from the start of the axis. */
export interface AttemptView {
  readonly chunk: Count
  readonly start_ms: number
  /** `null` where the attempt has no duration. */
  readonly duration_ms: number | null
  /** What is known of its time, as on the chunk's span. */
  readonly timing: 'measured' | 'end_only' | 'start_only' | 'clamped'
  readonly keys: readonly [start: string, end: string] | null
  readonly rows: Count | null
  /** The files of its completions, each once. */
  readonly files: readonly string[]
  readonly failed: boolean
  /** What the failure that ended it said; of one that recovered, the last failure before. */
  readonly error: string | null
  /** The number of the attempt, by the failure that ended it. */
  readonly attempt: Count | null
  /** Whether it completed although a failure came before. */
  readonly recovered: boolean
  /** Whether an earlier attempt was at the same chunk. */
  readonly again: boolean
  /** Whether it is the one that took longest of those that did not fail. */
  readonly longest: boolean
}

/** An entry of the journal that is no chunk's. */
export interface EventView extends Labelled {
  /** Its place in the journal, from 0. */
  readonly entry: number
  /** Milliseconds from the start of the axis, with fractions. */
  readonly at_ms: number
  /** rivet's name of the event: `FileWritten`. */
  readonly kind: string
  readonly level: Level
}

/** A file that was written. */
export interface FileView {
  readonly name: string
  readonly rows: Count | null
  readonly bytes: Count | null
}

/** One run, whole or in part. */
export interface RunView {
  readonly summary: RunSummary
  /** The id that leads to its trace: 32 lower-case hexadecimal digits. */
  readonly trace_id: string
  /** What must be said first of what is not the run as rivet wrote it; `null` where it is. */
  readonly banner: string | null
  /** Why this is not the whole run, one sentence each; `null` where it is. */
  readonly incomplete: readonly string[] | null
  /** RFC 3339. */
  readonly ended_at: string | null
  /** What it ended with, where that is an error. */
  readonly error: string | null
  /** The plan, and the warnings that it raised. */
  readonly planned: readonly Labelled[]
  /** Each field of the plan by rivet's name, without its SQL; absent where no plan is known. */
  readonly plan?: readonly Labelled[]
  /** The SQL that was run. */
  readonly query: string | null
  /** Totals, retries, changes of parallelism, what this version does not know. */
  readonly happened: readonly Labelled[]
  /**
   * Everything that was not well and need not have failed the run, the worst first. Where the run is
   * incomplete, an empty list means that nothing is known.
   */
  readonly degraded: readonly Finding[]
  /** How it ended and what was checked, without the error. */
  readonly outcome: readonly Labelled[]
  /** What is known beside the journal: the source, rivet's version, memory. */
  readonly beside: readonly Labelled[]
  /** The time that attempts and events are drawn on; `null` for a run that has no place in time. */
  readonly axis: { readonly start_at: string; readonly duration_ms: number } | null
  /** By their start. */
  readonly attempts: readonly AttemptView[]
  /** In the order of their times. */
  readonly events: readonly EventView[]
  readonly files: readonly FileView[]
  /** The runs of the same export before it, the oldest first, without itself. */
  readonly before: readonly RunSummary[]
  /** Why runs may be missing among these, one sentence each. */
  readonly before_problems: readonly string[]
  /** Compared with the last of these that left a journal; `null` where there is none, or no journal here. */
  readonly comparison: RunDiff | null
}
