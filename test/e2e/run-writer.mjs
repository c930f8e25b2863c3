/**
 * A process that adds runs to a state database as a busy rivet does, and never waits for a lock.
 *
 * Arguments: the file, how many runs a second, for how many seconds. It prints one line of JSON at its
 * end: how many it wrote, how often SQLite said that the database is locked, and its longest write in ms.
 */
import { setTimeout as sleep } from 'node:timers/promises'

const [file = '', rate = '50', seconds = '30'] = process.argv.slice(2)
const database = await open()
database.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 0')
database.exec(
  'CREATE TABLE IF NOT EXISTS run_journal (run_id TEXT PRIMARY KEY, export_name TEXT NOT NULL, finished_at TEXT NOT NULL, journal_json TEXT NOT NULL)',
)
const insert = database.prepare('INSERT INTO run_journal VALUES (?, ?, ?, ?)')
let written = 0
let busy = 0
let longestMs = 0
const start = performance.now()
const all = Number(rate) * Number(seconds)
while (written < all) {
  const due = Math.min(all, Math.floor(((performance.now() - start) / 1000) * Number(rate)) + 1)
  while (written < due) write(`orders_${written}`)
  await sleep(5)
}
console.log(JSON.stringify({ written, busy, longestMs: Math.round(longestMs) }))
database.close()

/** @param {string} runId */
function write(runId) {
  const ended = new Date().toISOString()
  const entries = Array.from({ length: 10 }, (_, i) => [
    `{"recorded_at":"${ended}","event":{"ChunkStarted":{"chunk_index":${i},"start_key":"${i}","end_key":"${i + 1}"}}}`,
    `{"recorded_at":"${ended}","event":{"ChunkCompleted":{"chunk_index":${i},"rows":25000,"file_name":"${runId}_${i}.parquet"}}}`,
  ]).flat()
  const journal = `{"run_id":"${runId}","export_name":"orders","entries":[${entries.join(',')}]}`
  const before = performance.now()
  try {
    insert.run(runId, 'orders', ended, journal)
    written++
  } catch (error) {
    if (!String(error).includes('locked')) throw error
    busy++
  }
  longestMs = Math.max(longestMs, performance.now() - before)
}

async function open() {
  if (Number(process.versions.node.split('.')[0]) >= 22) {
    const { DatabaseSync } = await import('node:sqlite')
    return new DatabaseSync(file)
  }
  const { default: Database } = await import('better-sqlite3')
  return new Database(file, { timeout: 0 })
}
