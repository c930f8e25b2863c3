/**
 * What is asked of the tables beside the journals, said so that every database understands it, and
 * what a row of an answer says.
 *
 * It knows no database. A question is a generator: it yields one query after the other and is given
 * their answers, all of them true of one moment. Whoever has a database puts the queries into its SQL
 * (`sqlite-state-query.ts`, `postgres-state-query.ts`).
 */
import type { Integer } from '../journal/events.js'
import { readTimestamp } from '../journal/timestamp.js'
import type { Cell } from './journal-row.js'

/** rivet's tables that are asked. */
export const STATE_TABLES = [
  'run_journal',
  'run_status',
  'export_metrics',
  'export_harm',
  'chunk_task',
  'file_log',
  'load_run',
] as const

/** One of rivet's tables. */
export type StateTable = (typeof STATE_TABLES)[number]

/** Some rows of one table. */
export interface StateQuery {
  readonly table: StateTable
  /** The columns that hold texts; one that the table lacks says nothing. */
  readonly texts: readonly string[]
  /** The columns that hold integers. */
  readonly integers?: readonly string[]
  /** All of these must hold; where the table lacks a column of theirs, there are no rows. */
  readonly where: readonly Condition[]
  /** The column that puts the rows in order. */
  readonly orderBy?: string
  /** Looks at each row before it is kept, where that cannot be said as a condition. */
  readonly keep?: (row: StateRow) => boolean
}

/** What must hold for a row. */
export type Condition =
  | { readonly column: string; readonly among: readonly string[] }
  /** The text sorts before this one, byte by byte. */
  | { readonly column: string; readonly before: string }
  /** The text sorts after this one, or there is none. */
  | { readonly column: string; readonly afterOrNull: string }
  /** The text stands in no row of another table's column of that name. */
  | { readonly column: string; readonly notIn: StateTable }
  /** The integer is among the so many that end with the highest. */
  | { readonly column: string; readonly latest: number }

/** What a row says, by column. */
export interface StateRow {
  readonly [column: string]: Cell | Integer | undefined
}

/** The rows of a query. */
export interface StateAnswer {
  readonly rows: readonly StateRow[]
  /** Why rows may be missing: the database is damaged where the table stands. */
  readonly problem?: string
}

/** Queries, one after the other, and what they come to. */
export type Question<T> = Generator<StateQuery, T, StateAnswer>

/** Puts a question to a database; it may be begun anew where the database changed meanwhile. */
export type Ask = <T>(question: () => Question<T>) => Promise<T>

/**
 * The columns that a query is about: those it reads, and those of its conditions.
 *
 * @example
 * isAnswerable(query, new Set(['run_id', 'status']))
 */
export function isAnswerable({ where }: StateQuery, columns: ReadonlySet<string>): boolean {
  return columns.size > 0 && where.every(({ column }) => columns.has(column))
}

/**
 * What a column says that holds a text; a column that is not there has no text either.
 *
 * @example
 * cellOf(row, 'run_id') // { text: 'orders_1' }
 */
export function cellOf(row: StateRow, column: string): Cell {
  const value = row[column]
  return typeof value === 'object' ? value : { problem: 'expected a text, got none' }
}

/**
 * The text of a column; `undefined` where it has none.
 *
 * @example
 * textOf(row, 'status') // 'success'
 */
export function textOf(row: StateRow, column: string): string | undefined {
  const cell = cellOf(row, column)
  return 'text' in cell ? cell.text : undefined
}

/**
 * The integer of a column; `undefined` where it has none.
 *
 * @example
 * integerOf(row, 'total_rows') // 400000
 */
export function integerOf(row: StateRow, column: string): Integer | undefined {
  const value = row[column]
  return typeof value === 'object' ? undefined : value
}

/**
 * The time of a column, in nanoseconds since 1970; `undefined` where that is no timestamp.
 *
 * @example
 * timeOf(row, 'started_at') // 1795251219134497638n
 */
export function timeOf(row: StateRow, column: string): bigint | undefined {
  const text = textOf(row, column)
  return text === undefined ? undefined : readTimestamp(text)?.unixNano
}
