/** State databases in SQLite with rivet's tables, as any of its releases made them. */
import { join } from 'node:path'
import type { StateContents } from '../contracts/records-contract.js'
import { insertionOf, rivetTables } from '../contracts/rivet-tables.js'
import { newFolder, openToWrite } from './places.js'

/** Makes a closed database of these contents and says where it lies. */
export function recordsDatabase({ version, rows, changes }: StateContents): string {
  const file = join(newFolder(), '.rivet_state.db')
  const database = openToWrite(file)
  database.exec('PRAGMA journal_mode = wal')
  database.exec('BEGIN')
  for (const sql of [...rivetTables('sqlite', version), ...changes]) database.exec(sql)
  for (const row of rows) database.exec(insertionOf(row))
  database.exec('COMMIT')
  database.close()
  return file
}
