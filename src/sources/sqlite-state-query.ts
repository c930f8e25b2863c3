/**
 * Queries of the tables beside the journals, put to SQLite.
 *
 * It asks for nothing that an older rivet had not made yet. A damaged page costs the rows that stand
 * on it and behind it, of that query alone.
 */
import { exactInteger } from '../json/lossless.js'
import { asBytes, type CellReader, cellReader } from './sqlite-cells.js'
import {
  type SqliteConnection,
  SqliteFailure,
  type SqliteRow,
  type SqliteValue,
} from './sqlite-connection.js'
import {
  type Condition,
  isAnswerable,
  type Question,
  type StateAnswer,
  type StateQuery,
  type StateRow,
  type StateTable,
} from './state-query.js'

/**
 * The answer to a question.
 *
 * @example
 * await access.read((db) => askSqlite(db, readRecords(runs)))
 */
export function askSqlite<T>(db: SqliteConnection, question: Question<T>): T {
  const cells = cellReader(db)
  const tables = new Map<StateTable, ReadonlySet<string>>()
  const columnsOf = (table: StateTable) => {
    const columns = tables.get(table) ?? readColumns(db, table)
    tables.set(table, columns)
    return columns
  }
  for (let step = question.next(); ; ) {
    if (step.done === true) return step.value
    step = question.next(answer(db, step.value, columnsOf(step.value.table), cells))
  }
}

function readColumns(db: SqliteConnection, table: StateTable): ReadonlySet<string> {
  const rows = db.all('SELECT name FROM pragma_table_info(?)', table)
  return new Set(rows.map(({ name }) => String(name)))
}

function answer(
  db: SqliteConnection,
  query: StateQuery,
  columns: ReadonlySet<string>,
  cells: CellReader,
): StateAnswer {
  if (!isAnswerable(query, columns)) return { rows: [] }
  const texts = query.texts.filter((column) => columns.has(column))
  const integers = (query.integers ?? []).filter((column) => columns.has(column))
  const parameters: string[] = []
  const conditions = query.where.map((condition) => sqlOf(condition, query, parameters))
  const read = [...texts.map(asBytes), ...integers.map(asInteger)].join(', ') || 'NULL'
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const order = query.orderBy && columns.has(query.orderBy) ? ` ORDER BY ${query.orderBy}` : ''
  const sql = `SELECT ${read} FROM ${query.table}${where}${order}`
  const rows: StateRow[] = []
  try {
    for (const found of foundBy(db, query, sql, parameters)) {
      const row = rowOf(found, texts, integers, cells)
      if (query.keep?.(row) ?? true) rows.push(row)
    }
  } catch (error) {
    if (!isDamage(error)) throw error
    return { rows, problem: `the database is damaged where it stands: ${error.message}` }
  }
  return { rows }
}

/** All at once is twice as fast; where that fails, one by one gives those before the damage. */
function foundBy(
  db: SqliteConnection,
  { keep }: StateQuery,
  sql: string,
  parameters: readonly string[],
): Iterable<SqliteRow> {
  if (keep !== undefined) return db.each(sql, ...parameters)
  try {
    return db.all(sql, ...parameters)
  } catch (error) {
    if (!isDamage(error)) throw error
    return db.each(sql, ...parameters)
  }
}

function isDamage(error: unknown): error is SqliteFailure {
  return error instanceof SqliteFailure && error.result === 'CORRUPT'
}

function asInteger(column: string): string {
  return `CASE typeof(${column}) WHEN 'integer' THEN ${column} END AS ${column}`
}

function sqlOf(condition: Condition, { table, where }: StateQuery, parameters: string[]): string {
  const { column } = condition
  if ('among' in condition) {
    parameters.push(JSON.stringify(condition.among))
    return `${column} IN (SELECT value FROM json_each(?))`
  }
  if ('before' in condition) {
    parameters.push(condition.before)
    return `${column} < ?`
  }
  if ('afterOrNull' in condition) {
    parameters.push(condition.afterOrNull)
    return `(${column} IS NULL OR ${column} > ?)`
  }
  if ('notIn' in condition) {
    const isNotThere = `NOT EXISTS (SELECT 1 FROM ${condition.notIn} other WHERE other.${column} = ${table}.${column})`
    if (where.some((one) => 'among' in one && one.column === column)) return isNotThere
    // Of all rows, first those are found that are not there: the indexes of both tables tell.
    return `(${column} IS NULL OR ${column} IN (SELECT ${column} FROM ${table} WHERE ${isNotThere}))`
  }
  return `${column} > (SELECT max(${column}) FROM ${table}) - ${condition.latest}`
}

function rowOf(
  found: SqliteRow,
  texts: readonly string[],
  integers: readonly string[],
  cells: CellReader,
): StateRow {
  const row: Record<string, StateRow[string]> = {}
  for (const column of texts) row[column] = cells(found[column])
  for (const column of integers) row[column] = integerIn(found[column])
  return row
}

function integerIn(value: SqliteValue | undefined): StateRow[string] {
  return typeof value === 'bigint' ? exactInteger(value) : undefined
}
