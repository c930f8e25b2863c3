/**
 * Queries of the tables beside the journals, put to PostgreSQL.
 *
 * It asks for nothing that an older rivet had not made yet, nor for what this user may not read. A
 * table that is damaged says nothing, and costs the others nothing.
 */
import { exactInteger } from '../json/lossless.js'
import type {
  PostgresAccess,
  PostgresLook,
  PostgresParameter,
  PostgresRow,
  PostgresValue,
} from './postgres-access.js'
import { isAboutRow, wordsOf } from './postgres-problem.js'
import { isStorable, cellOf as textIn } from './postgres-rows.js'
import {
  type Condition,
  isAnswerable,
  type Question,
  STATE_TABLES,
  type StateAnswer,
  type StateQuery,
  type StateRow,
  type StateTable,
} from './state-query.js'

/**
 * The answer to a question, all of it true of one moment.
 *
 * @throws {RivetOtelError} as `PostgresAccess.read` does.
 * @example
 * await askPostgres(access, () => readRecords(runs))
 */
export async function askPostgres<T>(
  access: PostgresAccess,
  question: () => Question<T>,
): Promise<T> {
  const damaged = new Map<StateTable, string>()
  for (;;) {
    const outcome = await tryToAsk(access, question, damaged)
    if ('value' in outcome) return outcome.value
    damaged.set(outcome.table, outcome.problem)
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

type Outcome<T> = { readonly value: T } | { readonly table: StateTable; readonly problem: string }

/** An error ends the transaction, so the next try leaves out the table that made it. */
function tryToAsk<T>(
  access: PostgresAccess,
  question: () => Question<T>,
  damaged: ReadonlyMap<StateTable, string>,
): Promise<Outcome<T>> {
  let table: StateTable | undefined
  return access.read<Outcome<T>>(
    async (db) => {
      const state = await readState(db)
      const asking = question()
      for (let step = asking.next(); ; ) {
        if (step.done === true) return { value: step.value }
        table = step.value.table
        const problem = damaged.get(table)
        step = asking.next(
          problem === undefined ? await answer(db, step.value, state) : { rows: [], problem },
        )
      }
    },
    (error) =>
      table !== undefined && isAboutRow(error)
        ? { table, problem: `the database cannot give it (${wordsOf(error, access.settings)})` }
        : undefined,
  )
}

interface State {
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>
  /** A database of no encoding takes any bytes, and then refuses every row with one that is no text. */
  readonly hasEncoding: boolean
}

async function readState(db: PostgresLook): Promise<State> {
  const columns = new Map<string, Set<string>>(STATE_TABLES.map((table) => [table, new Set()]))
  const found = await db.all(
    `SELECT t.name, a.attname::text AS column_name, current_setting('server_encoding') AS encoding
      FROM unnest($1::text[]) AS t(name)
      JOIN pg_attribute a ON a.attrelid = to_regclass(t.name) AND a.attnum > 0 AND NOT a.attisdropped
      WHERE has_column_privilege(a.attrelid, a.attnum, 'SELECT')`,
    STATE_TABLES,
  )
  for (const { name, column_name } of found) columns.get(String(name))?.add(String(column_name))
  return { columns, hasEncoding: found[0]?.encoding !== 'SQL_ASCII' }
}

async function answer(
  db: PostgresLook,
  query: StateQuery,
  { columns: all, hasEncoding }: State,
): Promise<StateAnswer> {
  const columns = all.get(query.table) ?? new Set()
  if (!isAnswerable(query, columns)) return { rows: [] }
  const texts = query.texts.filter((column) => columns.has(column))
  const integers = (query.integers ?? []).filter((column) => columns.has(column))
  const parameters: PostgresParameter[] = []
  const conditions = query.where.map((condition) => sqlOf(condition, query.table, parameters))
  const asText = (column: string) => `${column}::text AS ${column}`
  const asHex = (column: string) =>
    `encode(convert_to(${column}::text, 'SQL_ASCII'), 'hex') AS ${column}`
  const read = [...texts.map(hasEncoding ? asText : asHex), ...integers.map(asText)].join(', ')
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  // With its table it is the column; without, the text that is named like it.
  const { table, orderBy } = query
  const order = orderBy && columns.has(orderBy) ? ` ORDER BY ${table}.${orderBy}` : ''
  const rows: StateRow[] = []
  const sql = `SELECT ${read} FROM ${table}${where}${order}`
  await db.each(sql, parameters, (found) => {
    const row = rowOf(found, texts, integers, hasEncoding)
    if (query.keep?.(row) ?? true) rows.push(row)
  })
  return { rows }
}

function sqlOf(condition: Condition, table: StateTable, parameters: PostgresParameter[]): string {
  const { column } = condition
  const parameter = (value: PostgresParameter) => `$${parameters.push(value)}`
  if ('among' in condition)
    return `${column} = ANY(${parameter(condition.among.filter(isStorable))}::text[])`
  if ('before' in condition) return `${column} COLLATE "C" < ${parameter(condition.before)}`
  if ('afterOrNull' in condition)
    return `(${column} IS NULL OR ${column} COLLATE "C" > ${parameter(condition.afterOrNull)})`
  if ('notIn' in condition) {
    const { notIn } = condition
    return `NOT EXISTS (SELECT 1 FROM ${notIn} other WHERE other.${column} = ${table}.${column})`
  }
  return `${column} > (SELECT max(${column}) FROM ${table}) - ${condition.latest}`
}

function rowOf(
  found: PostgresRow,
  texts: readonly string[],
  integers: readonly string[],
  hasEncoding: boolean,
): StateRow {
  const row: Record<string, StateRow[string]> = {}
  for (const column of texts) row[column] = textCell(found[column], hasEncoding)
  for (const column of integers) row[column] = integerIn(found[column])
  return row
}

function textCell(value: PostgresValue | undefined, hasEncoding: boolean): StateRow[string] {
  if (hasEncoding || typeof value !== 'string') return textIn(value)
  try {
    return { text: UTF_8.decode(Buffer.from(value, 'hex')) }
  } catch {
    return { problem: 'expected a text, got bytes that are not valid UTF-8' }
  }
}

function integerIn(value: PostgresValue | undefined): StateRow[string] {
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value)
    ? exactInteger(BigInt(value))
    : undefined
}
