/**
 * Makes a state database of any size, as rivet leaves it behind: rivet's own tables and indexes (those of
 * `examples/shop.rivet_state.db`), in WAL mode, with the rows that a run leaves in `run_status`, `run_journal`,
 * `export_metrics`, `export_harm` and `file_log` (of that only its first file), in the order in which rivet writes them.
 *
 * The same options give the same rows. It runs on Node 20 (with `better-sqlite3`) and newer; 100,000 runs of 60 chunks are
 * 2 GB and take a quarter of a minute.
 *
 * On a command line: `node state-database.mjs FILE [RUNS] [CHUNKS]`.
 */
import { copyFileSync, rmSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * @typedef {object} StateDatabaseOptions
 * @property {number} [runs] how many runs have ended; default 100
 * @property {number} [chunks] chunks of a run, 320 bytes of journal each; default 60
 * @property {number} [exports] how many exports take turns; default 50
 * @property {number} [everySeconds] a run begins every so many seconds; default 60
 * @property {number} [endMs] when the last run begins, in ms since 1970; default 2026-11-21T08:00:00Z
 * @property {number} [failedEvery] one of so many runs fails; default 50
 */

/** @typedef {{ exec(sql: string): unknown, prepare(sql: string): { run(...values: (string | number | null)[]): unknown }, close(): void }} Database */

const EXAMPLE = fileURLToPath(new URL('../../examples/shop.rivet_state.db', import.meta.url))
const END_MS = Date.UTC(2026, 10, 21, 8)
const CHUNK_MS = 150
const ROWS = 25_000
const SOURCE = 'postgres://127.0.0.1:5432/shop'
const HARM = ['blks_read', 'blks_hit', 'tup_returned', 'tup_fetched', 'temp_files', 'deadlocks']
/** What a run ends with that is the same for all. */
const METRICS = {
  tuning_profile: 'balanced',
  format: 'parquet',
  mode: 'chunked',
  source_type: 'postgres',
  destination_type: 'local',
  rivet_version: '0.32.2',
  chunk_key: 'id',
  schema_fingerprint: 'xxh3:8d37953f5816576a',
  key_descriptor_json: '{"strategy":"chunked","key":"id","db_type":"int8"}',
  server_context_json:
    '{"engine":"postgres","version":"PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit","statement_timeout":"0","idle_in_transaction_session_timeout":"0","time_zone":"UTC","max_connections":"100"}',
}

/**
 * Makes the database; a file that is there is replaced.
 *
 * @param {string} path
 * @param {StateDatabaseOptions} [options]
 */
export async function writeStateDatabase(path, options = {}) {
  const { runs = 100 } = options
  for (const ending of ['-wal', '-shm', '-journal']) rmSync(path + ending, { force: true })
  copyFileSync(EXAMPLE, path)
  const database = await openToWrite(path)
  try {
    database.exec(
      'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000',
    )
    empty(database)
    database.exec('BEGIN')
    const add = rowsInto(database)
    for (let i = 0; i < runs; i++) add(stateRun(i, options))
    database.exec('COMMIT; PRAGMA journal_mode = WAL')
  } finally {
    database.close()
  }
}

/**
 * Adds one run more to a database, in a transaction of its own, as rivet does while others look on.
 *
 * @param {Database} database open for writing
 * @param {StateRun} run
 */
export function addRun(database, run) {
  database.exec('BEGIN IMMEDIATE')
  rowsInto(database)(run)
  database.exec('COMMIT')
}

/**
 * Opens a database with the SQLite of this Node, or `better-sqlite3`.
 *
 * @param {string} path
 * @returns {Promise<Database>}
 */
export async function openToWrite(path) {
  const builtIn = process.getBuiltinModule?.('node:sqlite')
  if (builtIn !== undefined) return new builtIn.DatabaseSync(path)
  const { default: Better } = await import('better-sqlite3')
  return new Better(path)
}

/**
 * @typedef {object} StateRun
 * @property {string} runId
 * @property {string} exportName
 * @property {string} status
 * @property {string} startedAt
 * @property {string} finishedAt
 * @property {number} durationMs
 * @property {number} chunks
 * @property {string} journal
 */

/**
 * The run of a number, as {@link writeStateDatabase} writes it.
 *
 * @param {number} i
 * @param {StateDatabaseOptions} [options]
 * @returns {StateRun}
 */
export function stateRun(i, options = {}) {
  const { runs = 100, chunks = 60, exports = 50, everySeconds = 60, endMs = END_MS } = options
  const { failedEvery = 50 } = options
  const startMs = endMs - (runs - 1 - i) * everySeconds * 1000
  const exportName = exportNameOf(i % exports)
  const stamp = new Date(startMs).toISOString()
  const second = stamp.slice(0, 19).replaceAll(/[-:]/g, '')
  const runId = `${exportName}_${second}.${stamp.slice(20, 23)}_${10_000 + (i % 50_000)}`
  const durationMs = (chunks + 1) * CHUNK_MS
  const status = i % failedEvery === failedEvery - 1 ? 'failed' : 'success'
  return {
    runId,
    exportName,
    status,
    startedAt: timeOf(startMs, i, '+00:00'),
    finishedAt: timeOf(startMs + durationMs, i + 7, '+00:00'),
    durationMs,
    chunks,
    journal: journalOf({ i, runId, exportName, second, startMs, durationMs, status, chunks }),
  }
}

/** @param {number} n */
function exportNameOf(n) {
  return `${['orders', 'customers', 'events', 'payments', 'stock'][n % 5]}${n < 5 ? '' : `_${Math.floor(n / 5)}`}`
}

/** @param {{ i: number, runId: string, exportName: string, second: string, startMs: number, durationMs: number, status: string, chunks: number }} run */
function journalOf({ i, runId, exportName, second, startMs, durationMs, status, chunks }) {
  let text = `{"run_id":"${runId}","export_name":"${exportName}","entries":[{"recorded_at":"${timeOf(startMs, i, 'Z')}","event":{"PlanResolved":{"export_name":"${exportName}","base_query":"SELECT * FROM ${exportName}","strategy":"chunked","format":"parquet","compression":"zstd","destination_type":"local","tuning_profile":"balanced (default)","batch_size":10000,"validate":true,"reconcile":false,"resume":false,"chunk_key":"id","resumable":false,"row_hash":null}}}`
  for (let chunk = 0; chunk < chunks; chunk++) {
    const atMs = startMs + CHUNK_MS * (chunk + 0.1)
    const key = chunk * ROWS
    text += `,{"recorded_at":"${timeOf(atMs, i + chunk, 'Z')}","event":{"ChunkStarted":{"chunk_index":${chunk},"start_key":"${key + 1}","end_key":"${key + ROWS}"}}}`
    text += `,{"recorded_at":"${timeOf(atMs + CHUNK_MS * 0.8, i - chunk, 'Z')}","event":{"ChunkCompleted":{"chunk_index":${chunk},"rows":${ROWS},"file_name":"${fileNameOf(exportName, second, i, chunk)}"}}}`
  }
  const end = timeOf(startMs + durationMs, i, 'Z')
  const error = status === 'failed' ? '"RIVET_DEST_WRITE: no space left on device"' : 'null'
  return `${text},{"recorded_at":"${end}","event":{"RunCompleted":{"status":"${status}","error_message":${error},"duration_ms":${durationMs}}}}]}`
}

/** @param {string} exportName @param {string} second @param {number} i @param {number} chunk */
function fileNameOf(exportName, second, i, chunk) {
  const mark = Math.imul(i + 1, 2_654_435_761) ^ Math.imul(chunk + 1, 40_503)
  const hex = (mark >>> 0).toString(16).padStart(8, '0')
  return `${exportName}_${second.replace('T', '_')}_chunk${chunk}_${hex}${hex}.parquet`
}

let knownSecond = Number.NaN
let knownText = ''

/** A time with nine digits, the last six of which follow from the seed. @param {number} ms @param {number} seed @param {string} zone */
function timeOf(ms, seed, zone) {
  const second = Math.floor(ms / 1000)
  if (second !== knownSecond) {
    knownSecond = second
    knownText = new Date(second * 1000).toISOString().slice(0, 19)
  }
  const milli = String(1000 + Math.floor(ms - second * 1000)).slice(1)
  const rest = String(1_000_000 + ((Math.abs(seed) * 7_919 + 134_437) % 1_000_000)).slice(1)
  return `${knownText}.${milli}${rest}${zone}`
}

/** @param {Database} database */
function empty(database) {
  const tables = ['export_metrics', 'export_harm', 'export_schema', 'export_shape', 'export_state']
  const others = ['file_log', 'chunk_run', 'chunk_task', 'export_progression', 'run_aggregate']
  const more = ['run_journal', 'run_status', 'load_spec_version', 'export_load_spec_run']
  for (const table of [...tables, ...others, ...more, 'export_load_spec'])
    database.exec(`DELETE FROM ${table}`)
  database.exec('VACUUM')
}

/** @param {Database} database @returns {(run: StateRun) => void} */
function rowsInto(database) {
  const status = database.prepare(
    'INSERT INTO run_status (run_id, export_name, prefix, status, started_at, finished_at, source) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const journal = database.prepare(
    'INSERT INTO run_journal (run_id, export_name, finished_at, journal_json) VALUES (?, ?, ?, ?)',
  )
  const names = Object.keys(METRICS)
  const metrics = database.prepare(
    `INSERT INTO export_metrics (run_id, export_name, run_at, status, duration_ms, total_rows, files_produced, files_committed, bytes_written, bytes_read, peak_rss_mb, retries, validated, chunk_size, parallel, batch_size, ${names.join(', ')}) VALUES (${'?, '.repeat(16)}${names.map(() => '?').join(', ')})`,
  )
  const harm = database.prepare(
    'INSERT INTO export_harm (run_id, export_name, metric, delta, recorded_at) VALUES (?, ?, ?, ?, ?)',
  )
  const file = database.prepare(
    'INSERT INTO file_log (run_id, export_name, file_name, row_count, bytes, format, compression, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const values = Object.values(METRICS)
  return (run) => {
    const { runId, exportName, startedAt, finishedAt, durationMs, chunks } = run
    const [rows, bytes] = [chunks * ROWS, chunks * 947_616]
    const prefix = `file:///srv/shop/out/${exportName}`
    status.run(runId, exportName, prefix, run.status, startedAt, finishedAt, SOURCE)
    file.run(runId, exportName, `${runId}_chunk0`, ROWS, 947_616, 'parquet', 'zstd', startedAt)
    journal.run(runId, exportName, finishedAt, run.journal)
    const numbers = [durationMs, rows, chunks, chunks, bytes, bytes * 3, 39, 0, 1, ROWS, 1, 10_000]
    metrics.run(runId, exportName, finishedAt, run.status, ...numbers, ...values)
    HARM.forEach((name, n) => {
      harm.run(runId, exportName, `pg_${name}`, n < 4 ? 2_061 * n : 0, finishedAt)
    })
  }
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const [path, runs = '100', chunks = '60'] = argv.slice(2)
  if (path === undefined) throw new Error('usage: node state-database.mjs FILE [RUNS] [CHUNKS]')
  await writeStateDatabase(path, { runs: Number(runs), chunks: Number(chunks), endMs: Date.now() })
}
