/**
 * The contract of a place whose runs are shown: it is looked at again and again, and tells the index.
 *
 * 1. A place is only ever read.
 * 2. A look that fails is a problem of that place; the next one goes on where the last good one was.
 * 3. A look where nothing has changed costs next to nothing.
 */
import type { RunReader } from '../../bridge/run-reader.js'

/** A place whose runs are shown. */
export interface Place {
  /** As messages name it; never holds a secret. */
  readonly location: string
  /** Whether it may be missing, and then has no runs. */
  readonly isOptional?: boolean
  /**
   * Takes a look and tells the index; whether anything had changed.
   *
   * @throws {RivetOtelError} where it could not be read.
   */
  look(surroundings: LookSurroundings): Promise<boolean>
  /** The shortest time between two looks, in ms. */
  readonly everyMs: number
  /** Calls when the next look should not wait for its time; gives back how to stop that. */
  onWake?(wake: () => void): () => void
  /** Opens it to read one run of it; whoever opens it closes it. Of traces, those of the namespace. */
  open(namespace: string): Promise<RunReader>
  /** Lets go of it. */
  close(): Promise<void>
}

/** What a look may know of what is around it. */
export interface LookSurroundings {
  /** Whether somebody looks at the page. */
  readonly isWatched: boolean
  /** That there will be no more looks. */
  readonly signal: AbortSignal
}
