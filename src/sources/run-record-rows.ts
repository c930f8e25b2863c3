/**
 * Rows of rivet's tables beside the journals, as the plain data of `src/state/`.
 *
 * A value that cannot be read is absent. A row whose names cannot be read says nothing about a run.
 */
import type { Integer } from '../journal/events.js'
import { exactInteger } from '../json/lossless.js'
import type { RunLife } from '../state/resumption.js'
import type { HarmCounter, RunMetrics, RunStatusRow } from '../state/run-record.js'
import type { ChunkTask, LoggedFile } from '../state/unjournaled-run.js'
import { integerOf, type StateRow, textOf, timeOf } from './state-query.js'

/** Columns of `run_status`. */
export const STATUS_TEXTS = [
  ...['run_id', 'export_name', 'prefix', 'status', 'started_at', 'finished_at', 'source'],
]

/** Columns of `export_metrics` that hold texts. */
export const METRICS_TEXTS = [
  ...['run_id', 'run_at', 'status', 'mode', 'source_type', 'rivet_version', 'error_class'],
]

/** Columns of `export_metrics` that hold integers. */
export const METRICS_INTEGERS = [
  ...['id', 'total_rows', 'files_produced', 'bytes_written', 'bytes_read', 'peak_rss_mb'],
  ...['pg_temp_bytes_delta', 'chunk_size', 'parallel'],
]

/** Columns of `chunk_task` that hold texts. */
export const TASK_TEXTS = [
  ...['start_key', 'end_key', 'status', 'last_error', 'file_name', 'updated_at'],
]

/** Columns of `chunk_task` that hold integers. */
export const TASK_INTEGERS = ['chunk_index', 'attempts', 'rows_written']

/** A row about a run, and when it was written. */
export interface Noted<T> {
  readonly runId: string
  /** Nanoseconds since 1970. */
  readonly notedUnixNano: bigint | undefined
  readonly value: T
}

/** A row of `run_status` that names its run. */
export interface StatusOfRun {
  readonly life: RunLife
  readonly row: RunStatusRow
}

/**
 * What a row of `run_status` says; `undefined` where it names no run or no status.
 *
 * @example
 * statusIn(row)?.life.startedUnixNano
 */
export function statusIn(row: StateRow): StatusOfRun | undefined {
  const runId = textOf(row, 'run_id')
  const exportName = textOf(row, 'export_name')
  const status = textOf(row, 'status')
  if (runId === undefined || exportName === undefined || status === undefined) return undefined
  const known = defined({
    startedUnixNano: timeOf(row, 'started_at'),
    finishedUnixNano: timeOf(row, 'finished_at'),
    source: textOf(row, 'source'),
  })
  return {
    life: { runId, exportName, status, ...known },
    row: { status, ...known, ...defined({ prefix: textOf(row, 'prefix') }) },
  }
}

/**
 * What a row of `export_metrics` says; `undefined` where it names no run.
 *
 * @example
 * metricsIn(row)?.value.rows // 400000
 */
export function metricsIn(row: StateRow): Noted<RunMetrics> | undefined {
  const runId = textOf(row, 'run_id')
  if (runId === undefined) return undefined
  const value = defined({
    status: textOf(row, 'status'),
    sourceType: textOf(row, 'source_type'),
    rivetVersion: textOf(row, 'rivet_version'),
    mode: textOf(row, 'mode'),
    rows: integerOf(row, 'total_rows'),
    files: integerOf(row, 'files_produced'),
    bytesWritten: integerOf(row, 'bytes_written'),
    bytesRead: integerOf(row, 'bytes_read'),
    peakRssMb: integerOf(row, 'peak_rss_mb'),
    tempBytes: integerOf(row, 'pg_temp_bytes_delta'),
    chunkSize: integerOf(row, 'chunk_size'),
    parallel: integerOf(row, 'parallel'),
    errorClass: textOf(row, 'error_class'),
  })
  return { runId, notedUnixNano: timeOf(row, 'run_at'), value }
}

/**
 * What a row of `export_harm` says; `undefined` where it names no run, no counter or no number.
 *
 * @example
 * harmIn(row)?.value // { metric: 'pg_blks_hit', delta: 15325 }
 */
export function harmIn(row: StateRow): Noted<HarmCounter> | undefined {
  const runId = textOf(row, 'run_id')
  const metric = textOf(row, 'metric')
  const delta = integerOf(row, 'delta')
  if (runId === undefined || metric === undefined || delta === undefined) return undefined
  return { runId, notedUnixNano: timeOf(row, 'recorded_at'), value: { metric, delta } }
}

/**
 * One counter for each name, in the order of the names: rows of the same name are added up.
 *
 * @example
 * addedUp([{ metric: 'a', delta: 1 }, { metric: 'a', delta: 2 }]) // [{ metric: 'a', delta: 3 }]
 */
export function addedUp(counters: readonly HarmCounter[]): HarmCounter[] {
  const sums = new Map<string, bigint>()
  for (const { metric, delta } of counters)
    sums.set(metric, (sums.get(metric) ?? 0n) + BigInt(delta))
  const metrics = [...sums].sort(([a], [b]) => (a < b ? -1 : 1))
  return metrics.map(([metric, sum]) => ({ metric, delta: exactInteger(sum) }))
}

/**
 * The chunk that a row of `chunk_task` is about; `undefined` where it does not say which or how far.
 *
 * @example
 * taskIn(row)?.status // 'completed'
 */
export function taskIn(row: StateRow): ChunkTask | undefined {
  const chunkIndex = integerOf(row, 'chunk_index')
  const startKey = textOf(row, 'start_key')
  const endKey = textOf(row, 'end_key')
  const status = textOf(row, 'status')
  const attempts = integerOf(row, 'attempts')
  if (chunkIndex === undefined || startKey === undefined || endKey === undefined) return undefined
  if (status === undefined || attempts === undefined) return undefined
  const more = defined({
    lastError: textOf(row, 'last_error'),
    rows: integerOf(row, 'rows_written'),
    fileName: textOf(row, 'file_name'),
    updatedUnixNano: timeOf(row, 'updated_at'),
  })
  return { chunkIndex, startKey, endKey, status, attempts, ...more }
}

/**
 * The file that a row of `file_log` is about; `undefined` where it does not name it.
 *
 * @example
 * fileIn(row)?.bytes // 947201
 */
export function fileIn(row: StateRow): LoggedFile | undefined {
  const fileName = textOf(row, 'file_name')
  if (fileName === undefined) return undefined
  const more = defined({
    rows: integerOf(row, 'row_count'),
    bytes: integerOf(row, 'bytes'),
    createdUnixNano: timeOf(row, 'created_at'),
  })
  return { fileName, ...more }
}

type Known = string | Integer | undefined

/** Without the members that are undefined. */
function defined<T extends { readonly [member: string]: Known }>(
  members: T,
): { [K in keyof T]?: NonNullable<T[K]> } {
  const known: { [K in keyof T]?: NonNullable<T[K]> } = {}
  for (const name in members) {
    const value = members[name]
    if (value !== undefined && value !== null) known[name] = value
  }
  return known
}
