// A stand-in for `rivet run`, so that nightly.sh runs where rivet is not installed. It exports nothing: it leaves what rivet 0.32
// would leave of one small run, in .rivet_state.db beside the file that -c names.
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { RunJournal, stringifyJournal } from 'rivet-otel'

const { values } = parseArgs({
  options: { config: { type: 'string', short: 'c', default: 'rivet.yaml' } },
  allowPositionals: true,
})
const database = await open(join(dirname(values.config), '.rivet_state.db'))
database.exec(`
  CREATE TABLE IF NOT EXISTS run_journal (
    run_id TEXT PRIMARY KEY, export_name TEXT NOT NULL, finished_at TEXT NOT NULL, journal_json TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS run_status (
    run_id TEXT PRIMARY KEY, export_name TEXT NOT NULL, prefix TEXT NOT NULL, status TEXT NOT NULL,
    started_at TEXT NOT NULL, finished_at TEXT, source TEXT, plan_id TEXT);
  CREATE TABLE IF NOT EXISTS export_metrics (
    id INTEGER PRIMARY KEY AUTOINCREMENT, export_name TEXT NOT NULL, run_at TEXT NOT NULL,
    duration_ms INTEGER NOT NULL, total_rows INTEGER NOT NULL, status TEXT NOT NULL, run_id TEXT)`)

const began = new Date()
const runId = `orders_${began.toISOString().replaceAll(/[-:Z]/g, '')}_${process.pid}`
const journal = new RunJournal(runId, 'orders')
database
  .prepare('INSERT INTO run_status VALUES (?, ?, ?, ?, ?, NULL, ?, NULL)')
  .run(runId, 'orders', 'file:///out', 'running', rfc3339(began), 'postgres://127.0.0.1:5432/shop')
for (const chunk_index of [0, 1]) {
  const [start_key, end_key] = [`${chunk_index * 100 + 1}`, `${chunk_index * 100 + 100}`]
  journal.record({ ChunkStarted: { chunk_index, start_key, end_key } })
  await sleep(20)
  journal.record({ ChunkCompleted: { chunk_index, rows: 100, file_name: `orders_${chunk_index}` } })
}
const ended = new Date()
const duration_ms = ended.getTime() - began.getTime()
journal.record({ RunCompleted: { status: 'success', error_message: null, duration_ms } })
database
  .prepare('INSERT INTO run_journal VALUES (?, ?, ?, ?)')
  .run(runId, 'orders', rfc3339(ended), stringifyJournal(journal))
database
  .prepare('UPDATE run_status SET status = ?, finished_at = ? WHERE run_id = ?')
  .run('success', rfc3339(ended), runId)
database
  .prepare('INSERT INTO export_metrics VALUES (NULL, ?, ?, ?, ?, ?, ?)')
  .run('orders', rfc3339(ended), duration_ms, 200, 'success', runId)
database.close()
console.log(`stand-in for rivet: ${runId} is in the state database`)

/** @param {Date} time */
function rfc3339(time) {
  return time.toISOString().replace('Z', '+00:00')
}

/** @param {string} file */
async function open(file) {
  const builtIn = /** @type {typeof import('node:sqlite') | undefined} */ (
    process.getBuiltinModule('node:sqlite')
  )
  if (builtIn !== undefined) return new builtIn.DatabaseSync(file)
  const { default: Database } = await import('better-sqlite3')
  return new Database(file)
}
