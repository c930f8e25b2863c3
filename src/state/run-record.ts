/**
 * What rivet's state database knows of a run beside its journal: rows of `run_status`,
 * `export_metrics` and `export_harm`, as plain data.
 *
 * Older databases lack tables and columns: what is not there is absent, never 0 and never a guess.
 * Texts are as rivet wrote them; who sends them redacts them first.
 */
import type { Integer } from '../journal/events.js'

/** Everything that is known of one run. */
export interface RunRecord {
  readonly runId: string
  readonly exportName: string
  readonly status?: RunStatusRow
  readonly metrics?: RunMetrics
  /** By how much the source's counters moved during the run, by the names that rivet gives them. */
  readonly harm: readonly HarmCounter[]
  /** The run that this one went on with where that had stopped. */
  readonly resumed?: ResumedRun
}

/** A row of `run_status`. */
export interface RunStatusRow {
  /**
   * `running`, `success`, `failed`, `skipped`, `interrupted` or something later; absent where the
   * record came back from a trace, in which the journal says it.
   */
  readonly status?: string
  /** Nanoseconds since 1970. */
  readonly startedUnixNano?: bigint
  /** Nanoseconds since 1970; absent while it runs. Of an interrupted run, when the next one noticed. */
  readonly finishedUnixNano?: bigint
  /** The source as rivet spells it: `postgres://127.0.0.1:5432/shop`; absent before rivet recorded it. */
  readonly source?: string
  /** Where the run writes to: `file:///srv/shop/out/orders`. */
  readonly prefix?: string
}

/** The last row of `export_metrics` about a run, as far as it says more than the journal. */
export interface RunMetrics {
  /** `running` while the row is not the final one. */
  readonly status?: string
  /** `postgres`, `mysql`, `mssql`, `oracle` or `mongo`. */
  readonly sourceType?: string
  readonly rivetVersion?: string
  /** `full`, `chunked`, `keyset`, `incremental`, `cdc` … */
  readonly mode?: string
  /** Rows so far, or in all. */
  readonly rows?: Integer
  readonly files?: Integer
  /** Bytes of the files. */
  readonly bytesWritten?: Integer
  /** Decoded bytes read from the source. */
  readonly bytesRead?: Integer
  /** The most memory that the process used, in MB as rivet counts them. */
  readonly peakRssMb?: Integer
  /** By how much PostgreSQL's temporary bytes grew. */
  readonly tempBytes?: Integer
  /** Rows of a chunk. */
  readonly chunkSize?: Integer
  /** How many chunks were read at once. */
  readonly parallel?: Integer
  /** rivet's class of the failure: `relation_not_found`. */
  readonly errorClass?: string
}

/** A row of `export_harm`. */
export interface HarmCounter {
  /** `pg_blks_hit`, `mysql_innodb_rows_read` … */
  readonly metric: string
  readonly delta: Integer
}

/** The run that another one went on with. */
export interface ResumedRun {
  readonly runId: string
  /** Whether it left a journal; one that was killed left none. */
  readonly hasJournal: boolean
}
