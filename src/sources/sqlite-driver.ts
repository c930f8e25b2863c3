/**
 * Which SQLite library is used: Node's own where there is one, else the optional package.
 */
import { RivetOtelError, reasonOf } from '../problem.js'
import { betterSqliteDriver } from './sqlite-better.js'
import type { SqliteDriver, SqliteDriverName } from './sqlite-connection.js'
import { nodeSqliteDriver } from './sqlite-node.js'

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
  if (name === 'node:sqlite') throw missing('this Node has no node:sqlite that can be used')
  try {
    return await betterSqliteDriver()
  } catch (error) {
    throw missing(`better-sqlite3 cannot be loaded (${firstSentence(reasonOf(error))})`, error)
  }
}

function missing(what: string, cause?: unknown): RivetOtelError {
  return new RivetOtelError(
    'INVALID_CONFIGURATION',
    `a SQLite state database cannot be read: Node ${process.versions.node} is running, and ${what}`,
    {
      hint: 'use Node 22.13 or newer, which has SQLite built in, or run: npm install better-sqlite3@12 (npm rebuild better-sqlite3 after Node was changed)',
      cause,
    },
  )
}

/** What follows it is for whoever built the package: lists of folders, advice to recompile. */
function firstSentence(text: string): string {
  return text.replaceAll(/\s+/g, ' ').split('. ', 1)[0] ?? text
}
