/** That there is no SQLite library, in words. */
import { RivetOtelError, reasonOf } from '../problem.js'

/**
 * The problem that no library could be loaded.
 *
 * @param undone What cannot be done without one.
 * @param error What `better-sqlite3` threw, where it was tried.
 * @example
 * throw missingSqlite('a SQLite state database cannot be read', error)
 */
export function missingSqlite(undone: string, error?: unknown): RivetOtelError {
  const what =
    error === undefined
      ? 'this Node has no node:sqlite that can be used'
      : `better-sqlite3 cannot be loaded (${firstSentence(reasonOf(error))})`
  return new RivetOtelError(
    'INVALID_CONFIGURATION',
    `${undone}: Node ${process.versions.node} is running, and ${what}`,
    {
      hint: 'use Node 22.13 or newer, which has SQLite built in, or run: npm install better-sqlite3@12 (npm rebuild better-sqlite3 after Node was changed)',
      cause: error,
    },
  )
}

/** What follows it is for whoever built the package: lists of folders, advice to recompile. */
function firstSentence(text: string): string {
  return text.replaceAll(/\s+/g, ' ').split('. ', 1)[0] ?? text
}
