/**
 * SQLite through the optional package `better-sqlite3`, for a Node without `node:sqlite`. It takes
 * no `file:` URLs.
 */
import { type BetterSqlite, betterSqlite } from '../sqlite/better-sqlite.js'
import {
  guardedConnection,
  type OpenMode,
  preparedOnce,
  type SqliteConnection,
  type SqliteDriver,
  type SqliteRow,
} from './sqlite-connection.js'

/**
 * The driver.
 *
 * @throws what the package throws where it is not installed, or was built for another Node.
 * @example
 * (await betterSqliteDriver()).open('/data/.rivet_state.db', 'shared')
 */
export async function betterSqliteDriver(): Promise<SqliteDriver> {
  const Database = await betterSqlite()
  return {
    name: 'better-sqlite3',
    opensUrls: false,
    open: (file, mode) => guardedConnection(() => open(Database, file, mode)),
  }
}

function open(Database: BetterSqlite, file: string, mode: OpenMode): SqliteConnection {
  const readonly = mode !== 'private'
  const database = new Database(file, { readonly, fileMustExist: true, timeout: 0 })
  database.defaultSafeIntegers(true)
  const prepare = (sql: string) => database.prepare<unknown[], SqliteRow>(sql)
  const prepared = preparedOnce(prepare)
  return {
    all: (sql, ...parameters) => {
      const statement = prepared(sql)
      if (statement.reader) return statement.all(...parameters)
      statement.run(...parameters)
      return []
    },
    each: (sql, ...parameters) => prepare(sql).iterate(...parameters),
    close: () => void database.close(),
  }
}
