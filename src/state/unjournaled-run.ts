/**
 * A run without a journal: it goes on, or it was killed, or nobody kept its journal. Rows of
 * `run_status`, `chunk_run`, `chunk_task` and `file_log`, as plain data.
 */
import type { Integer } from '../journal/events.js'
import type { RunRecord } from './run-record.js'

/** A run that left no journal, as far as `run_status` tells. */
export interface UnjournaledListing {
  readonly kind: 'unjournaled'
  readonly runId: string
  readonly exportName: string
  /**
   * `interrupted`: it was killed. `running`: it goes on, or it was killed and no later run of its
   * export has noticed yet. `unrecorded`: rivet says that it ended by itself, and its journal is gone.
   */
  readonly state: 'interrupted' | 'running' | 'unrecorded'
  /** What `run_status` says: `success` also where a run was killed and another one finished its work. */
  readonly status: string
  /** Nanoseconds since 1970. */
  readonly startedUnixNano: bigint
  /**
   * Nanoseconds since 1970; absent while it is `running`. Of an interrupted run, when the next run
   * of its export noticed: nobody knows when it died.
   */
  readonly endedUnixNano?: bigint
  /** The run that went on with it. */
  readonly resumedBy?: string
}

/** A run that left no journal, with all that is known of it. */
export interface UnjournaledRun extends UnjournaledListing {
  readonly record: RunRecord
  /**
   * Present where a later run has taken up chunks of this one: what these were when it was interrupted
   * is not known any more, and they are not among `chunkTasks`.
   */
  readonly hasChunksGoneOn?: true
  /** Of an interrupted run, only as they were when it was interrupted. */
  readonly chunkTasks: readonly ChunkTask[]
  /** The files that it wrote, in the order of writing; of an interrupted run, before it was interrupted. */
  readonly files: readonly LoggedFile[]
}

/** A row of `chunk_task`: what a checkpointed run knows of one chunk. */
export interface ChunkTask {
  readonly chunkIndex: Integer
  readonly startKey: string
  readonly endKey: string
  /** `pending`, `running`, `completed` or `failed`. */
  readonly status: string
  readonly attempts: Integer
  readonly lastError?: string
  readonly rows?: Integer
  readonly fileName?: string
  /** When the row last changed, in nanoseconds since 1970; absent where that is no timestamp. */
  readonly updatedUnixNano?: bigint
}

/** A row of `file_log`: a file that was written. */
export interface LoggedFile {
  readonly fileName: string
  readonly rows?: Integer
  readonly bytes?: Integer
  /** Nanoseconds since 1970; absent where that is no timestamp. */
  readonly createdUnixNano?: bigint
}
