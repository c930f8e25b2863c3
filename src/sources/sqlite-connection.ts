/**
 * The contract between this project and a SQLite library: open, ask, close.
 *
 * 1. No statement that is given to a connection can change its database.
 * 2. Integers come as `bigint`, so that none is rounded.
 * 3. What SQLite refuses is a {@link SqliteFailure}, with SQLite's own result code.
 * 4. Nothing waits for a lock: a database that is locked says `BUSY` at once.
 */
import { reasonOf } from '../problem.js'
import { type SqliteResult, sqliteResultIn } from '../sqlite/sqlite-result.js'

/** The libraries that can be used. */
export type SqliteDriverName = 'node:sqlite' | 'better-sqlite3'

/** A value as SQLite has it; its integers are `bigint`, its reals `number`. */
export type SqliteValue = null | bigint | number | string | Uint8Array

/** One row of an answer, by the names of its columns. */
export type SqliteRow = { readonly [column: string]: SqliteValue }

/**
 * How a file is opened.
 *
 * - `shared`: with SQLite's locks, beside whoever writes.
 * - `immutable`: without locks and without looking for other files; only for a file that nobody
 *   changes meanwhile, and only with a driver that {@link SqliteDriver.opensUrls}.
 * - `private`: a file of our own, in which SQLite may finish what a writer left undone.
 */
export type OpenMode = 'shared' | 'immutable' | 'private'

/** An open database. */
export interface SqliteConnection {
  /** All rows that a statement gives; `parameters` fill its question marks. */
  all(sql: string, ...parameters: readonly string[]): SqliteRow[]
  /** The same rows one by one, for when they are many; read them to the end. */
  each(sql: string, ...parameters: readonly string[]): Iterable<SqliteRow>
  close(): void
}

/** A SQLite library. */
export interface SqliteDriver {
  readonly name: SqliteDriverName
  /** Whether it takes `file:` URLs, and with them the mode `immutable`. */
  readonly opensUrls: boolean
  /** Opens an existing file, named by its absolute path. */
  open(file: string, mode: OpenMode): SqliteConnection
}

/**
 * SQLite refused something. It stays within the sources: what leaves them is a `RivetOtelError`.
 *
 * @example
 * if (error instanceof SqliteFailure && error.result === 'BUSY') …
 */
export class SqliteFailure extends Error {
  override readonly name = 'SqliteFailure'
  readonly result: SqliteResult

  constructor(result: SqliteResult, message: string, cause: unknown) {
    super(message, { cause })
    this.result = result
  }
}

/**
 * A connection of a library as the contract has it: what SQLite refuses becomes a
 * {@link SqliteFailure}, and no statement writes.
 *
 * @param open opens the database and answers with the library's own calls.
 * @example
 * guardedConnection(() => openDatabase(file))
 */
export function guardedConnection(open: () => SqliteConnection): SqliteConnection {
  const connection = guarded(open)
  // A second lock beside the library's own read-only mode, and the only one of a private copy.
  guarded(() => connection.all('PRAGMA query_only = ON'))
  return {
    all: (sql, ...parameters) => guarded(() => connection.all(sql, ...parameters)),
    *each(sql, ...parameters) {
      const rows = guarded(() => connection.each(sql, ...parameters)[Symbol.iterator]())
      for (;;) {
        const { done, value } = guarded(() => rows.next())
        if (done === true) return
        yield value
      }
    },
    close: () => connection.close(),
  }
}

/**
 * Prepares each statement of a connection once; only for statements of which all rows are read at once.
 *
 * @example
 * const prepared = preparedOnce((sql) => database.prepare(sql))
 */
export function preparedOnce<T>(prepare: (sql: string) => T): (sql: string) => T {
  const statements = new Map<string, T>()
  return (sql) => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = prepare(sql)
    statements.set(sql, made)
    return made
  }
}

function guarded<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    const result = sqliteResultIn(error)
    throw result === undefined ? error : new SqliteFailure(result, reasonOf(error), error)
  }
}
