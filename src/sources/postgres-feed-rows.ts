/**
 * What a feed asks of rivet's table `run_journal` in PostgreSQL. No journal is read.
 */
import { RivetOtelError } from '../problem.js'
import type { PostgresLook, PostgresRow } from './postgres-access.js'
import { cellOf, checkJournalTable } from './postgres-rows.js'
import { MAY_BE_NEW, newSince, type Since, type Snapshot } from './postgres-snapshot.js'
import { type RunRow, rowOf } from './run-row.js'

/** A row as a feed hands it out. */
export interface FeedRow {
  readonly run: RunRow
  readonly stamp: string
  readonly runId: string
  /** The transaction that wrote it, the last 32 bits of its number. */
  readonly xid: string
}

/** A place in the order of the rows. */
export type Place = Pick<FeedRow, 'stamp' | 'runId'>

/**
 * Not the order of an index: to go through one and look into each row costs several times more than
 * to read the table from its start, in which the long journals do not lie.
 */
const [STAMP, RUN_ID] = ['finished_at', 'run_id'].map(
  (column) => `coalesce(${column}::text, '') COLLATE "C"`,
)
const COLUMNS = 'run_id::text, export_name::text, finished_at::text, xmin::text AS xid'
const SYSTEM = `SELECT kind, table_oid, database_oid, system_identifier, timeline_id
  FROM (SELECT oid::text AS table_oid, relkind::text AS kind FROM pg_class WHERE oid = to_regclass('run_journal')) t,
  (SELECT oid::text AS database_oid FROM pg_database WHERE datname = current_database()) d,
  (SELECT system_identifier::text FROM pg_control_system()) s,
  (SELECT timeline_id::text FROM pg_control_checkpoint()) c`

/**
 * Which table this is: another text where it is another table, database or cluster, or the cluster
 * was set back or taken over by a standby. Rewriting the table (`VACUUM FULL`) keeps it, and keeps
 * the transactions of the rows.
 *
 * @throws {RivetOtelError} `INVALID_SOURCE` where there is no such table.
 * @example
 * await access.read((db) => readGeneration(db, 'postgres://db:5432/rivet'))
 */
export async function readGeneration(db: PostgresLook, location: string): Promise<string> {
  const [system] = await db.all(SYSTEM)
  if (system === undefined) await checkJournalTable(db, location)
  if (system?.kind !== 'r' && system?.kind !== 'p') {
    throw new RivetOtelError(
      'INVALID_SOURCE',
      `run_journal of ${location} is no table of its own, so its new rows cannot be told from old ones`,
      { hint: 'follow the database in which rivet itself writes (RIVET_STATE_URL)' },
    )
  }
  return Object.values(system).join(' ')
}

/**
 * The rows that may be new, by the text of their time, then by run_id.
 *
 * @param after leaves out everything up to this row.
 * @example
 * await access.read(async (db) => readNewRows(db, undefined, await readSnapshot(db), undefined, 200))
 */
export async function readNewRows(
  db: PostgresLook,
  since: Since | undefined,
  now: Snapshot,
  after: Place | undefined,
  most: number,
): Promise<FeedRow[]> {
  const rows: FeedRow[] = []
  const order = `ORDER BY ${STAMP}, ${RUN_ID} LIMIT ${most}`
  await eachRow(db, since, now, after, order, (row) => rows.push(row))
  return rows
}

/**
 * The same rows in no order, none of them kept.
 *
 * @example
 * await access.read(async (db) => eachNewRow(db, undefined, await readSnapshot(db), undefined, () => count++))
 */
export function eachNewRow(
  db: PostgresLook,
  since: Since | undefined,
  now: Snapshot,
  after: Place | undefined,
  take: (row: FeedRow) => void,
): Promise<void> {
  return eachRow(db, since, now, after, '', take)
}

function eachRow(
  db: PostgresLook,
  since: Since | undefined,
  now: Snapshot,
  after: Place | undefined,
  order: string,
  take: (row: FeedRow) => void,
): Promise<void> {
  const isAfter = after === undefined ? '' : `AND (${STAMP}, ${RUN_ID}) > ($4::text, $5::text)`
  const place = after === undefined ? [] : [after.stamp, after.runId]
  const sql = `SELECT ${COLUMNS} FROM run_journal WHERE ${MAY_BE_NEW} ${isAfter} ${order}`
  return db.each(sql, [...newSince(since, now), ...place], (row) => take(feedRow(row)))
}

function feedRow({ run_id, export_name, finished_at, xid }: PostgresRow): FeedRow {
  return {
    run: rowOf(cellOf(run_id), cellOf(export_name), cellOf(finished_at)),
    stamp: String(finished_at ?? ''),
    runId: String(run_id ?? ''),
    xid: String(xid),
  }
}
