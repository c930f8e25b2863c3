/**
 * Runs from any location, in one way: a state database, journals, or traces.
 *
 * Memory follows the largest run; where the newest few of a state database or a server are asked
 * for, those may be held together.
 */
import type { RunListing } from '../sources/source.js'
import type { RunRecord } from '../state/run-record.js'
import type { RunFound } from './import-runs.js'
import type { Location } from './location.js'
import { holdsJournals, type Opening, openPlace } from './open-place.js'
import type { RunItem } from './run-item.js'
import type { RunSelection } from './run-selection.js'
import type { RunSearch } from './search-runs.js'
import { SourceRuns } from './source-runs.js'

export { type RunItem, runIdOfItem } from './run-item.js'

/** A run whose record is asked for. */
export interface NamedRun extends RunListing {
  /** What it was sent with; only of traces. */
  readonly namespace?: string | undefined
}

/** A place that runs are read from: a source, or the traces in a backend. */
export interface RunReader {
  readonly holds: 'journals' | 'traces'
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /** The runs that are wanted, oldest first. */
  read(selection: RunSelection): AsyncIterable<RunItem>
  /** Whether `list` names every run there is; of a server, it names those that were read. */
  readonly listsAll: boolean
  /**
   * The runs there are, for suggestions when a name is not found.
   *
   * @param beginning at least those are wanted whose run_id begins so; others may come, too
   */
  list(beginning?: string): AsyncIterable<RunListing | RunFound>
  /** Which of these run_ids are a run's; a server is asked once for each, whatever it is to wait. */
  present(runIds: readonly string[]): Promise<ReadonlySet<string>>
  /**
   * What the place knows of a run beside its journal; `undefined` where that is nothing. Traces are
   * read for it, unless the run was among those that were last asked for by run_id.
   */
  record(run: NamedRun): Promise<RunRecord | undefined>
  /** Lets go of the place. */
  close(): Promise<void>
}

/** What only traces need to be told. */
export type TraceReading = Pick<RunSearch, 'namespace' | 'waitMs'>

/**
 * Opens a place to read runs from, whatever it holds.
 *
 * @throws {RivetOtelError} where it cannot be read, or can only be written to.
 * @example
 * const reader = await openRuns(parseLocation('.rivet_state.db'), { stdin: process.stdin, server })
 */
export async function openRuns(
  location: Location,
  opening: Opening,
  reading: TraceReading = {},
): Promise<RunReader> {
  const opened = await openPlace(location, opening, 'journals')
  if (holdsJournals(opened)) return new SourceRuns(opened)
  const { TraceRuns } = await import('./trace-runs.js')
  return new TraceRuns(opened, reading)
}
