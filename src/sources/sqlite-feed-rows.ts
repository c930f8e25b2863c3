/**
 * What a feed asks of rivet's table `run_journal` in SQLite: rows by their rowid, and the times of the
 * latest ones. No journal is read.
 *
 * A rowid grows with every row that is put in, and an upsert keeps it. It is good as long as nobody
 * rebuilds the database (`VACUUM`), and may be given again after the row with the highest was deleted.
 */
import { type RunRow, rowOf } from './run-row.js'
import { asBytes, type CellReader, cellReader } from './sqlite-cells.js'
import type { SqliteConnection, SqliteRow, SqliteValue } from './sqlite-connection.js'
import { EACH_EXPORT } from './sqlite-time-index.js'

/** Which row says which time. */
export interface RowStamp {
  readonly row: bigint
  /** The text of `finished_at`; where that is no text, what else tells it from another. */
  readonly stamp: string
}

/** A row as a feed hands it out. */
export interface FeedRow extends RowStamp {
  readonly run: RunRow
}

const COLUMNS = `rowid AS row, ${['run_id', 'export_name', 'finished_at'].map(asBytes).join(', ')}`

/** Only the name of each export is looked up, and then its latest times: rivet's index knows both. */
const LATE_BY_EXPORT = `${EACH_EXPORT}
SELECT run.rowid AS row, ${asBytes('finished_at')} FROM export
  CROSS JOIN run_journal run ON run.export_name IS export.name AND run.finished_at >= ?
  WHERE +run.rowid <= `

/** The plus keeps SQLite from going by rowid, which passes every page of the journals. */
const STAMPS = `SELECT rowid AS row, ${asBytes('finished_at')} FROM run_journal`

/**
 * The rows after a row, in the order in which they were put in.
 *
 * @example
 * await access.read((db) => readRowsAfter(db, 0n, 200))
 */
export function readRowsAfter(db: SqliteConnection, row: bigint, most: number): FeedRow[] {
  return feedRows(db, `rowid > ${row} ORDER BY rowid LIMIT ${most}`)
}

/**
 * These rows, in no order; those that are not there are left out.
 *
 * @example
 * await access.read((db) => readRowsAt(db, [7n, 9n]))
 */
export function readRowsAt(db: SqliteConnection, rows: readonly bigint[]): FeedRow[] {
  return feedRows(db, 'rowid IN (SELECT value FROM json_each(?))', `[${rows.join(',')}]`)
}

/**
 * The times of the rows up to `row` whose text is `from` or later, in no order.
 *
 * With rivet's index this costs what there is of them; without it, a pass over the table.
 *
 * @example
 * for (const { stamp } of stampsFrom(db, '2026-11-21T08:53', 7n, hasTimeIndex(db))) console.log(stamp)
 */
export function* stampsFrom(
  db: SqliteConnection,
  from: string,
  row: bigint,
  isIndexed: boolean,
): Generator<RowStamp> {
  const sql = isIndexed ? LATE_BY_EXPORT : `${STAMPS} WHERE finished_at >= ? AND +rowid <= `
  yield* stamps(db, db.each(`${sql}${row}`, from))
}

/**
 * The times of all rows, in no order.
 *
 * @example
 * for (const { row } of allStamps(db)) console.log(row)
 */
export function* allStamps(db: SqliteConnection): Generator<RowStamp> {
  yield* stamps(db, db.each(STAMPS))
}

/**
 * The time of one row; `undefined` where it is not there.
 *
 * @example
 * await access.read((db) => stampAt(db, 7n))
 */
export function stampAt(db: SqliteConnection, row: bigint): string | undefined {
  const [found] = stamps(db, db.all(`${STAMPS} WHERE rowid = ${row}`))
  return found?.stamp
}

/**
 * How many rows there are after a row. A few are counted where they stand, many by an index.
 *
 * @example
 * await access.read((db) => countAfter(db, 7n))
 */
export function countAfter(db: SqliteConnection, row: bigint): number {
  const few = `SELECT 1 FROM run_journal WHERE rowid > ${row} LIMIT ${FEW + 1}`
  const count = countOf(db, `(${few})`)
  return count <= FEW ? count : countOf(db, `run_journal WHERE +rowid > ${row}`)
}

const FEW = 1_000

function countOf(db: SqliteConnection, rows: string): number {
  return Number(db.all(`SELECT count(*) AS n FROM ${rows}`)[0]?.n ?? 0)
}

/**
 * A number that is another one when the schema changed, or the database was rebuilt by `VACUUM`.
 *
 * @example
 * await access.read((db) => schemaVersion(db)) // '42'
 */
export function schemaVersion(db: SqliteConnection): string {
  return String(db.all('PRAGMA schema_version')[0]?.schema_version)
}

function feedRows(db: SqliteConnection, condition: string, ...parameters: string[]): FeedRow[] {
  const cellOf = cellReader(db)
  const rows: FeedRow[] = []
  const sql = `SELECT ${COLUMNS} FROM run_journal WHERE ${condition}`
  for (const found of db.each(sql, ...parameters)) {
    const { run_id, export_name, finished_at } = found
    const run = rowOf(cellOf(run_id), cellOf(export_name), cellOf(finished_at))
    rows.push({ ...rowStamp(found, cellOf), run })
  }
  return rows
}

function* stamps(db: SqliteConnection, rows: Iterable<SqliteRow>): Generator<RowStamp> {
  const cellOf = cellReader(db)
  for (const row of rows) yield rowStamp(row, cellOf)
}

function rowStamp({ row, finished_at }: SqliteRow, cellOf: CellReader): RowStamp {
  return { row: row as bigint, stamp: stampOf(finished_at, cellOf) }
}

/** Two texts that cannot be read are not the same. */
function stampOf(finishedAt: SqliteValue | undefined, cellOf: CellReader): string {
  const cell = cellOf(finishedAt)
  if ('text' in cell) return cell.text
  return finishedAt instanceof Uint8Array
    ? `x'${Buffer.from(finishedAt).toString('hex')}'`
    : String(finishedAt)
}
