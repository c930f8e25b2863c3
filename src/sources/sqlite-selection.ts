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

/**
 * The rows of all runs whose run_id begins so, oldest first. In a database of another encoding than
 * UTF-8, whose texts have another order, all rows.
 *
 * @example
 * await access.read((db) => rowsBeginning(db, 'orders_20261121T'))
 */
export function rowsBeginning(db: SqliteConnection, beginning: string): RunRow[] {
  const [row] = db.all('SELECT encoding FROM pragma_encoding')
  const isInOrder = row?.encoding === 'UTF-8' && beginning.isWellFormed()
  if (!isInOrder || beginning === '') return readRows(db, '').sort(oldestFirst)
  const after = textAfter(beginning)
  const from = 'run_id >= ? COLLATE BINARY'
  const rows =
    after === undefined
      ? readRows(db, from, beginning)
      : readRows(db, `${from} AND run_id < ? COLLATE BINARY`, beginning, after)
  return rows.sort(oldestFirst)
}

/** The first text after all that begin so, in the order of UTF-8; `undefined` where there is none. */
function textAfter(beginning: string): string | undefined {
  const characters = [...beginning]
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const code = last.codePointAt(0) ?? LAST_CODE_POINT
    if (code === LAST_CODE_POINT) continue
    const next = code + 1 === FIRST_SURROGATE ? AFTER_SURROGATES : code + 1
    return characters.join('') + String.fromCodePoint(next)
  }
  return undefined
}

const LAST_CODE_POINT = 0x10_ffff
const [FIRST_SURROGATE, AFTER_SURROGATES] = [0xd800, 0xe000]

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
