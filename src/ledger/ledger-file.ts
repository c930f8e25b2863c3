/**
 * The file of a ledger: found, made, or refused.
 *
 * A file that is something else is never opened by SQLite, let alone written: rivet's own state
 * database is a SQLite file too, and often lies beside the ledger.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { sqliteResultIn } from '../sqlite/sqlite-result.js'
import { openLedgerCopy } from './ledger-copy.js'
import {
  inTransaction,
  type LedgerDatabase,
  type LedgerLibrary,
  ledgerLibrary,
} from './ledger-database.js'
import { BUSY_MS, invalidLedger, ledgerProblem } from './ledger-problem.js'

/** What marks a SQLite file as a ledger, in its header: "RvOL". */
const APPLICATION_ID = 0x52764f4c
/** The version of the tables, in SQLite's `user_version`. */
const VERSION = 2

/**
 * Of version 1. `accepted` is a JSON list of pages; times are ms since 1970; `owner` is who is sending it.
 */
const TABLES = `
CREATE TABLE target (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE revision (
  target INTEGER NOT NULL REFERENCES target,
  namespace TEXT NOT NULL,
  run_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  digest TEXT NOT NULL,
  pages INTEGER NOT NULL,
  spans INTEGER NOT NULL,
  accepted TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  attempts INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  problem TEXT,
  owner TEXT,
  leased_until_ms INTEGER,
  PRIMARY KEY (target, namespace, run_id, revision)
) WITHOUT ROWID;
CREATE INDEX revision_owner ON revision (owner) WHERE owner IS NOT NULL;`

/** Of version 2: by which row of its state database a run was delivered. */
const SETTLED = `
CREATE TABLE settled (
  target INTEGER NOT NULL REFERENCES target,
  namespace TEXT NOT NULL,
  run_id TEXT NOT NULL,
  stamp TEXT NOT NULL,
  PRIMARY KEY (target, namespace, run_id)
) WITHOUT ROWID;`

/** How often, in ms, a lock is tried that SQLite itself does not wait for. */
const TRY_EVERY_MS = 50

/**
 * Opens a ledger file, and makes it where there is none. One of an older version becomes one of this
 * version where it stands, unless it is only read.
 *
 * @param isReadOnly Then nothing is made or changed, and `undefined` says that there is no ledger.
 * @throws {RivetOtelError} `INVALID_SOURCE` where it is something else, damaged, or from a newer
 *   version; `UNWRITABLE`; `SOURCE_BUSY`; `INVALID_CONFIGURATION` where there is no SQLite library.
 * @example
 * const database = await openLedgerFile('rivet-otel-ledger.db', false)
 */
export async function openLedgerFile(
  path: string,
  isReadOnly: boolean,
): Promise<LedgerDatabase | undefined> {
  const open = await ledgerLibrary()
  const isThere = refuseOthers(path)
  if (isReadOnly && !isThere) return undefined
  let database: LedgerDatabase | undefined
  try {
    database = open(path, isReadOnly)
    await setUp(database, path, isReadOnly)
    return database
  } catch (error) {
    closeQuietly(database)
    if (isReadOnly && needsFilesBesideIt(error)) return await copyOf(open, path)
    throw ledgerProblem(error, path, isReadOnly ? 'read' : 'written')
  }
}

async function copyOf(open: LedgerLibrary, path: string): Promise<LedgerDatabase> {
  const database = await openLedgerCopy(open, path)
  try {
    checkVersion(database, path)
    return database
  } catch (error) {
    closeQuietly(database)
    throw ledgerProblem(error, path, 'read')
  }
}

/** In WAL mode SQLite reads only where it can make files beside the database. */
function needsFilesBesideIt(error: unknown): boolean {
  const result = sqliteResultIn(error)
  return result === 'READONLY' || result === 'CANTOPEN'
}

/** Whether there is a ledger, judged by its first bytes; a file that is none is refused. */
function refuseOthers(path: string): boolean {
  const head = headOf(path)
  if (head === undefined || head.length === 0) return false
  if (!head.toString('latin1').startsWith('SQLite format 3\0')) {
    throw invalidLedger(path, 'is not a SQLite database, or a damaged one; nothing was written')
  }
  // Where the header keeps it: https://www.sqlite.org/fileformat2.html#application_id
  if (head.length < 72 || head.readUInt32BE(68) !== APPLICATION_ID) {
    throw invalidLedger(path, 'is another SQLite database, no ledger; nothing was written')
  }
  return true
}

function headOf(path: string): Buffer | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) return undefined
    if (!found.isFile()) throw new Error('it is not a regular file')
    const fd = openSync(path, 'r')
    try {
      const head = Buffer.alloc(100)
      return head.subarray(0, readSync(fd, head, 0, head.length, 0))
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw ledgerProblem(error, path)
  }
}

async function setUp(database: LedgerDatabase, path: string, isReadOnly: boolean): Promise<void> {
  database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`)
  if (!isReadOnly) {
    await patiently(() => database.exec('PRAGMA synchronous = FULL'))
    await patiently(() => makeTables(database))
    // Only now that the file says what it is: it is read without SQLite next time.
    await patiently(() => database.all('PRAGMA journal_mode = WAL'))
    // A file that can only be read is found out now, not when the first run is to be sent.
    await patiently(() => database.exec('BEGIN IMMEDIATE; COMMIT'))
  }
  checkVersion(database, path)
}

function checkVersion(database: LedgerDatabase, path: string): void {
  const version = versionOf(database)
  if (version > VERSION) {
    throw invalidLedger(
      path,
      `was written by a newer rivet-otel (ledger version ${version}; this one knows up to ${VERSION})`,
    )
  }
  if (version < 1) throw invalidLedger(path, 'has no version; nothing was written')
}

function versionOf(database: LedgerDatabase): number {
  return Number(database.all('PRAGMA user_version')[0]?.user_version)
}

/** In one transaction, so that of two programs that begin at once only one makes them. */
function makeTables(database: LedgerDatabase): void {
  if (versionOf(database) >= VERSION) return
  inTransaction(database, () => {
    const version = versionOf(database)
    if (version < 1) {
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
      database.exec(TABLES)
    }
    if (version < 2) database.exec(SETTLED)
    if (version < VERSION) database.exec(`PRAGMA user_version = ${VERSION}`)
  })
}

/** SQLite does not wait for every lock itself: not while it changes its journal mode. */
async function patiently(attempt: () => unknown): Promise<void> {
  const latest = Date.now() + BUSY_MS
  for (;;) {
    try {
      attempt()
      return
    } catch (error) {
      if (sqliteResultIn(error) !== 'BUSY' || Date.now() > latest) throw error
      await sleep(TRY_EVERY_MS)
    }
  }
}

function closeQuietly(database: LedgerDatabase | undefined): void {
  try {
    database?.close()
  } catch {
    // The first problem is the one to tell.
  }
}
