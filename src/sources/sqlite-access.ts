/**
 * Reading a SQLite database that somebody else owns, without a trace.
 *
 * It promises: no byte of the database or of its `-wal` changes, no file appears beside it, no writer
 * ever waits for more than one short task, and nothing torn is handed over.
 *
 * SQLite's own read-only mode cannot promise that: it creates `-wal` and `-shm` files for a WAL
 * database that nobody has open, and leaves them there. So the way follows what lies there:
 *
 * | what lies there | way | why |
 * |---|---|---|
 * | WAL mode, nothing in a `-wal` | `immutable` | the file is complete; no locks, no other files |
 * | WAL mode, `-wal` and `-shm` | `shared` | a writer may live: only its `-shm` says what is committed |
 * | WAL mode, `-wal`, no `-shm` | `copy` | to open it would create the `-shm` |
 * | rollback mode, no `-journal` | `shared` | creates nothing |
 * | rollback mode, `-journal` | `copy` | if its writer was killed, SQLite must roll it back, which writes |
 *
 * A driver without URLs has no `immutable`, and its `shared` would rewrite the `-shm` of a writer that
 * was killed: it reads a copy instead, and shares a database that has a `-wal` and a `-shm`, be the one
 * empty, only where both are too large to copy or change meanwhile. (A `-shm` is SQLite's shared memory,
 * not data.) Where nobody has a database open, however large, it must copy: whatever opens a database in
 * WAL mode makes its `-wal`, even for reading, and only a URL (`immutable`, or another `vfs`) says not to.
 *
 * `immutable` and `copy` take no lock. That nobody wrote meanwhile is checked afterwards, by size,
 * times and identity of the files; otherwise the result is thrown away and the task runs again. A
 * file system's clock ticks only every few milliseconds, so they wait until the last change is older.
 *
 * A database is open only while a task runs, never while the caller works: a writer that ends
 * meanwhile finds nobody in its way when it removes its own `-wal`.
 *
 * One gap is left: where the last writer ends between the look and a `shared` opening, some
 * microseconds, SQLite makes an empty `-wal` anew, which the next writer removes.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { RivetOtelError } from '../problem.js'
import { type SqliteConnection, type SqliteDriver, SqliteFailure } from './sqlite-connection.js'
import { copyDatabase, type PrivateCopy } from './sqlite-copy.js'
import { type DatabaseFiles, lookAtDatabase } from './sqlite-files.js'
import { busyProblem, sqliteProblem } from './sqlite-problem.js'

/** A question to a database: short, and safe to ask again. */
export type SqliteTask<T> = (connection: SqliteConnection) => T

type Way = 'immutable' | 'shared' | 'copy'
interface Sight {
  readonly files: DatabaseFiles
  /** Whether the next change is sure to change the signature. */
  readonly isQuiet: boolean
}
type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'locked' | 'changing' }
  | { readonly kind: 'refused'; readonly problem: RivetOtelError; readonly isFinal: boolean }

/** How long a lock is waited for, in milliseconds. */
const PATIENCE_MS = 5_000
const RETRY_MS = 50
/** What may be done for an answer, where somebody waits at a keyboard for it. */
export interface SqliteLimits {
  /** How long a lock is waited for, in milliseconds (default 5,000). */
  readonly patienceMs?: number
  /** The largest database of which a copy is made, in bytes (default: any). */
  readonly copiedBytes?: number
}

/** Longer than a tick of any local file system's clock (10 ms at most on Linux). */
const QUIET_MS = 50
/** What a driver without URLs copies rather than shares. */
const COPY_LIMIT_BYTES = 64 * 1024 * 1024

/**
 * A database that can be asked.
 *
 * @example
 * const access = new SqliteAccess('.rivet_state.db', await sqliteDriver(), '.rivet_state.db')
 * const tables = await access.read((db) => db.all('SELECT name FROM sqlite_schema'))
 */
export class SqliteAccess {
  readonly #path: string
  readonly #driver: SqliteDriver
  readonly #location: string
  readonly #patienceMs: number
  readonly #copiedBytes: number
  #copy: PrivateCopy | undefined
  #turn: Promise<unknown> = Promise.resolve()

  /** @param location how messages name the database. */
  constructor(path: string, driver: SqliteDriver, location: string, limits: SqliteLimits = {}) {
    this.#path = path
    this.#driver = driver
    this.#location = location
    this.#patienceMs = limits.patienceMs ?? PATIENCE_MS
    this.#copiedBytes = limits.copiedBytes ?? Number.POSITIVE_INFINITY
  }

  /**
   * Runs a task on the database as it is at one moment, one task at a time.
   *
   * @throws {RivetOtelError} `SOURCE_BUSY` where others keep the database from being read for 5
   *   seconds, or as long as {@link SqliteLimits} says; `NOT_FOUND`, `INVALID_SOURCE` or `UNWRITABLE` where it cannot be read at all.
   */
  read<T>(task: SqliteTask<T>): Promise<T> {
    const answer = this.#turn.then(() => this.#readPatiently(task))
    this.#turn = answer.catch(() => undefined)
    return answer
  }

  /** Removes what was made for reading. */
  async close(): Promise<void> {
    await this.#turn
    await this.#closeCopy()
  }

  async #readPatiently<T>(task: SqliteTask<T>): Promise<T> {
    const giveUpAt = performance.now() + this.#patienceMs
    for (;;) {
      const outcome =
        (await this.#shareAtOnce(task)) ?? (await this.#tryWays(await this.#lookForQuiet(), task))
      if (outcome.kind === 'done') return outcome.value
      if (outcome.kind === 'refused') throw outcome.problem
      if (performance.now() > giveUpAt) throw busyProblem(outcome.kind, this.#location)
      await delay(RETRY_MS)
    }
  }

  /** What is shared need not be quiet: no writer is waited for. `undefined` where that did not do. */
  async #shareAtOnce<T>(task: SqliteTask<T>): Promise<Outcome<T> | undefined> {
    const files = this.#look()
    if (waysTo(files, this.#driver)[0] !== 'shared') return undefined
    const outcome = await this.#try('shared', files, task)
    return outcome.kind === 'done' ? outcome : undefined
  }

  /** Two looks that are the same, a tick apart, also do where the clocks do not agree. */
  async #lookForQuiet(): Promise<Sight> {
    const files = this.#look()
    if (Date.now() - files.changedMs > QUIET_MS) return { files, isQuiet: true }
    await delay(QUIET_MS)
    const again = this.#look()
    return { files: again, isQuiet: again.signature === files.signature }
  }

  async #tryWays<T>({ files, isQuiet }: Sight, task: SqliteTask<T>): Promise<Outcome<T>> {
    let outcome: Outcome<T> = { kind: 'changing' }
    for (const way of waysTo(files, this.#driver)) {
      if (way !== 'shared' && !isQuiet) continue
      if (way === 'copy' && files.bytes + files.walBytes > this.#copiedBytes) continue
      outcome = await this.#try(way, files, task)
      if (outcome.kind === 'done' || outcome.kind === 'locked') break
      if (outcome.kind === 'refused' && outcome.isFinal) break
    }
    return outcome
  }

  async #try<T>(way: Way, files: DatabaseFiles, task: SqliteTask<T>): Promise<Outcome<T>> {
    try {
      if (way === 'copy') return await this.#readCopy(files, task)
      const value = readAndClose(this.#driver.open(files.file, way), task)
      return way === 'shared' || this.#isUnchanged(files)
        ? { kind: 'done', value }
        : { kind: 'changing' }
    } catch (error) {
      return this.#refusal(error, files)
    }
  }

  #refusal(error: unknown, files: DatabaseFiles): Outcome<never> {
    if (error instanceof RivetOtelError && error.code === 'UNWRITABLE')
      return { kind: 'refused', problem: error, isFinal: false }
    if (!(error instanceof SqliteFailure)) throw error
    if (error.result === 'BUSY' || error.result === 'PROTOCOL') return { kind: 'locked' }
    if (!this.#isUnchanged(files)) return { kind: 'changing' }
    const problem = sqliteProblem(error, files, this.#location)
    return { kind: 'refused', problem, isFinal: !isAboutOpening(error) }
  }

  async #readCopy<T>(files: DatabaseFiles, task: SqliteTask<T>): Promise<Outcome<T>> {
    if (this.#copy?.signature !== files.signature) {
      await this.#closeCopy()
      this.#copy = await copyDatabase(files, this.#driver, this.#location)
    }
    if (this.#copy === undefined) return { kind: 'changing' }
    return { kind: 'done', value: task(this.#copy.connection) }
  }

  async #closeCopy(): Promise<void> {
    const copy = this.#copy
    this.#copy = undefined
    await copy?.close()
  }

  #look(): DatabaseFiles {
    return lookAtDatabase(this.#path, this.#location)
  }

  #isUnchanged(files: DatabaseFiles): boolean {
    return this.#look().signature === files.signature
  }
}

/** The ways to read, the best first; each next one is tried where the one before it failed. */
function waysTo(files: DatabaseFiles, { opensUrls }: SqliteDriver): readonly Way[] {
  if (!files.isWal) return files.journalBytes === 0 ? ['shared', 'copy'] : ['copy', 'shared']
  if (files.journalBytes > 0) return ['copy']
  if (files.walBytes === 0 && opensUrls) return ['immutable']
  if (!files.hasWal || !files.hasShm) return ['copy']
  if (opensUrls || files.bytes > COPY_LIMIT_BYTES) return ['shared', 'copy']
  return files.walBytes === 0 ? ['copy'] : ['copy', 'shared']
}

/** Whether another way of opening may help: damage stays damage. */
function isAboutOpening({ result }: SqliteFailure): boolean {
  return ['CANTOPEN', 'READONLY', 'PERM', 'IOERR'].includes(result)
}

/** One transaction, so that all of a task is true of one moment; closing ends it. */
function readAndClose<T>(connection: SqliteConnection, task: SqliteTask<T>): T {
  try {
    connection.all('BEGIN')
    return task(connection)
  } finally {
    connection.close()
  }
}
