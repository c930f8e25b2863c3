/** A load: what `rivet load` took of the files of earlier runs into a warehouse. A row of `load_run`, as plain data. */
import type { Integer } from '../journal/events.js'

/** A load. */
export interface LoadRun {
  readonly kind: 'load'
  readonly loadId: string
  readonly exportName: string
  /** `project.dataset.table`. */
  readonly targetTable: string
  /** `bigquery`, `snowflake` … */
  readonly warehouse: string
  readonly mode: string
  /** The runs whose files it took, as rivet lists them. */
  readonly sourceRunIds: readonly string[]
  /** How many more there were, whose names must not leave; absent where there were none. */
  readonly unnamedRuns?: number
  readonly rowsLoaded?: Integer
  /** `success`, `failed`, `refused`; `writing` while it goes on, or where it was killed. */
  readonly status: string
  /** Nanoseconds since 1970. */
  readonly finishedUnixNano: bigint
}
