/**
 * The SQLite file of a ledger, open: statements in, rows out, by whichever library there is.
 *
 * It knows no tables. It may write, so it is never given anything but a ledger: who opens it has
 * looked at the file before.
 */
import { type BetterSqlite, betterSqlite } from '../sqlite/better-sqlite.js'
import { missingSqlite } from '../sqlite/missing-sqlite.js'
import { type NodeSqlite, nodeSqlite } from '../sqlite/node-sqlite.js'

/** A value in a ledger. */
export type LedgerValue = string | number | null

/** A row of an answer, by the names of its columns. */
export type LedgerRow = { readonly [column: string]: unknown }

/** An open ledger file. Every call throws what the library throws. */
export interface LedgerDatabase {
  /** Runs statements that have no parameters and no answer. */
  exec(sql: string): void
  /** Runs a statement and gives its rows; `values` fill its question marks. */
  all(sql: string, ...values: readonly LedgerValue[]): LedgerRow[]
  /** Runs a statement without rows and gives how many it changed. */
  run(sql: string, ...values: readonly LedgerValue[]): number
  close(): void
}

/** Opens a ledger file; one that is not read-only is made where there is none. */
export type LedgerLibrary = (path: string, isReadOnly: boolean) => LedgerDatabase

/**
 * The library that opens ledgers: Node's own, else `better-sqlite3`.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where there is none, with what to install.
 * @example
 * const database = (await ledgerLibrary())('rivet-otel-ledger.db', false)
 */
export async function ledgerLibrary(): Promise<LedgerLibrary> {
  const builtIn = nodeSqlite()
  if (builtIn !== undefined) return (path, isReadOnly) => openBuiltIn(builtIn, path, isReadOnly)
  try {
    const Database = await betterSqlite()
    return (path, isReadOnly) => openBetter(Database, path, isReadOnly)
  } catch (error) {
    throw missingSqlite('no ledger can be kept', error)
  }
}

/**
 * Does something in one transaction, which is undone where it throws.
 *
 * @example
 * inTransaction(database, () => database.run('DELETE FROM settled'))
 */
export function inTransaction<T>(
  database: LedgerDatabase,
  work: () => T,
  kind: 'IMMEDIATE' | 'DEFERRED' = 'IMMEDIATE',
): T {
  database.exec(`BEGIN ${kind}`)
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk may have ended the transaction already.
    try {
      database.exec('ROLLBACK')
    } catch {}
    throw error
  }
}

function openBuiltIn(
  { DatabaseSync }: NodeSqlite,
  path: string,
  isReadOnly: boolean,
): LedgerDatabase {
  return prepared(new DatabaseSync(path, { readOnly: isReadOnly }))
}

function openBetter(Database: BetterSqlite, path: string, isReadOnly: boolean): LedgerDatabase {
  const database = new Database(path, { readonly: isReadOnly, timeout: 0 })
  return prepared({
    exec: (sql) => database.exec(sql),
    prepare: (sql) => database.prepare<unknown[]>(sql),
    close: () => database.close(),
  })
}

/** What a statement of either library can do. */
interface Statement {
  all(...values: readonly LedgerValue[]): unknown[]
  run(...values: readonly LedgerValue[]): { readonly changes: number | bigint }
}

/** What both libraries have in common. */
interface Library {
  exec(sql: string): unknown
  prepare(sql: string): Statement
  close(): unknown
}

function prepared(library: Library): LedgerDatabase {
  const statements = new Map<string, Statement>()
  const statement = (sql: string): Statement => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = library.prepare(sql)
    statements.set(sql, made)
    return made
  }
  return {
    exec: (sql) => void library.exec(sql),
    all: (sql, ...values) => statement(sql).all(...values) as LedgerRow[],
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
    close: () => void library.close(),
  }
}
