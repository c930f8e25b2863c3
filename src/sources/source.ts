/**
 * The contract of a source: a place that journals are read from.
 *
 * 1. A source is only ever read. Nothing it is given can make it write to its place.
 * 2. One unreadable journal never costs the others: it comes as an item of its own.
 * 3. Journals come oldest first, by the time at which they ended, then by run_id. (A file of
 *    journals keeps its own order, unless the last ones are asked for.)
 * 4. Memory follows the largest journal, not the source (a JSON document is one text, and is the exception).
 */
import type { RunJournal } from '../journal/run-journal.js'
import type { UnreadJournal } from './journal-texts.js'
import type { RunRecords } from './run-records.js'

/** Which runs are wanted. Every condition that is given must hold. */
export interface Selection {
  /** Only these runs. */
  readonly runIds?: readonly string[]
  /** Only runs of these exports. */
  readonly exports?: readonly string[]
  /** Only the newest so many of those that the other conditions leave. */
  readonly last?: number
  /** Only runs that ended at this time or later, in nanoseconds since 1970. */
  readonly sinceUnixNano?: bigint
  /** Only runs that ended before this time, in nanoseconds since 1970. */
  readonly untilUnixNano?: bigint
}

/** A journal that was read. */
export interface ReadableItem {
  readonly kind: 'journal'
  readonly journal: RunJournal
  /** How long its text was, in UTF-16 code units, in a place that knows more than journals. */
  readonly length?: number
  /** Where it stood, for messages: `run_journal row orders_1` or `line 12`. */
  readonly where: string
}

/** A journal that could not be read, and why. */
export interface UnreadableItem {
  readonly kind: 'unreadable'
  /** Where it stood, for messages. */
  readonly where: string
  /** Its run_id, where that much is known. */
  readonly runId?: string
  /** When its row says that it ended, in nanoseconds since 1970; only of a state database. */
  readonly endedUnixNano?: bigint
  /** What was wrong and what was expected. */
  readonly problem: string
}

/** What a source yields for each run. */
export type SourceItem = ReadableItem | UnreadableItem

/** The journals of a place, to be read elsewhere, in another thread for example. */
export interface UnreadJournals {
  /** How many bytes they had when the place was opened. */
  readonly bytes: number
  /** The journals in their order, among them some that are not wanted. */
  items(): AsyncIterable<UnreadJournal>
}

/** What is known about a run without reading its journal. */
export interface RunListing {
  readonly runId: string
  readonly exportName: string
}

/** A place that journals are read from. */
export interface JournalSource {
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /** The journals that are wanted, oldest first. */
  read(selection: Selection): AsyncIterable<SourceItem>
  /**
   * The journals from which `readUnread` makes what `read` gives; absent where it does not hold them
   * as bytes, or the selection can be told only when all are read.
   */
  unread?(selection: Selection): UnreadJournals | undefined
  /**
   * Every run there is, for suggestions when a name is not found.
   *
   * @param beginning at least every run whose run_id begins so is wanted; others may come, too
   */
  list(beginning?: string): AsyncIterable<RunListing>
  /**
   * The names of its exports, at most so many of them, in no order; absent where only all runs
   * tell them.
   */
  exports?(most: number): Promise<readonly string[]>
  /** What it knows beside the journals; absent where it is nothing but journals. */
  readonly records?: RunRecords
  /** Lets go of the place. */
  close(): Promise<void>
}
