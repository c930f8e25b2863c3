/**
 * When the runs in rivet's table `run_journal` in SQLite ended, as far as a selection needs it.
 *
 * It reads no journal: SQLite answers from rivet's index over export_name and finished_at alone. rivet
 * writes every time in one way, in UTC, and of such texts SQLite can tell to the second which are late
 * enough; only those, and the times in any other spelling, are looked at closely. To read each of
 * 100,000 times costs half a second.
 *
 * It promises no more than to leave out nothing that is wanted: whoever asks still looks at each time.
 */
import { formatTimestamp } from '../journal/timestamp.js'
import { timeIn } from './run-row.js'
import type { Selection } from './source.js'
import { asBytes, cellReader } from './sqlite-cells.js'
import type { SqliteConnection } from './sqlite-connection.js'
import { selectFrom } from './sqlite-rows.js'

/** When a run ended, and in which row it stands. */
export interface RowTime {
  /** SQLite's rowid: good while the same transaction lasts. */
  readonly row: bigint
  readonly endedUnixNano: bigint | undefined
}

/** What is asked of the times. */
export type TimesWanted = Pick<Selection, 'sinceUnixNano' | 'untilUnixNano' | 'last'>

/** Some rows: SQL, for example `export_name = ?`, empty for every row; and what fills its marks. */
export interface RowCondition {
  readonly condition: string
  readonly parameters: readonly string[]
}

/** SQL: the second of a text that is {@link PLAIN}; such seconds sort as they follow each other. */
export const SECOND = 'substr(finished_at, 1, 19)'
/** SQL: the columns that {@link rowTimes} reads. */
export const TIME_COLUMNS = `run_journal.rowid AS row, ${asBytes('finished_at')}`
const DIGITS = '[0-9][0-9]'
const SIXTY = '[0-5][0-9]'
const REST = 'substr(finished_at, 20)'
const DAY = 'substr(finished_at, 1, 10)'
/**
 * SQL. Whatever is such a text is a time, in UTC and in no leap second: of two of them the one that is later
 * by its second is the later time. SQLite makes another day of a day that is not, and takes a text to
 * end at its first zero, except where it compares.
 */
export const PLAIN = `(typeof(finished_at) = 'text' AND finished_at GLOB
  '${DIGITS}${DIGITS}-${DIGITS}-${DIGITS}T${DIGITS}:${SIXTY}:${SIXTY}[.+Z]*'
  AND substr(finished_at, 12, 2) <= '23' AND date(${DAY}) IS ${DAY}
  AND (${REST} IN ('+00:00', 'Z') OR ${REST} GLOB '.[0-9]*'
    AND ltrim(substr(finished_at, 21), '0123456789') IN ('+00:00', 'Z'))
  AND substr(finished_at, 1, 40) = finished_at)`
/** Before every second that has four digits for its year. */
const FIRST = ''
/** After every second that has four digits for its year. */
const LAST = '~'
const YEAR_0 = -62_167_219_200_000_000_000n
const YEAR_10000 = 253_402_300_800_000_000_000n

/**
 * When the runs ended for which a condition holds, by row and in no order: all that may be among those
 * that are wanted, and perhaps more. One whose time is not known may be.
 *
 * @example
 * await access.read((db) => readTimes(db, { condition: '', parameters: [] }, { last: 10 }))
 */
export function readTimes(
  db: SqliteConnection,
  rows: RowCondition,
  { sinceUnixNano, untilUnixNano, last }: TimesWanted,
): RowTime[] {
  const others = timesWhere(db, rows, `NOT ${PLAIN}`)
  const since = sinceUnixNano === undefined ? FIRST : secondOf(sinceUnixNano)
  const until = untilUnixNano === undefined ? LAST : secondOf(untilUnixNano)
  const from = last === undefined ? since : secondOfNewest(db, rows, last, since, until)
  // Of plain texts the first says the same as of their seconds, and leaves little to look at.
  const isLate = `finished_at >= ? AND ${SECOND} <= ? AND ${PLAIN}`
  const late = timesWhere(db, rows, isLate, from, until)
  return [...others, ...late]
}

/**
 * The second in which the oldest of the newest so many ended, without those of the very last second,
 * of which some may be too late; the first second where there are not so many.
 */
function secondOfNewest(
  db: SqliteConnection,
  { condition, parameters }: RowCondition,
  count: number,
  since: string,
  until: string,
): string {
  if (count <= 0) return until
  const late = `finished_at >= ? AND ${SECOND} < ? AND ${PLAIN}`
  const sql = `${selectFrom(`${SECOND} AS second`, and(condition, late))}
    ORDER BY second DESC LIMIT 1 OFFSET ${Math.trunc(count) - 1}`
  const [found] = db.all(sql, ...parameters, since, until)
  return found === undefined ? since : String(found.second)
}

function timesWhere(
  db: SqliteConnection,
  { condition, parameters }: RowCondition,
  more: string,
  ...others: readonly string[]
): RowTime[] {
  return rowTimes(db, selectFrom(TIME_COLUMNS, and(condition, more)), ...parameters, ...others)
}

/**
 * When the runs of some rows ended.
 *
 * @param sql reads {@link TIME_COLUMNS}
 * @example
 * rowTimes(db, `SELECT ${TIME_COLUMNS} FROM run_journal WHERE export_name = ?`, 'orders')
 */
export function rowTimes(
  db: SqliteConnection,
  sql: string,
  ...parameters: readonly string[]
): RowTime[] {
  const cellOf = cellReader(db)
  const times: RowTime[] = []
  for (const { row, finished_at } of db.each(sql, ...parameters))
    times.push({ row: row as bigint, endedUnixNano: timeIn(cellOf(finished_at)) })
  return times
}

function and(...conditions: readonly string[]): string {
  return conditions.filter((condition) => condition !== '').join(' AND ')
}

/**
 * The text with which the second of a time begins; one before or after all others where its year has not
 * four digits.
 *
 * @example
 * secondOf(0n) // '1970-01-01T00:00:00'
 */
export function secondOf(unixNano: bigint): string {
  if (unixNano < YEAR_0) return FIRST
  if (unixNano >= YEAR_10000) return LAST
  return formatTimestamp(unixNano).slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)
}
