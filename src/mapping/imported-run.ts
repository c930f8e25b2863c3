/**
 * What an import says about a run: the journal where it is whole, and what is wrong where it is not.
 *
 * The two cases are two types, so that a partial journal cannot be taken for a whole one.
 */
import type { RunJournal } from '../journal/run-journal.js'

interface AboutRun {
  readonly runId: string
  readonly exportName: string
  readonly namespace: string
  readonly revision: number
  /** The traces that its spans came from, 32 lower-case hexadecimal digits each, sorted. */
  readonly traceIds: readonly string[]
  /** Other revisions of the run that were there too, newest first, each with its status. */
  readonly otherRevisions: readonly OtherRevision[]
}

/** A revision that was there too, and is not the answer. */
export interface OtherRevision {
  readonly revision: number
  readonly status: ImportStatus
  /** Of its journal, where that is whole. */
  readonly digest?: string
}

/** A run that came back whole: entry count and digest agree with what was sent. */
export interface WholeRun extends AboutRun {
  readonly status: 'exact'
  readonly journal: RunJournal
}

/** A run that did not come back whole. */
export interface BrokenRun extends AboutRun {
  /** `incomplete`: something is missing; `differs`: something came back other than it was sent. */
  readonly status: 'incomplete' | 'differs'
  /** What is missing or differs, one sentence each; never empty. */
  readonly reasons: readonly string[]
  /** What could be read, in order, with gaps. It is not the run's journal. */
  readonly fragment: RunJournal
}

/** What an import says about one run. */
export type ImportedRun = WholeRun | BrokenRun

/** How whole a run came back. */
export type ImportStatus = ImportedRun['status']
