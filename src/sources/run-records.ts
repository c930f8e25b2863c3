/**
 * The contract of what a state database knows beside its journals.
 *
 * 1. It is only ever read.
 * 2. A table or a column that is not there is no error: what it would say is absent.
 * 3. One row that cannot be read never costs the others: it comes as an item of its own, or, where it
 *    only adds to a run, is left out.
 * 4. Memory follows what is asked for at once, and the largest run without a journal.
 * 5. What is read of a run without a journal that nobody wants whole is its row of `run_status`.
 */
import type { LoadRun } from '../state/load-run.js'
import type { RunRecord } from '../state/run-record.js'
import type { UnjournaledListing, UnjournaledRun } from '../state/unjournaled-run.js'
import type { RunListing, Selection, UnreadableItem } from './source.js'

/** What a state database knows beside its journals. */
export interface RunRecords {
  /** What is known of these runs, by run_id; a run of which nothing is known is not in it. */
  of(runs: readonly RunListing[]): Promise<ReadonlyMap<string, RunRecord>>
  /**
   * The runs that left no journal, oldest first by when they ended (those that are running last, by
   * their start), then by run_id. A selection's times are about their ends; a running one has not
   * ended, so only `untilUnixNano` excludes it.
   *
   * @param wants asked of each run of the selection before anything else is read of it, and before
   *   `last` counts; those that it refuses do not come. It is not asked of what cannot be read.
   */
  unjournaled(
    selection: Selection,
    wants?: (run: UnjournaledListing) => boolean,
  ): AsyncIterable<UnjournaledRun | UnreadableItem>
  /** The same runs in the same order, each without what is known of its work. */
  listUnjournaled(selection: Selection): AsyncIterable<UnjournaledListing | UnreadableItem>
  /**
   * The loads, oldest first, then by load_id. Of a selection's `runIds`, those that took files of such
   * a run.
   */
  loads(selection: Selection): AsyncIterable<LoadRun | UnreadableItem>
  /** Those of these runs that have a journal, readable or not; no journal is read for it. */
  journaled(runIds: readonly string[]): Promise<ReadonlySet<string>>
}
