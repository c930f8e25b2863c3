/**
 * The names of the newest runs in a SQLite state database, for somebody who waits at a keyboard.
 *
 * It reads no journal, and nothing is checked: a run that is damaged has a name all the same. Like
 * every reading of a state database it leaves no trace. It promises to be done soon or to give up:
 * a database that is locked is not waited for, one that would have to be copied only where it is
 * small, and no more rows are looked at than a fixed number of those that were written last.
 */
import { resolve } from 'node:path'
import { SqliteAccess } from './sqlite-access.js'
import { asBytes, cellReader } from './sqlite-cells.js'
import { type SqliteConnection, SqliteFailure } from './sqlite-connection.js'
import { sqliteDriver } from './sqlite-driver.js'

/** What is wanted. */
export interface RunNamesWanted {
  /** Only runs with this in their run_id; those that begin so come first. */
  readonly part: string
  /** At most so many runs. */
  readonly most: number
}

/** A run by its names, and when it ended or, where it left no journal, began; as rivet wrote that. */
export interface RunName {
  readonly runId: string
  readonly exportName: string
  readonly at?: string
}

/** The runs, the newest first, and the exports, in no order. */
export interface RunNames {
  readonly runs: readonly RunName[]
  readonly exports: readonly string[]
}

/** Of so many of the newest runs the exports are named. */
const LOOKED_AT_FOR_EXPORTS = 10_000
const LIMITS = { patienceMs: 100, copiedBytes: 32 * 1024 * 1024 }
/** Among so many of the newest runs those are looked for that have it. */
const LOOKED_AT = 2_000
/** Later than any text that begins so. */
const LAST_CHARACTER = '\u{10ffff}'

/**
 * Reads the names.
 *
 * @throws {RivetOtelError} where there is no such state database, or it cannot be read soon enough.
 * @example
 * await sqliteRunNames('.rivet_state.db', { part: 'orders_', most: 50 })
 * // { runs: [{ runId: 'orders_2', exportName: 'orders', at: '2026-11-21T…' }], exports: ['orders'] }
 */
export async function sqliteRunNames(path: string, wanted: RunNamesWanted): Promise<RunNames> {
  const access = new SqliteAccess(resolve(path), await sqliteDriver(), path, LIMITS)
  try {
    return await access.read((db) => ({
      runs: newestRuns(db, wanted),
      exports: exportNames(db),
    }))
  } finally {
    await access.close()
  }
}

function newestRuns(db: SqliteConnection, { part, most }: RunNamesWanted): RunName[] {
  const journaled = newestIn(db, 'run_journal', 'finished_at', part)
  const newest = [...journaled, ...withoutJournal(db, part)].sort(newestFirst)
  const begun = newest.filter(({ runId }) => runId.startsWith(part))
  // Of one export the later run_id is the later run, because rivet writes the time into it.
  const older = part === '' || begun.length >= most ? [] : beginningSo(db, part, most)
  const runs = new Map<string, RunName>()
  for (const run of [...begun, ...older, ...newest])
    if (!runs.has(run.runId)) runs.set(run.runId, run)
  return [...runs.values()].slice(0, most)
}

/** An older rivet has no such table. */
function withoutJournal(db: SqliteConnection, part: string): RunName[] {
  try {
    return newestIn(db, 'run_status', 'started_at', part)
  } catch (error) {
    if (error instanceof SqliteFailure) return []
    throw error
  }
}

function newestIn(db: SqliteConnection, table: string, time: string, part: string): RunName[] {
  // rivet writes a row when a run ends or begins, and no index is by those times.
  const late = `SELECT rowid FROM ${table} ORDER BY rowid DESC LIMIT ${LOOKED_AT}`
  return namesFrom(
    db,
    `${columns(time)} FROM ${table} WHERE rowid IN (${late}) AND instr(run_id, ?) > 0`,
    part,
  )
}

function beginningSo(db: SqliteConnection, part: string, most: number): RunName[] {
  return namesFrom(
    db,
    `${columns('finished_at')} FROM run_journal WHERE run_id >= ? AND run_id < ? ORDER BY run_id DESC LIMIT ${most}`,
    part,
    part + LAST_CHARACTER,
  )
}

function exportNames(db: SqliteConnection): string[] {
  const cellOf = cellReader(db)
  const late = `SELECT export_name FROM run_journal ORDER BY rowid DESC LIMIT ${LOOKED_AT_FOR_EXPORTS}`
  return db.all(`SELECT DISTINCT ${asBytes('export_name')} FROM (${late})`).flatMap((row) => {
    const cell = cellOf(row.export_name)
    return 'text' in cell ? [cell.text] : []
  })
}

function columns(time: string): string {
  return `SELECT ${asBytes('run_id')}, ${asBytes('export_name')}, ${time} AS at`
}

function namesFrom(db: SqliteConnection, sql: string, ...parameters: string[]): RunName[] {
  const cellOf = cellReader(db)
  const names: RunName[] = []
  for (const row of db.each(sql, ...parameters)) {
    const runId = cellOf(row.run_id)
    const exportName = cellOf(row.export_name)
    if (!('text' in runId) || !('text' in exportName)) continue
    const at = typeof row.at === 'string' ? { at: row.at } : {}
    names.push({ runId: runId.text, exportName: exportName.text, ...at })
  }
  return names
}

function newestFirst(a: RunName, b: RunName): number {
  const [left, right] = [a.at ?? '', b.at ?? '']
  return left < right ? 1 : left > right ? -1 : a.runId < b.runId ? 1 : -1
}
