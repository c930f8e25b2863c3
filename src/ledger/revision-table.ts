/**
 * The table of revisions in a ledger: rows in and out. It decides nothing.
 */
import { parseJson } from '../json/lossless.js'
import type { LedgerDatabase, LedgerRow } from './ledger-database.js'

/** The run and the revision of a row. */
interface RowKey {
  readonly namespace: string
  readonly runId: string
  readonly revision: number
}

/** What changes about a revision while it is sent. */
export interface RecordState {
  /** The pages that the target accepted, and how many spans they have. */
  readonly accepted: readonly number[]
  readonly spans: number
  /** `pending`: it is being sent, or nobody was there to take it; `failed`: it was refused. */
  readonly state: 'pending' | 'delivered' | 'failed'
  /** How often it was refused. */
  readonly attempts: number
  /** Why it was not all accepted, when it was last sent. */
  readonly problem: string | null
  /** Who is sending it. */
  readonly owner: string | null
}

/** What is known of a revision. */
export interface Record extends RecordState {
  readonly revision: number
  /** The digest of its journal. */
  readonly digest: string
  readonly pages: number
  /** Until when it is the owner's, in ms since 1970. */
  readonly leasedUntil: number
}

/** The rows of one target. */
export class RevisionTable {
  readonly #database: LedgerDatabase
  /** The id of the target; -1 where the ledger is only read and does not know it. */
  readonly target: number

  /** @param target The name of the target. */
  constructor(database: LedgerDatabase, target: string, isReadOnly: boolean) {
    this.#database = database
    if (!isReadOnly && this.#idOf(target) === undefined) {
      database.run('INSERT OR IGNORE INTO target (name) VALUES (?)', target)
    }
    this.target = this.#idOf(target) ?? -1
  }

  /** The revisions of a run, the newest last. */
  of({ namespace, runId }: Omit<RowKey, 'revision'>): Record[] {
    return this.#database
      .all(
        'SELECT * FROM revision WHERE target = ? AND namespace = ? AND run_id = ? ORDER BY revision',
        this.target,
        namespace,
        runId,
      )
      .map(readRow)
  }

  /** Writes that a revision is being sent; `afresh` forgets what was accepted and refused. */
  begin(
    run: RowKey & { readonly digest: string; readonly pages: number },
    {
      owner,
      leasedUntil,
      now,
      afresh,
    }: {
      readonly owner: string
      readonly leasedUntil: number
      readonly now: number
      readonly afresh: boolean
    },
  ): void {
    const { namespace, runId, revision, digest, pages } = run
    this.#database.run(
      `INSERT INTO revision (target, namespace, run_id, revision, digest, pages, spans, accepted,
         state, attempts, first_ms, last_ms, problem, owner, leased_until_ms)
       VALUES (?, ?, ?, ?, ?, ?, 0, '[]', 'pending', 0, ?, ?, NULL, ?, ?)
       ON CONFLICT DO UPDATE SET last_ms = excluded.last_ms, owner = excluded.owner,
         leased_until_ms = excluded.leased_until_ms`,
      ...[this.target, namespace, runId, revision, digest, pages, now, now, owner, leasedUntil],
    )
    if (!afresh) return
    this.#database.run(
      `UPDATE revision SET accepted = '[]', spans = 0, state = 'pending', attempts = 0, problem = NULL
       WHERE target = ? AND namespace = ? AND run_id = ? AND revision = ?`,
      ...[this.target, namespace, runId, revision],
    )
  }

  /** Writes how a revision stands. */
  update(
    { namespace, runId, revision }: RowKey,
    state: RecordState & { readonly now: number },
  ): void {
    this.#database.run(
      `UPDATE revision SET accepted = ?, spans = ?, state = ?, attempts = ?, problem = ?, owner = ?,
         leased_until_ms = CASE WHEN ? IS NULL THEN NULL ELSE leased_until_ms END, last_ms = ?
       WHERE target = ? AND namespace = ? AND run_id = ? AND revision = ?`,
      ...[JSON.stringify(state.accepted), state.spans, state.state, state.attempts, state.problem],
      ...[state.owner, state.owner, state.now],
      ...[this.target, namespace, runId, revision],
    )
  }

  /** Writes until when the runs of an owner are its own. */
  lease(owner: string, until: number): void {
    this.#database.run('UPDATE revision SET leased_until_ms = ? WHERE owner = ?', until, owner)
  }

  /** Takes an owner off its runs. */
  release(owner: string): void {
    this.#database.run(
      'UPDATE revision SET owner = NULL, leased_until_ms = NULL WHERE owner = ?',
      owner,
    )
  }

  #idOf(target: string): number | undefined {
    const [row] = this.#database.all('SELECT id FROM target WHERE name = ?', target)
    return row === undefined ? undefined : Number(row.id)
  }
}

function readRow(row: LedgerRow): Record {
  const accepted = parseJson(String(row.accepted))
  return {
    revision: Number(row.revision),
    digest: String(row.digest),
    pages: Number(row.pages),
    spans: Number(row.spans),
    accepted: Array.isArray(accepted) ? accepted.map(Number) : [],
    state: row.state === 'delivered' || row.state === 'failed' ? row.state : 'pending',
    attempts: Number(row.attempts),
    problem: typeof row.problem === 'string' ? row.problem : null,
    owner: typeof row.owner === 'string' ? row.owner : null,
    leasedUntil: Number(row.leased_until_ms ?? 0),
  }
}
