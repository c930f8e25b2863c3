/**
 * SQLite through Node's own `node:sqlite`: nothing to install, and it takes `file:` URLs.
 */
import { pathToFileURL } from 'node:url'
import {
  guardedConnection,
  type OpenMode,
  resultNumbered,
  type SqliteConnection,
  type SqliteDriver,
  type SqliteResult,
} from './sqlite-connection.js'

type NodeSqlite = typeof import('node:sqlite')

/**
 * The driver, or `undefined` where this Node is too old: before 22.13 the module is missing, hidden
 * behind a flag, or takes `readOnly` for nothing.
 *
 * @example
 * nodeSqliteDriver()?.open('/data/.rivet_state.db', 'shared')
 */
export function nodeSqliteDriver(): SqliteDriver | undefined {
  if (!isAtLeast({ 22: 13, 23: 4 })) return undefined
  const sqlite = withoutItsWarning((): NodeSqlite | undefined =>
    process.getBuiltinModule('node:sqlite'),
  )
  if (sqlite === undefined) return undefined
  const opensUrls = isAtLeast({ 22: 15, 23: 10 })
  return {
    name: 'node:sqlite',
    opensUrls,
    open: (file, mode) =>
      guardedConnection(() => open(sqlite, opensUrls ? urlOf(file, mode) : file, mode), resultIn),
  }
}

/** The first minor version of each line that has a feature; later lines have it, earlier ones not. */
function isAtLeast(minors: { readonly [major: number]: number }): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const needed = minors[major]
  return needed === undefined
    ? major > Math.max(...Object.keys(minors).map(Number))
    : minor >= needed
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
  return {
    all: (sql, ...parameters) => prepare(sql).all(...parameters),
    each: (sql, ...parameters) => prepare(sql).iterate(...parameters),
    close: () => database.close(),
  }
}

function resultIn(error: unknown): SqliteResult | undefined {
  const code = (error as { errcode?: unknown }).errcode
  return typeof code === 'number' ? resultNumbered(code) : undefined
}

/**
 * Node announces on standard error, once, that the module is experimental. Whoever runs a command
 * can do nothing with that. Every other warning passes.
 */
function withoutItsWarning<T>(load: () => T): T {
  const emitWarning = process.emitWarning
  process.emitWarning = ((warning: string | Error, ...details: []) => {
    if (!String(warning).includes('SQLite is an experimental feature'))
      emitWarning.call(process, warning, ...details)
  }) as typeof process.emitWarning
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}
