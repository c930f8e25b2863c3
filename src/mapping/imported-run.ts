/**
 * What an import says about a run: the journal where it is whole, and what is wrong where it is not.
 *
 * The cases are types of their own, so that neither a partial journal nor one that its sender took
 * something out of can be taken for the run's own.
 */
import type { RunJournal } from '../journal/run-journal.js'

interface AboutRun {
  readonly runId: string
  readonly exportName: string
  readonly namespace: string
  readonly revision: number
  /** The traces that its spans came from, 32 lower-case hexadecimal digits each, sorted. */
  readonly traceIds: readonly string[]
  /** That it came from the spans of a live run, and not from exported ones. */
  readonly live?: true
  /** Other revisions of the run that were there too, newest first, each with its status. */
  readonly otherRevisions: readonly OtherRevision[]
}

/** A revision that was there too, and is not the answer. */
export interface OtherRevision {
  readonly revision: number
  readonly status: ImportStatus
  /** Of its journal, where that is whole. */
  readonly digest?: string
  /** That these are the spans of a live run, and not exported ones. */
  readonly live?: true
}

/** A run that came back whole: entry count and digest agree with what was sent. */
export interface WholeRun extends AboutRun {
  readonly status: 'exact'
  readonly journal: RunJournal
  /** Of the journal, as its root announced it: 64 lower-case hexadecimal digits. */
  readonly digest: string
}

/**
 * A run that came back whole as it was sent, from which its sender had taken something out. The
 * journal is not the run's own: where something was taken out stands `[redacted]` or `***`.
 */
export interface RedactedRun extends AboutRun {
  readonly status: 'redacted'
  readonly journal: RunJournal
  /** Of the journal as it was sent: 64 lower-case hexadecimal digits. */
  readonly digest: string
  /** What was taken out, as the sender names it: `files,query`. */
  readonly redaction: string
  /** The same in words, one sentence. */
  readonly reasons: readonly string[]
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
export type ImportedRun = WholeRun | RedactedRun | BrokenRun

/** How whole a run came back. */
export type ImportStatus = ImportedRun['status']

/**
 * Whether a run came back as it was sent, with nothing lost on the way.
 *
 * @example
 * isWhole(run) && run.journal.entries.length
 */
export function isWhole(run: ImportedRun): run is WholeRun | RedactedRun {
  return run.status === 'exact' || run.status === 'redacted'
}

/**
 * A revision as messages name it.
 *
 * @example
 * run.otherRevisions.map(revisionName) // ['revision 0', 'the live trace of revision 0']
 */
export function revisionName({ revision, live }: Pick<OtherRevision, 'revision' | 'live'>): string {
  return live === undefined ? `revision ${revision}` : `the live trace of revision ${revision}`
}
