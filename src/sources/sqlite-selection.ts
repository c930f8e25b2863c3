/**
 * Which rows of `run_journal` a selection wants, worked out without reading a journal.
 *
 * Names are compared by SQLite, exactly. Times are compared here: rivet writes them as text, and one
 * instant has several spellings.
 */
import type { RunRow } from './run-row.js'
import { asksForTime, endedInTime, oldestFirst } from './selection.js'
import type { Selection } from './source.js'
import type { SqliteConnection } from './sqlite-connection.js'
import { newestTimes } from './sqlite-newest-times.js'
import { readRows } from './sqlite-rows.js'
import { type RowCondition, type RowTime, readTimes } from './sqlite-times.js'

/**
 * The rows that are wanted, oldest first. One whose time is not known counts as the oldest; whether
 * it is late enough cannot be told, so it is among them.
 *
 * @example
 * await access.read((db) => selectRows(db, { exports: ['orders'], last: 10 }))
 */
export function selectRows(db: SqliteConnection, selection: Selection): RunRow[] {
  const rowsOf = conditionFor(selection)
  const { last } = selection
  if (!asksForTime(selection) && last === undefined)
    return readRows(db, rowsOf.condition, ...rowsOf.parameters).sort(oldestFirst)
  const late = newest(inTime(timesFor(db, selection, rowsOf), selection), last)
  const rows = `[${late.map(({ row }) => row).join(',')}]`
  const selected = readRows(db, 'rowid IN (SELECT value FROM json_each(?))', rows).sort(oldestFirst)
  return last === undefined ? selected : selected.slice(Math.max(0, selected.length - last))
}

/** The newest runs of all or of some exports are found by the index; runs that are named, one by one. */
function timesFor(
  db: SqliteConnection,
  selection: Selection,
  rowsOf: RowCondition,
): readonly RowTime[] {
  const { runIds, exports, last } = selection
  const newest =
    last === undefined || runIds !== undefined
      ? undefined
      : newestTimes(db, exports, { ...selection, last })
  return newest ?? readTimes(db, rowsOf, selection)
}

function conditionFor({ runIds, exports }: Selection): RowCondition {
  const conditions: string[] = []
  const parameters: string[] = []
  for (const [column, names] of [
    ['run_id', runIds],
    ['export_name', exports],
  ] as const) {
    if (names === undefined) continue
    // One JSON text for all names, because SQLite limits the number of parameters.
    conditions.push(`${column} IN (SELECT value FROM json_each(?))`)
    parameters.push(JSON.stringify(names))
  }
  return { condition: conditions.join(' AND '), parameters }
}

function inTime(times: readonly RowTime[], selection: Selection): readonly RowTime[] {
  if (!asksForTime(selection)) return times
  return times.filter(
    ({ endedUnixNano }) => endedUnixNano === undefined || endedInTime(selection, endedUnixNano),
  )
}

/** The newest so many, and those that ended at the same time as the oldest of them. */
function newest(times: readonly RowTime[], last: number | undefined): readonly RowTime[] {
  if (last === undefined || last >= times.length) return times
  if (last === 0) return []
  const inOrder = times.map(timeOf).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const limit = inOrder[inOrder.length - last] ?? BEFORE_ALL
  return times.filter((time) => timeOf(time) >= limit)
}

const BEFORE_ALL = -(2n ** 127n)

function timeOf({ endedUnixNano }: RowTime): bigint {
  return endedUnixNano ?? BEFORE_ALL
}
