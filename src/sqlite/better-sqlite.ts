/** The optional package `better-sqlite3`, for a Node without `node:sqlite`. */

/** What the package exports. */
export type BetterSqlite = typeof import('better-sqlite3')

/**
 * Loads the package.
 *
 * @throws what the package throws where it is not installed, or was built for another Node.
 * @example
 * const Database = await betterSqlite()
 */
export async function betterSqlite(): Promise<BetterSqlite> {
  const { default: Database } = await import('better-sqlite3')
  // Its native part is loaded with the first database, not with the package.
  new Database(':memory:').close()
  return Database
}
