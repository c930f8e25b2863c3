/** Rows of rivet's tables for tests, and times by the second: `AT(5)` is five seconds after `AT(0)`. */
import { formatTimestamp } from '../../src/journal/timestamp.js'
import type { TableRow } from './rivet-tables.js'

type Values = TableRow['values']

const START = 1_795_251_200n * 1_000_000_000n

/** The time that many seconds after the beginning, in nanoseconds since 1970. */
export function nano(seconds: number): bigint {
  return START + BigInt(Math.round(seconds * 1e9))
}

/** The same as rivet writes it. */
export function at(seconds: number): string {
  return formatTimestamp(nano(seconds)).replace('Z', '+00:00')
}

/** A row of `run_status`; `finished` in seconds, `undefined` while it runs. */
export function status(
  run_id: string,
  state: string,
  started: number,
  finished?: number,
  more: Values = {},
): TableRow {
  const finished_at = finished === undefined ? null : at(finished)
  const values = { run_id, export_name: 'orders', prefix: 'file:///out', status: state }
  return {
    table: 'run_status',
    values: { ...values, started_at: at(started), finished_at, ...more },
  }
}

/** A row of `run_journal` with a journal of one entry. */
export function journal(run_id: string, finished: number, export_name = 'orders'): TableRow {
  const event = { RunCompleted: { status: 'success', duration_ms: 7 } }
  const entries = [{ recorded_at: at(finished), event }]
  const journal_json = JSON.stringify({ run_id, export_name, entries })
  return {
    table: 'run_journal',
    values: { run_id, export_name, finished_at: at(finished), journal_json },
  }
}

/** A row of `export_metrics`. */
export function metrics(
  run_id: string | null,
  state: string,
  run: number,
  rows: number | bigint,
  more: Values = {},
): TableRow {
  const values = { run_id, export_name: 'orders', status: state, run_at: at(run), total_rows: rows }
  return { table: 'export_metrics', values: { ...values, duration_ms: 1, ...more } }
}

/** A row of `export_harm`. */
export function harm(
  run_id: string,
  metric: string,
  delta: number | bigint,
  recorded: number,
): TableRow {
  const values = { run_id, export_name: 'orders', metric, delta, recorded_at: at(recorded) }
  return { table: 'export_harm', values }
}

/** A row of `chunk_task`. */
export function task(
  run_id: string,
  chunk_index: number | bigint,
  state: string,
  updated: number,
  more: Values = {},
): TableRow {
  const values = { run_id, chunk_index, start_key: '1', end_key: '9', status: state, attempts: 1 }
  return { table: 'chunk_task', values: { ...values, updated_at: at(updated), ...more } }
}

/** A row of `file_log`. */
export function file(run_id: string, file_name: string, created: number): TableRow {
  const values = { run_id, export_name: 'orders', file_name, row_count: 250, bytes: 1397 }
  return { table: 'file_log', values: { ...values, format: 'csv', created_at: at(created) } }
}

/** A row of `load_run`. */
export function load(
  load_id: string,
  finished: number,
  runIds: readonly string[] | string,
  more: Values = {},
): TableRow {
  const source_run_ids = typeof runIds === 'string' ? runIds : JSON.stringify(runIds)
  const values = { load_id, export_name: 'orders', target_table: 'p.d.orders', mode: 'append' }
  return {
    table: 'load_run',
    values: {
      ...{ ...values, warehouse: 'bigquery', source_run_ids, rows_loaded: 10 },
      ...{ status: 'success', finished_at: at(finished), ...more },
    },
  }
}
