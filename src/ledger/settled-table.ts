/**
 * The table of settled runs in a ledger: by which row of the state database a run was last delivered.
 *
 * It spares a watcher that starts again from reading journals that it knows. It is no proof of
 * delivery, the table of revisions is; without a row a run is read and compared.
 */
import type { LedgerDatabase } from './ledger-database.js'

/** A run, and what its row in the state database looked like. */
export interface SettledRun {
  readonly namespace: string
  readonly runId: string
  /** Another one whenever the run has to be looked at again. */
  readonly stamp: string
}

/** The rows of one target. */
export class SettledTable {
  readonly #database: LedgerDatabase
  readonly #target: number
  readonly #isThere: boolean

  /** @param target The id of the target. */
  constructor(database: LedgerDatabase, target: number) {
    this.#database = database
    this.#target = target
    // A ledger of version 1 that is only read has none.
    this.#isThere =
      database.all("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'settled'").length >
      0
  }

  /** Whether a run was settled with this stamp. */
  has({ namespace, runId, stamp }: SettledRun): boolean {
    if (!this.#isThere) return false
    const rows = this.#database.all(
      'SELECT stamp FROM settled WHERE target = ? AND namespace = ? AND run_id = ?',
      this.#target,
      namespace,
      runId,
    )
    return rows[0]?.stamp === stamp
  }

  /** Writes that a run is settled; its stamp before is forgotten. */
  put({ namespace, runId, stamp }: SettledRun): void {
    this.#database.run(
      `INSERT INTO settled (target, namespace, run_id, stamp) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET stamp = excluded.stamp`,
      ...[this.#target, namespace, runId, stamp],
    )
  }
}
