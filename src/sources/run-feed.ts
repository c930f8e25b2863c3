/**
 * The contract of a feed: what comes into a state database, or changes there, while somebody looks on.
 *
 * 1. A feed only ever reads.
 * 2. Every row that comes or changes is handed out once; after the database was replaced or rebuilt,
 *    possibly once more. None is left out, however late it is committed and whatever its time says.
 * 3. Looking where nothing has changed costs next to nothing; memory does not grow with the database.
 * 4. A database that is gone, busy or not yet made is an error of one look; the next one goes on
 *    where the last good one was.
 */
import type { JournalSource, UnreadableItem } from './source.js'

/** A run whose journal came into the database, or changed there. */
export interface ArrivedRun {
  readonly kind: 'run'
  readonly runId: string
  readonly exportName: string
  /** When it ended, in nanoseconds since 1970; `undefined` where its row does not say it. */
  readonly endedUnixNano: bigint | undefined
  /** Changes when the row does: the text of its `finished_at`. */
  readonly stamp: string
}

/** What a feed hands out: a run, or a row that names none. */
export type Arrival = ArrivedRun | UnreadableItem

/** What comes into a state database. */
export interface RunFeed {
  /**
   * How often it began anew, since the database is another one or was rebuilt: what was handed out
   * or skipped before may be gone, and what was skipped may be other runs.
   */
  readonly beginnings: number
  /** Counts everything that is there now as handed out. */
  skip(): Promise<void>
  /**
   * The next arrivals, in about the order in which they came; none when there is nothing new.
   *
   * @param most how many at most; at least 1
   * @throws {RivetOtelError} as reading the source does: `NOT_FOUND`, `SOURCE_BUSY`, `UNREACHABLE`, …
   */
  next(most: number): Promise<readonly Arrival[]>
  /** How many more there are to hand out. */
  behind(): Promise<number>
}

/** rivet's state database: a source that can be followed. */
export interface StateDatabase extends JournalSource {
  /** A feed of its own, at its beginning: everything that is there is still to come. */
  follow(): RunFeed
  /**
   * A text that changes whenever what the database holds does, unless two changes fall into one tick
   * of a clock; absent where only reading tells.
   *
   * @throws {RivetOtelError} as reading does.
   */
  mark?(): string
}
