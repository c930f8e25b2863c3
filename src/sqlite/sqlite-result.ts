/** SQLite's result codes, out of what the libraries throw. */

/** SQLite's primary result codes, by number: https://www.sqlite.org/rescode.html */
const RESULTS = {
  3: 'PERM',
  5: 'BUSY',
  8: 'READONLY',
  10: 'IOERR',
  11: 'CORRUPT',
  13: 'FULL',
  14: 'CANTOPEN',
  15: 'PROTOCOL',
  26: 'NOTADB',
} as const

/** The results that are told apart here. */
export type SqliteResult = (typeof RESULTS)[keyof typeof RESULTS] | 'OTHER'

/**
 * The result code in what a library threw; `undefined` where it is no answer of SQLite.
 *
 * `node:sqlite` gives the number of it, primary or extended, `better-sqlite3` the name.
 *
 * @example
 * sqliteResultIn(Object.assign(new Error(), { code: 'SQLITE_BUSY_RECOVERY' })) // 'BUSY'
 */
export function sqliteResultIn(error: unknown): SqliteResult | undefined {
  const { errcode, code } = error as { errcode?: unknown; code?: unknown }
  if (typeof errcode === 'number')
    return RESULTS[(errcode & 0xff) as keyof typeof RESULTS] ?? 'OTHER'
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return undefined
  const primary = code.split('_')[1]
  return Object.values(RESULTS).find((result) => result === primary) ?? 'OTHER'
}
