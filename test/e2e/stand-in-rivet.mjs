/**
 * Stands in for rivet: leaves runs in a state database as rivet does, beside the configuration that it
 * is given. The journals are those of the examples, with run_ids and times of now.
 *
 * `run --config FILE --export NAME [--count N] [--exit CODE] [--killed]`; a run that is to be killed
 * ends the process by SIGKILL in its middle, and the next one of its export finds it interrupted.
 * Each run prints its run_id.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

// Node 22 warns of its SQLite, which rivet would not.
process.removeAllListeners('warning')

const SHOP = fileURLToPath(new URL('../../examples/shop.rivet_state.db', import.meta.url))
const { values } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string', short: 'c', default: './rivet.yaml' },
    export: { type: 'string', default: 'events_full' },
    count: { type: 'string', default: '1' },
    exit: { type: 'string', default: '0' },
    killed: { type: 'boolean', default: false },
  },
})
const name = values.export
const examples = await readExamples()
const file = join(dirname(values.config), '.rivet_state.db')
const isNew = !existsSync(file)
const state = await open(file)
state.exec('PRAGMA busy_timeout = 5000')
if (isNew) state.exec('PRAGMA journal_mode = WAL')
makeTables()
const { run_id: oldId = '', journal_json: oldJournal = '' } = examples.rows.run_journal
for (let i = 0; i < Number(values.count); i++) await run(i)
state.close()
process.exitCode = Number(values.exit)

function makeTables() {
  const create = /^(CREATE (UNIQUE )?(TABLE|INDEX)) (IF NOT EXISTS )?/
  for (const sql of examples.tables) state.exec(sql.replace(create, '$1 IF NOT EXISTS '))
  state.exec('INSERT INTO schema_version VALUES (38)')
}

/** @param {number} number */
async function run(number) {
  const run_id = `${name}_${process.pid}_${number}`
  const { texts, first, last } = timesOf(oldJournal)
  const began = BigInt(Date.now() + 1) * 1_000_000n
  const at = (/** @type {bigint} */ time) => textOf(time - first + began)
  state
    .prepare(
      "UPDATE run_status SET status = 'interrupted', finished_at = ? WHERE status = 'running' AND export_name = ?",
    )
    .run(at(first), name)
  put('run_status', { run_id, status: 'running', started_at: at(first), finished_at: null })
  console.log(run_id)
  if (values.killed) process.kill(process.pid, 'SIGKILL')
  await sleep(Number((last - first) / 1_000_000n) + 2)
  let journal = oldJournal.replaceAll(oldId, run_id)
  for (const text of texts) journal = journal.replaceAll(text, at(nanosOf(text)))
  state.prepare('INSERT INTO run_journal VALUES (?, ?, ?, ?)').run(run_id, name, at(last), journal)
  state
    .prepare("UPDATE run_status SET status = 'success', finished_at = ? WHERE run_id = ?")
    .run(at(last), run_id)
  put('export_metrics', { run_id, id: null, run_at: at(last) })
}

/** A row of the examples, as it is but for what is new. */
function put(
  /** @type {'run_status' | 'export_metrics'} */ table,
  /** @type {Record<string, string | null>} */ changes,
) {
  const changed = { ...examples.rows[table], ...changes }
  const columns = Object.keys(changed)
  state
    .prepare(`INSERT INTO ${table} (${columns}) VALUES (${columns.map(() => '?')})`)
    .run(...Object.values(changed))
}

/** From a copy: a reader leaves files beside a database. */
async function readExamples() {
  const folder = mkdtempSync(join(tmpdir(), 'stand-in-rivet-'))
  const copy = join(folder, 'examples.db')
  copyFileSync(SHOP, copy)
  const database = await open(copy)
  const row = (/** @type {string} */ sql, /** @type {string} */ key) =>
    /** @type {Record<string, string>} */ (database.prepare(sql).get(key))
  const run_journal = row(
    'SELECT * FROM run_journal WHERE export_name = ? ORDER BY finished_at DESC',
    name,
  )
  const about = (/** @type {string} */ table) =>
    row(`SELECT * FROM ${table} WHERE run_id = ?`, run_journal.run_id ?? '')
  const rows = {
    run_journal,
    run_status: about('run_status'),
    export_metrics: about('export_metrics'),
  }
  const tables = database
    .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    .all()
    .map((table) => /** @type {{ sql: string }} */ (table).sql)
  database.close()
  rmSync(folder, { recursive: true })
  return { rows, tables }
}

function timesOf(/** @type {string} */ journal) {
  const texts = [...new Set(journal.match(/(?<="recorded_at":")[^"]+/g))]
  const times = texts.map(nanosOf)
  const last = times.reduce((a, b) => (a > b ? a : b))
  const duration = BigInt(/"duration_ms":(\d+)/.exec(journal)?.[1] ?? 0) * 1_000_000n
  const first = times.reduce((a, b) => (a < b ? a : b), last - duration)
  return { texts, first, last }
}

function nanosOf(/** @type {string} */ text) {
  const [, seconds = '', fraction = ''] = /^([^.]+?)(?:\.(\d+))?Z$/.exec(text) ?? []
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

function textOf(/** @type {bigint} */ nanos) {
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`
}

async function open(/** @type {string} */ path) {
  if (Number(process.versions.node.split('.')[0]) >= 22) {
    const { DatabaseSync } = await import('node:sqlite')
    return new DatabaseSync(path)
  }
  const { default: Database } = await import('better-sqlite3')
  return new Database(path)
}
