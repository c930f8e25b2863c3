/**
 * SQLite through Node's own `node:sqlite`: nothing to install, and it takes `file:` URLs.
 */
import { pathToFileURL } from 'node:url'
import { isNodeAtLeast, type NodeSqlite, nodeSqlite } from '../sqlite/node-sqlite.js'
import {
  guardedConnection,
  type OpenMode,
  preparedOnce,
  type SqliteConnection,
  type SqliteDriver,
} from './sqlite-connection.js'

/**
 * The driver, or `undefined` where this Node is too old.
 *
 * @example
 * nodeSqliteDriver()?.open('/data/.rivet_state.db', 'shared')
 */
export function nodeSqliteDriver(): SqliteDriver | undefined {
  const sqlite = nodeSqlite()
  if (sqlite === undefined) return undefined
  const opensUrls = isNodeAtLeast({ 22: 15, 23: 10 })
  return {
    name: 'node:sqlite',
    opensUrls,
    open: (file, mode) =>
      guardedConnection(() => open(sqlite, opensUrls ? urlOf(file, mode) : file, mode)),
  }
}

/**
 * `readonly_shm` keeps SQLite from rebuilding the `-shm` file of a writer that was killed: it then
 * builds that index in its own memory.
 */
function urlOf(file: string, mode: OpenMode): URL {
  const url = pathToFileURL(file)
  if (mode === 'immutable') url.search = '?mode=ro&immutable=1'
  if (mode === 'shared') url.search = '?mode=ro&readonly_shm=1'
  return url
}

function open(
  { DatabaseSync }: NodeSqlite,
  location: string | URL,
  mode: OpenMode,
): SqliteConnection {
  const database = new DatabaseSync(location, { readOnly: mode !== 'private' })
  const prepare = (sql: string) => {
    const statement = database.prepare(sql)
    statement.setReadBigInts(true)
    return statement
  }
  const prepared = preparedOnce(prepare)
  return {
    all: (sql, ...parameters) => prepared(sql).all(...parameters),
    each: (sql, ...parameters) => prepare(sql).iterate(...parameters),
    close: () => database.close(),
  }
}
