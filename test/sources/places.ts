/**
 * Places that the tests read from: temporary folders, state databases in any condition, and what
 * there is to know about their bytes.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SqliteDriverName } from '../../src/sources/sqlite-connection.js'
import { sqliteDriver } from '../../src/sources/sqlite-driver.js'
import type { ContractRow } from '../contracts/source-contract.js'

const require = createRequire(import.meta.url)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The table as rivet 0.32 makes it. */
export const RUN_JOURNAL = `CREATE TABLE run_journal (
  run_id TEXT PRIMARY KEY, export_name TEXT NOT NULL, finished_at TEXT NOT NULL, journal_json TEXT NOT NULL
)`

/** The real state database of the examples. */
export const SHOP = join(ROOT, 'examples', 'shop.rivet_state.db')

/** A new folder, which the operating system removes. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-test-'))
  chmodSync(folder, 0o755)
  return folder
}

/** A database that the tests write. */
export interface WritableDatabase {
  exec(sql: string): void
  run(sql: string, ...parameters: readonly (string | number | bigint | null | Uint8Array)[]): void
  close(): void
}

/** Opens a database for writing, in this process: close it before anything else opens the file. */
export function openToWrite(file: string): WritableDatabase {
  const database = openWithAnyLibrary(file)
  return {
    exec: (sql) => void database.exec(sql),
    run: (sql, ...parameters) => void database.prepare(sql).run(...parameters),
    close: () => database.close(),
  }
}

function openWithAnyLibrary(file: string) {
  const builtIn = process.getBuiltinModule('node:sqlite') as
    | typeof import('node:sqlite')
    | undefined
  if (builtIn !== undefined) return new builtIn.DatabaseSync(file)
  return new (require('better-sqlite3') as typeof import('better-sqlite3'))(file)
}

/** Makes a closed state database with these rows and says where it lies. */
export function stateDatabase(
  rows: readonly ContractRow[],
  journalMode: 'wal' | 'delete' = 'wal',
  file = join(newFolder(), '.rivet_state.db'),
): string {
  const database = openToWrite(file)
  database.exec(`PRAGMA journal_mode = ${journalMode}`)
  database.exec(RUN_JOURNAL)
  database.exec('BEGIN')
  for (const row of rows) insert(database, row)
  database.exec('COMMIT')
  database.close()
  return file
}

/** Puts a row into an open database. */
export function insert(database: WritableDatabase, row: ContractRow): void {
  const { run_id, export_name, finished_at, text } = row
  database.run(
    'INSERT INTO run_journal VALUES (?, ?, ?, ?)',
    run_id,
    export_name,
    finished_at,
    text,
  )
}

/** The statement that puts a row in, for a writer in another process. */
export function insertion({ run_id, export_name, finished_at, text }: ContractRow): string {
  const values = [run_id, export_name, finished_at, text]
  return `INSERT INTO run_journal VALUES (${values.map((v) => `'${v.replaceAll("'", "''")}'`)})`
}

/** A writable copy of the real state database, in a folder of its own. */
export function shopCopy(): string {
  const file = join(newFolder(), '.rivet_state.db')
  writeFileSync(file, readFileSync(SHOP))
  return file
}

/** Every file of a folder with the SHA-256 of its bytes: two that are equal show no trace. */
export function fingerprint(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      if (statSync(join(folder, name)).isDirectory()) return `${name}/`
      const hash = createHash('sha256').update(readFileSync(join(folder, name)))
      return `${name} ${hash.digest('hex')}`
    })
}

/** The drivers that can be loaded on this Node, and why the others cannot. */
export async function driversHere(): Promise<{
  readonly here: SqliteDriverName[]
  readonly missing: { readonly name: SqliteDriverName; readonly reason: string }[]
}> {
  const here: SqliteDriverName[] = []
  const missing: { name: SqliteDriverName; reason: string }[] = []
  for (const name of ['node:sqlite', 'better-sqlite3'] as const) {
    try {
      await sqliteDriver(name)
      here.push(name)
    } catch (error) {
      missing.push({ name, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  for (const { name, reason } of missing) console.warn(`NOT CHECKED with ${name}: ${reason}`)
  return { here, missing }
}

/**
 * Compiles the sources for a process of its own, with only the packages that are named beside them.
 * The answer is the folder that holds `sources/sqlite.js`.
 */
export function compiledSources(packages: readonly string[]): string {
  const folder = newFolder()
  const tsc = join(require.resolve('typescript/package.json'), '..', 'bin', 'tsc')
  const files = ['sqlite.ts', 'json-file.ts'].map((file) => join(ROOT, 'src', 'sources', file))
  const settings = [
    ...['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2024', '--types', 'node'],
    ...['--strict', '--skipLibCheck', '--ignoreConfig'],
    ...['--rootDir', join(ROOT, 'src'), '--outDir', folder],
  ]
  execFileSync(process.execPath, [tsc, ...settings, ...files], { cwd: ROOT, stdio: 'pipe' })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  mkdirSync(join(folder, 'node_modules'))
  for (const name of packages)
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  return folder
}
