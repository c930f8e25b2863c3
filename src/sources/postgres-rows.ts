/**
 * rivet's table `run_journal` in PostgreSQL: what is asked of it.
 *
 * rivet 0.32 makes it with `text` columns and names it without a schema, so the session's
 * `search_path` finds it, here as there.
 */
import { RivetOtelError } from '../problem.js'
import type { Cell } from './journal-row.js'
import type {
  PostgresLook,
  PostgresParameter,
  PostgresRow,
  PostgresValue,
} from './postgres-access.js'
import { type RunRow, rowOf } from './run-row.js'
import type { Selection } from './source.js'

/** A row without its journal, and how long that is. */
export interface PostgresRun extends RunRow {
  /** The size of the journal in bytes, when the row was found. */
  readonly bytes: number
}

/** What was found of a journal; `'too long'` where its text is longer than was allowed. */
export type FoundJournal = Cell | 'too long'

/** The journal as the database itself holds it. */
export type JournalColumn = 'journal_json::text' | typeof CHECKED_JOURNAL

const COLUMNS = ['run_id', 'export_name', 'finished_at', 'journal_json']
const SCHEMAS_NAMED = 5

/** A database of no encoding takes any bytes; this refuses those that are no UTF-8. */
const CHECKED_JOURNAL = "convert_from(convert_to(journal_json::text, 'SQL_ASCII'), 'UTF8')"

/**
 * Makes sure that there is a table with journals which may be read.
 *
 * @param location how messages name the database.
 * @returns how its journals are to be read.
 * @throws {RivetOtelError} `INVALID_SOURCE`, naming what is there instead. The server itself says
 *   what may not be read.
 * @example
 * await access.read((db) => checkJournalTable(db, 'postgres://db:5432/rivet'))
 */
export async function checkJournalTable(
  db: PostgresLook,
  location: string,
): Promise<JournalColumn> {
  const columns = await namesIn(
    db,
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass('run_journal') AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
  )
  if (columns.length === 0) throw await noTable(db, location)
  const missing = COLUMNS.filter((column) => !columns.includes(column))
  if (missing.length > 0) {
    throw new RivetOtelError(
      'INVALID_SOURCE',
      `the table run_journal of ${location} has no column ${missing.join(', ')}; it has ${columns.join(', ')}`,
      { hint: 'is this rivet’s state database? rivet finds it by RIVET_STATE_URL' },
    )
  }
  await db.all(`SELECT ${COLUMNS.join(', ')} FROM run_journal LIMIT 0`)
  const [encoding] = await namesIn(db, "SELECT current_setting('server_encoding') AS name")
  return encoding === 'SQL_ASCII' ? CHECKED_JOURNAL : 'journal_json::text'
}

/**
 * The rows of the runs and exports that a selection names, in no order; its other conditions are not
 * looked at. No journal is read: PostgreSQL knows the size of a long text without it.
 *
 * @param beginning only runs whose run_id begins so
 * @example
 * await access.read((db) => eachRun(db, { exports: ['orders'] }, (run) => runs.push(run)))
 */
export async function eachRun(
  db: PostgresLook,
  selection: Selection,
  take: (run: PostgresRun) => void,
  beginning = '',
): Promise<void> {
  const { condition, parameters } = conditionFor(selection, beginning)
  const sql = `SELECT run_id::text, export_name::text, finished_at::text,
    octet_length(journal_json::text) AS bytes FROM run_journal ${condition}`
  await db.each(sql, parameters, ({ run_id, export_name, finished_at, bytes }) =>
    take({
      ...rowOf(cellOf(run_id), cellOf(export_name), cellOf(finished_at)),
      bytes: Number(bytes ?? 0),
    }),
  )
}

/**
 * The journals of some runs, by run_id. A row that is not there has none.
 *
 * @param most how long a text may be, in bytes.
 * @example
 * await access.read((db) => readJournals(db, column, ['orders_1', 'orders_2'], 1_000_000))
 */
export async function readJournals(
  db: PostgresLook,
  column: JournalColumn,
  runIds: readonly string[],
  most: number,
): Promise<Map<string, FoundJournal>> {
  const rows = await db.all(
    `SELECT run_id::text, octet_length(journal_json::text) > $2 AS is_too_long,
      CASE WHEN octet_length(journal_json::text) <= $2 THEN ${column} END AS journal_json
      FROM run_journal WHERE run_id = ANY($1::text[])`,
    runIds,
    most,
  )
  return new Map(rows.map((row) => [String(row.run_id), foundIn(row)]))
}

/**
 * The names of the exports, at most so many of them.
 *
 * @example
 * await access.read((db) => readExports(db, 1000)) // ['customers', 'orders']
 */
export async function readExports(db: PostgresLook, most: number): Promise<string[]> {
  const rows = await db.all(
    'SELECT DISTINCT export_name::text FROM run_journal WHERE export_name IS NOT NULL LIMIT $1',
    most,
  )
  return rows.flatMap(({ export_name }) => (typeof export_name === 'string' ? [export_name] : []))
}

function foundIn({ journal_json, is_too_long }: PostgresRow): FoundJournal {
  return is_too_long === true ? 'too long' : cellOf(journal_json)
}

/**
 * What a value says that was asked for as a text.
 *
 * @example
 * cellOf('orders_1') // { text: 'orders_1' }
 */
export function cellOf(value: PostgresValue | undefined): Cell {
  return typeof value === 'string'
    ? { text: value }
    : { problem: `expected a text, got ${value} value` }
}

function conditionFor(
  { runIds, exports }: Selection,
  beginning: string,
): {
  condition: string
  parameters: PostgresParameter[]
} {
  const conditions: string[] = []
  const parameters: PostgresParameter[] = []
  for (const [column, names] of [
    ['run_id', runIds],
    ['export_name', exports],
  ] as const) {
    if (names === undefined) continue
    parameters.push(names.filter(isStorable))
    conditions.push(`${column} = ANY($${parameters.length}::text[])`)
  }
  // No such text begins like one that cannot be: whoever asks finds that out from all of them.
  if (beginning !== '' && isStorable(beginning)) {
    parameters.push(beginning)
    conditions.push(
      `left(run_id::text, char_length($${parameters.length}::text)) = $${parameters.length}::text`,
    )
  }
  const condition = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  return { condition, parameters }
}

/**
 * Whether there can be such a text: none in PostgreSQL has a NUL or half a character, and to ask for
 * one is an error there.
 *
 * @example
 * isStorable('orders_1') // true
 */
export function isStorable(name: string): boolean {
  return name.isWellFormed() && !name.includes('\0')
}

/** The table may be there, and only not be seen. */
async function noTable(db: PostgresLook, location: string): Promise<RivetOtelError> {
  const schemas = await namesIn(
    db,
    "SELECT nspname AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE relname = 'run_journal' AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1",
  )
  const [path = ''] = await namesIn(db, "SELECT current_setting('search_path') AS name")
  const [schema] = schemas
  if (schema === undefined) {
    return new RivetOtelError('INVALID_SOURCE', `${location} has no table run_journal`, {
      hint: 'is this rivet’s state database? rivet makes the table on its first run with RIVET_STATE_URL',
      isNotYet: true,
    })
  }
  return new RivetOtelError(
    'INVALID_SOURCE',
    `${location} has no table run_journal that is seen with the search_path ${path}; there is one in the schema ${schemas.slice(0, SCHEMAS_NAMED).join(', ')}`,
    {
      hint: `add options=-c%20search_path%3D${encodeURIComponent(schema)} to the URL, and see that the user has USAGE on that schema`,
    },
  )
}

async function namesIn(db: PostgresLook, sql: string): Promise<string[]> {
  return (await db.all(sql)).map(({ name }) => String(name))
}
