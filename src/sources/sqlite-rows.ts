/**
 * rivet's table `run_journal` in SQLite: what is asked of it, and what its cells say.
 */
import { RivetOtelError } from '../problem.js'
import type { Cell } from './journal-row.js'
import { type RunRow, rowOf } from './run-row.js'
import { asBytes, type CellReader, cellReader } from './sqlite-cells.js'
import { type SqliteConnection, SqliteFailure } from './sqlite-connection.js'

const COLUMNS = ['run_id', 'export_name', 'finished_at', 'journal_json']
const TABLES_NAMED = 8

/**
 * Makes sure that this is a state database with journals.
 *
 * @param location how messages name the database.
 * @throws {RivetOtelError} `INVALID_SOURCE`, naming what is there instead.
 * @example
 * await access.read((db) => checkJournalTable(db, '.rivet_state.db'))
 */
export function checkJournalTable(db: SqliteConnection, location: string): void {
  const columns = namesIn(db, "SELECT name FROM pragma_table_info('run_journal')")
  const missing = COLUMNS.filter((column) => !columns.includes(column))
  if (missing.length === 0) return
  throw new RivetOtelError(
    'INVALID_SOURCE',
    columns.length === 0
      ? `${location} has no table run_journal; it has ${tablesIn(db)}`
      : `the table run_journal of ${location} has no column ${missing.join(', ')}; it has ${columns.join(', ')}`,
    {
      hint: 'is this rivet’s state database? rivet keeps it in .rivet_state.db beside rivet.yaml (-c rivet.yaml)',
      isNotYet: columns.length === 0 && isBegun(db),
    },
  )
}

/** rivet makes its tables one after the other, and first of all the one with its version. */
function isBegun(db: SqliteConnection): boolean {
  const tables = namesIn(db, "SELECT name FROM sqlite_master WHERE type = 'table'")
  return tables.length === 0 || tables.includes('schema_version')
}

/**
 * The rows for which a condition holds, in no order. No journal is read.
 *
 * @param condition SQL, for example `export_name = ?`; empty for every row.
 * @example
 * await access.read((db) => readRows(db, 'export_name = ?', 'orders'))
 */
export function readRows(
  db: SqliteConnection,
  condition: string,
  ...parameters: readonly string[]
): RunRow[] {
  const columns = `${asBytes('run_id')}, ${asBytes('export_name')}, ${asBytes('finished_at')}`
  const cellOf = cellReader(db)
  const rows: RunRow[] = []
  for (const row of db.each(selectFrom(columns, condition), ...parameters)) {
    rows.push(rowOf(cellOf(row.run_id), cellOf(row.export_name), cellOf(row.finished_at)))
  }
  return rows
}

/**
 * The journals of some runs, in the order of the runs: the first one, and as many more as the budget
 * allows. `undefined` stands for a row that is not there.
 *
 * @param budget in UTF-16 code units.
 * @example
 * await access.read((db) => readJournals(db, ['orders_1', 'orders_2'], 1_000_000))
 */
export function readJournals(
  db: SqliteConnection,
  runIds: readonly string[],
  budget: number,
): (Cell | undefined)[] {
  const cellOf = cellReader(db)
  const journals: (Cell | undefined)[] = []
  let size = 0
  for (const runId of runIds) {
    const journal = readJournal(db, runId, cellOf)
    journals.push(journal)
    if (journal !== undefined && 'text' in journal) size += journal.text.length
    if (size >= budget) break
  }
  return journals
}

/**
 * The names of the exports, at most so many of them; one that is no text is left out. SQLite answers
 * it from rivet's index alone.
 *
 * @example
 * await access.read((db) => readExports(db, 1000)) // ['customers', 'orders']
 */
export function readExports(db: SqliteConnection, most: number): string[] {
  const cellOf = cellReader(db)
  const distinct = `SELECT DISTINCT export_name FROM run_journal LIMIT ${Math.trunc(most)}`
  const names: string[] = []
  for (const { export_name } of db.each(`SELECT ${asBytes('export_name')} FROM (${distinct})`)) {
    const cell = cellOf(export_name)
    if ('text' in cell) names.push(cell.text)
  }
  return names
}

/**
 * The SQL that reads columns of the journals for which a condition holds.
 *
 * @example
 * selectFrom('rowid AS row', 'run_id = ?')
 */
export function selectFrom(columns: string, condition: string): string {
  return `SELECT ${columns} FROM run_journal ${condition === '' ? '' : `WHERE ${condition}`}`
}

/** A damaged page costs the journals on it, not the others. */
function readJournal(db: SqliteConnection, runId: string, cellOf: CellReader): Cell | undefined {
  try {
    const sql = selectFrom(asBytes('journal_json'), 'run_id = ?')
    const [row] = db.all(sql, runId)
    return row && cellOf(row.journal_json)
  } catch (error) {
    if (!(error instanceof SqliteFailure) || error.result !== 'CORRUPT') throw error
    return { problem: `the database is damaged where it stands: ${error.message}` }
  }
}

function tablesIn(db: SqliteConnection): string {
  const names = namesIn(
    db,
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
  )
  if (names.length === 0) return 'no tables'
  const named = names.slice(0, TABLES_NAMED).join(', ')
  return names.length > TABLES_NAMED ? `${names.length} tables: ${named}, …` : named
}

function namesIn(db: SqliteConnection, sql: string): string[] {
  return db.all(sql).map(({ name }) => String(name))
}
