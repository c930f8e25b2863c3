/** Rows of the tables that rivet keeps beside its journals, in a database with the tables of a real one. */
import { readFileSync, writeFileSync } from 'node:fs'
import { smallRun } from '../e2e/small-runs.js'
import { insert, openToWrite, SHOP, type WritableDatabase } from './places.js'

const TABLES = [
  'run_journal',
  'run_status',
  'export_metrics',
  'export_harm',
  'chunk_run',
  'chunk_task',
  'file_log',
  'load_run',
]

/** Makes a state database with all tables of a real one, and no rows. */
export function emptyState(file: string): void {
  writeFileSync(file, readFileSync(SHOP))
  changing(file, (database) => {
    for (const table of TABLES) database.exec(`DELETE FROM ${table}`)
  })
}

/** Does something with a database that is open for writing, and closes it. */
export function changing(file: string, change: (database: WritableDatabase) => void): void {
  const database = openToWrite(file)
  try {
    database.exec('PRAGMA busy_timeout = 5000')
    database.exec('BEGIN')
    change(database)
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

/** A row as its columns. */
export type Columns = Readonly<Record<string, string | number | null>>

/** Puts a row into a table; one with the same key is replaced. */
export function put(database: WritableDatabase, table: string, columns: Columns): void {
  const names = Object.keys(columns)
  const marks = names.map(() => '?').join(', ')
  database.run(
    `INSERT OR REPLACE INTO ${table} (${names.join(', ')}) VALUES (${marks})`,
    ...Object.values(columns),
  )
}

const STARTED = '2026-11-21T08:53:39.000000000+00:00'
const ENDED = '2026-11-21T08:53:39.224857123+00:00'

/** A row of `run_status`; of a run that ended well unless it says otherwise. */
export function putStatus(database: WritableDatabase, run_id: string, columns: Columns = {}): void {
  put(database, 'run_status', {
    run_id,
    export_name: 'orders',
    prefix: 'file:///srv/out/orders',
    status: 'success',
    started_at: STARTED,
    finished_at: ENDED,
    source: 'postgres://127.0.0.1:5432/shop',
    ...columns,
  })
}

/** A row of `export_metrics`. */
export function putMetrics(
  database: WritableDatabase,
  run_id: string,
  columns: Columns = {},
): void {
  put(database, 'export_metrics', {
    run_id,
    export_name: 'orders',
    run_at: ENDED,
    duration_ms: 90,
    total_rows: 50_000,
    status: 'success',
    source_type: 'postgres',
    bytes_read: 1_000,
    ...columns,
  })
}

/** A row of `load_run`. */
export function putLoad(database: WritableDatabase, load_id: string, columns: Columns = {}): void {
  put(database, 'load_run', {
    load_id,
    export_name: 'orders',
    target_table: 'project.shop.orders',
    warehouse: 'bigquery',
    mode: 'append',
    source_run_ids: '["orders_0"]',
    rows_loaded: 50_000,
    status: 'success',
    finished_at: '2026-11-21T09:00:00+00:00',
    ...columns,
  })
}

/** A small run with its journal and all that rivet keeps beside it. */
export function putRun(database: WritableDatabase, run_id: string): void {
  const text = smallRun(run_id).trim()
  database.run('DELETE FROM run_journal WHERE run_id = ?', run_id)
  insert(database, { run_id, export_name: 'orders', finished_at: ENDED, text })
  putStatus(database, run_id)
  putMetrics(database, run_id)
}

/** A run that was killed: rivet's next run of the export noticed it at that time. */
export function putKilled(
  database: WritableDatabase,
  run_id: string,
  noticed = '2026-11-21T08:50:00+00:00',
): void {
  putStatus(database, run_id, {
    status: 'interrupted',
    started_at: '2026-11-21T08:40:00+00:00',
    finished_at: noticed,
  })
}
