/** A SQLite state database for the feed's tests, with a writer in a process of its own. */
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { openSqliteSource } from '../../src/sources/sqlite.js'
import type { SqliteDriverName } from '../../src/sources/sqlite-connection.js'
import type { FeedPlace } from '../contracts/feed-contract.js'
import type { ContractRow } from '../contracts/source-contract.js'
import { newFolder, openToWrite, stateDatabase } from './places.js'
import { SqlWriter } from './sql-writer.js'

/** How rivet finds the journals of an export. */
export const EXPORT_INDEX =
  'CREATE INDEX idx_run_journal_export ON run_journal(export_name, finished_at DESC)'

/** How the places of the tests differ. */
export interface SqlitePlaceOptions {
  readonly driver: SqliteDriverName
  readonly mode: 'wal' | 'delete'
  readonly pageSize?: number
  readonly isIndexed?: boolean
}

/** A place that knows its file. */
export interface SqlitePlace extends FeedPlace {
  readonly file: string
  write(sql: string): Promise<void>
}

/** Makes a place with these rows. */
export async function sqlitePlace(
  rows: readonly ContractRow[],
  { driver, mode, pageSize = 4096, isIndexed = true }: SqlitePlaceOptions,
): Promise<SqlitePlace> {
  const file = makeDatabase(rows, mode, pageSize, isIndexed)
  const source = await openSqliteSource(file, { driver })
  let writer = await openWriter(file)
  const write = (sql: string) => writer.run(sql)
  const copyOver = async () => {
    const copy = join(newFolder(), 'copy.db')
    await write(`VACUUM INTO '${copy}'`)
    await writer.end()
    renameSync(copy, file)
    writer = await openWriter(file)
    await write(`PRAGMA journal_mode = ${mode}`)
  }
  const events = [
    { name: 'VACUUM', isRebuild: true, happen: () => write('VACUUM') },
    { name: 'another database in its place', isRebuild: true, happen: copyOver },
    {
      name: 'a checkpoint',
      isRebuild: false,
      happen: () => write('PRAGMA wal_checkpoint(TRUNCATE)'),
    },
    {
      name: 'another writer',
      isRebuild: false,
      happen: async () => {
        await writer.end()
        writer = await openWriter(file)
      },
    },
    {
      name: 'a migration',
      isRebuild: true,
      happen: () => write('CREATE TABLE IF NOT EXISTS another (id); DROP TABLE another'),
    },
  ]
  return {
    ...{ file, source, write, events },
    put: (put) => write(`BEGIN; ${put.map(upsertion).join('; ')}; COMMIT`),
    remove: (runId) => write(`DELETE FROM run_journal WHERE run_id = '${runId}'`),
    close: async () => {
      await writer.end()
      await source.close()
    },
  }
}

/** A writer that does not wait for the disk. */
export async function openWriter(file: string): Promise<SqlWriter> {
  const writer = await SqlWriter.open(file)
  await writer.run('PRAGMA synchronous = OFF')
  return writer
}

/** A row as rivet writes it; every other one as `INSERT OR REPLACE`, which takes a new rowid. */
export function upsertion({ run_id, export_name, finished_at, text }: ContractRow): string {
  const values = [run_id, export_name, finished_at, text].map((v) => `'${v.replaceAll("'", "''")}'`)
  const columns = 'run_journal (run_id, export_name, finished_at, journal_json)'
  return Number(/\d(?=\+|Z|$)/.exec(finished_at)?.[0] ?? 0) % 3 === 2
    ? `INSERT OR REPLACE INTO ${columns} VALUES (${values})`
    : `INSERT INTO ${columns} VALUES (${values}) ON CONFLICT(run_id) DO UPDATE SET
        export_name = excluded.export_name, finished_at = excluded.finished_at, journal_json = excluded.journal_json`
}

function makeDatabase(
  rows: readonly ContractRow[],
  mode: 'wal' | 'delete',
  pageSize: number,
  isIndexed: boolean,
): string {
  const file = stateDatabase(rows, 'delete')
  const database = openToWrite(file)
  if (isIndexed) database.exec(EXPORT_INDEX)
  database.exec(`PRAGMA page_size = ${pageSize}`)
  database.exec('VACUUM')
  database.exec(`PRAGMA journal_mode = ${mode}`)
  database.close()
  return file
}
