/**
 * Journals from rivet's SQLite state database.
 *
 * It is only ever read, and without a trace: see `sqlite-access.ts` for how. What a selection wants is
 * worked out from the columns `run_id`, `export_name` and `finished_at`; the journals themselves are
 * read one by one, so memory follows the largest journal.
 *
 * A run whose `finished_at` is no timestamp counts as the oldest; whether it ended since some time
 * cannot be told, and it then comes as unreadable.
 */
import { resolve } from 'node:path'
import { type Cell, itemOfCell } from './journal-row.js'
import type { RecordsAhead } from './records-ahead.js'
import type { StateDatabase } from './run-feed.js'
import { stepFor } from './run-row.js'
import type { RunListing, Selection, SourceItem } from './source.js'
import { SqliteAccess } from './sqlite-access.js'
import type { SqliteDriverName } from './sqlite-connection.js'
import { sqliteDriver } from './sqlite-driver.js'
import { SqliteFeed } from './sqlite-feed.js'
import { databaseMark, lookAtDatabase } from './sqlite-files.js'
import { checkJournalTable, readExports, readJournals } from './sqlite-rows.js'
import { rowsBeginning, selectRows } from './sqlite-selection.js'
import { askSqlite } from './sqlite-state-query.js'
import { recordsThrough } from './state-records.js'

/** How a SQLite source is opened. */
export interface SqliteSourceOptions {
  /** Insists on one SQLite library; without it Node's own is taken, else `better-sqlite3`. */
  readonly driver?: SqliteDriverName
}

/**
 * How much is read before the database is let go again, in UTF-16 code units: all of it is in memory at
 * once, and what is there for long is garbage for long.
 */
const BATCH_SIZE = 128 * 1024
const BATCH_RUNS = 256

/**
 * Opens a state database as a source of journals that can be followed.
 *
 * @throws {RivetOtelError} `NOT_FOUND` where there is no such file, `INVALID_SOURCE` where it is no
 *   state database or cannot be read, `SOURCE_BUSY` where others keep it locked,
 *   `INVALID_CONFIGURATION` where there is no SQLite library. Reading throws the same.
 * @example
 * const source = await openSqliteSource('.rivet_state.db')
 * for await (const item of source.read({ last: 10 })) console.log(item.kind, item.where)
 * await source.close()
 */
export async function openSqliteSource(
  path: string,
  options: SqliteSourceOptions = {},
): Promise<StateDatabase> {
  lookAtDatabase(path, path)
  const file = resolve(path)
  const access = new SqliteAccess(file, await sqliteDriver(options.driver), path)
  try {
    await access.read((db) => checkJournalTable(db, path))
  } catch (error) {
    await access.close()
    throw error
  }
  const { records, ahead } = recordsThrough((question) =>
    access.read((db) => askSqlite(db, question())),
  )
  return {
    location: path,
    read: (selection) => readRuns(access, selection, ahead),
    list: (beginning) => listRuns(access, beginning),
    follow: () => new SqliteFeed(access, file, path),
    mark: () => databaseMark(lookAtDatabase(file, path)),
    exports: (most) => access.read((db) => readExports(db, most)),
    records,
    close: () => access.close(),
  }
}

async function* readRuns(
  access: SqliteAccess,
  selection: Selection,
  ahead: RecordsAhead,
): AsyncGenerator<SourceItem> {
  const steps = (await access.read((db) => selectRows(db, selection))).map((row) =>
    stepFor(row, selection),
  )
  const journals = readInBatches(
    access,
    steps.flatMap((step) => ('kind' in step ? [] : [step.runId])),
  )
  for (const step of ahead.through(steps)) {
    if ('kind' in step) yield step
    else yield itemOfCell(step, (await journals.next()).value)
  }
}

async function* listRuns(access: SqliteAccess, beginning = ''): AsyncGenerator<RunListing> {
  for (const { names } of await access.read((db) => rowsBeginning(db, beginning))) {
    if (!('problem' in names)) yield names
  }
}

/** The journals in the order of the runs, while the database is closed between the batches. */
async function* readInBatches(
  access: SqliteAccess,
  runIds: readonly string[],
): AsyncGenerator<Cell | undefined, undefined> {
  for (let at = 0; at < runIds.length; ) {
    const next = runIds.slice(at, at + BATCH_RUNS)
    const journals = await access.read((db) => readJournals(db, next, BATCH_SIZE))
    at += journals.length
    yield* journals
  }
}
