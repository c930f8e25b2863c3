/**
 * Which SQLite library is used: Node's own where there is one, else the optional package.
 */
import { missingSqlite } from '../sqlite/missing-sqlite.js'
import { betterSqliteDriver } from './sqlite-better.js'
import type { SqliteDriver, SqliteDriverName } from './sqlite-connection.js'
import { nodeSqliteDriver } from './sqlite-node.js'

const UNDONE = 'a SQLite state database cannot be read'

/**
 * The SQLite library to use; a name insists on one.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where there is none, with what to install.
 * @example
 * (await sqliteDriver()).name // 'node:sqlite'
 */
export async function sqliteDriver(name?: SqliteDriverName): Promise<SqliteDriver> {
  const builtIn = name === 'better-sqlite3' ? undefined : nodeSqliteDriver()
  if (builtIn !== undefined) return builtIn
  if (name === 'node:sqlite') throw missingSqlite(UNDONE)
  try {
    return await betterSqliteDriver()
  } catch (error) {
    throw missingSqlite(UNDONE, error)
  }
}
