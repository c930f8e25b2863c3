/**
 * Journals from rivet's state in PostgreSQL, where `RIVET_STATE_URL` puts it.
 *
 * It is only ever read, see `postgres-access.ts` for how. What a selection wants is worked out in one
 * look at the columns `run_id`, `export_name` and `finished_at`; the journals follow by run_id in
 * batches of about a megabyte, so memory follows the largest journal. A cursor would spare the list
 * of names, but it lives in a transaction, and that would stay open as long as the journals are being
 * sent.
 *
 * A run whose `finished_at` is no timestamp counts as the oldest; whether it ended since some time
 * cannot be told, and it then comes as unreadable.
 */
import type { Environment } from '../http/setting.js'
import { RivetOtelError } from '../problem.js'
import { type Cell, itemOfCell, type RowNames } from './journal-row.js'
import { PostgresAccess } from './postgres-access.js'
import { PostgresFeed } from './postgres-feed.js'
import { isAboutRow, wordsOf } from './postgres-problem.js'
import {
  checkJournalTable,
  eachRun,
  type FoundJournal,
  type JournalColumn,
  type PostgresRun,
  readExports,
  readJournals,
} from './postgres-rows.js'
import { postgresSettings } from './postgres-settings.js'
import { askPostgres } from './postgres-state-query.js'
import type { RecordsAhead } from './records-ahead.js'
import type { StateDatabase } from './run-feed.js'
import { stepFor } from './run-row.js'
import { asksForTime, endedInTime, Newest, oldestFirst } from './selection.js'
import type { RunListing, Selection, SourceItem, UnreadableItem } from './source.js'
import { recordsThrough } from './state-records.js'

/** How a PostgreSQL source is opened. */
export interface PostgresSourceOptions {
  /** For the `PG…` variables, where the URL leaves something open; default is that of the process. */
  readonly env?: Environment
  /** Ends at once what is under way, which then throws `UNREACHABLE`. */
  readonly signal?: AbortSignal | undefined
}

const BATCH_BYTES = 1024 * 1024
const BATCH_RUNS = 256
/** A journal of more bytes is refused: the engine cannot hold a much longer text. */
const MAX_BYTES = 256 * 1024 * 1024

/**
 * Opens rivet's state in PostgreSQL as a source of journals.
 *
 * @param url `postgres://…` or `postgresql://…`, with libpq's parameters; it may hold a password.
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` for a URL, a setting or a password that cannot be
 *   used, `UNREACHABLE` where there is no connection, `NOT_FOUND` where there is no such database,
 *   `INVALID_SOURCE` where it has no journals that may be read, `SOURCE_BUSY` where others keep it
 *   busy. Reading throws the same.
 * @example
 * const source = await openPostgresSource('postgres://reader@db/rivet?sslmode=verify-full')
 * for await (const item of source.read({ last: 10 })) console.log(item.kind, item.where)
 * await source.close()
 */
export async function openPostgresSource(
  url: string,
  { env = process.env, signal }: PostgresSourceOptions = {},
): Promise<StateDatabase> {
  const settings = postgresSettings(url, env)
  const { location } = settings
  const access = new PostgresAccess(settings, signal)
  try {
    const column = await access.read((db) => checkJournalTable(db, location))
    const { records, ahead } = recordsThrough((question) => askPostgres(access, question))
    return {
      location,
      read: (selection) => readRuns(access, column, selection, ahead),
      list: (beginning) => listRuns(access, beginning),
      follow: () => new PostgresFeed(access),
      exports: (most) => access.read((db) => readExports(db, most)),
      records,
      close: () => access.close(),
    }
  } catch (error) {
    await access.close()
    throw error
  }
}

async function* readRuns(
  access: PostgresAccess,
  column: JournalColumn,
  selection: Selection,
  ahead: RecordsAhead,
): AsyncGenerator<SourceItem> {
  const runs = await selectRuns(access, selection)
  const steps = runs.map((run) => ({ step: stepFor(run, selection), bytes: run.bytes }))
  const journals = readInBatches(access, column, steps.filter(isToRead))
  let read = 0
  try {
    for (const step of ahead.through(steps.map((one) => one.step))) {
      yield 'kind' in step ? step : itemOfCell(step, (await journals.next()).value)
      read++
    }
  } catch (error) {
    throw brokenOff(error, read, steps.length)
  }
}

async function* listRuns(access: PostgresAccess, beginning = ''): AsyncGenerator<RunListing> {
  for (const { names } of await selectRuns(access, {}, beginning)) {
    if (!('problem' in names)) yield names
  }
}

/** The rows that are wanted, oldest first, as they are at one moment. */
async function selectRuns(
  access: PostgresAccess,
  selection: Selection,
  beginning?: string,
): Promise<PostgresRun[]> {
  const { last } = selection
  const newest = last === undefined ? undefined : new Newest<PostgresRun>(last)
  const runs: PostgresRun[] = []
  await access.read((db) =>
    eachRun(
      db,
      selection,
      (run) => {
        if (!mayBeInTime(run, selection)) return
        if (newest === undefined) runs.push(run)
        else newest.add(run)
      },
      beginning,
    ),
  )
  return newest?.oldestFirst() ?? runs.sort(oldestFirst)
}

function mayBeInTime({ endedUnixNano }: PostgresRun, selection: Selection): boolean {
  if (endedUnixNano === undefined || !asksForTime(selection)) return true
  return endedInTime(selection, endedUnixNano)
}

interface ToRead {
  readonly step: RowNames
  readonly bytes: number
}

function isToRead(one: { step: RowNames | UnreadableItem; bytes: number }): one is ToRead {
  return !('kind' in one.step)
}

/** The journals in the order of the runs; between two batches there is no transaction. */
async function* readInBatches(
  access: PostgresAccess,
  column: JournalColumn,
  runs: readonly ToRead[],
): AsyncGenerator<Cell | undefined, undefined> {
  for (let at = 0; at < runs.length; ) {
    const batch = batchAt(runs, at)
    at += batch.length
    const journals = batch.length > 1 ? await readBatch(access, column, batch) : undefined
    for (const runId of batch) {
      const journal = journals?.get(runId)
      // Alone, where the batch could not be read, or the journal has grown since.
      const isOpen = journals === undefined || journal === 'too long'
      yield isOpen ? await readOne(access, column, runId) : journal
    }
  }
}

/** The runs from `at` on whose journals are a batch: one at least. */
function batchAt(runs: readonly ToRead[], at: number): string[] {
  const batch: string[] = []
  let bytes = 0
  for (const run of runs.slice(at, at + BATCH_RUNS)) {
    bytes += run.bytes
    if (batch.length > 0 && bytes > BATCH_BYTES) break
    batch.push(run.step.runId)
  }
  return batch
}

/** `undefined` where one row keeps the server from giving any. */
function readBatch(
  access: PostgresAccess,
  column: JournalColumn,
  runIds: readonly string[],
): Promise<Map<string, FoundJournal> | undefined> {
  return access.read<Map<string, FoundJournal> | undefined>(
    (db) => readJournals(db, column, runIds, BATCH_BYTES),
    (error) => (isAboutRow(error) ? new Map(runIds.map((id) => [id, 'too long'])) : undefined),
  )
}

/** A row that is damaged, or no valid text, costs its own journal and no other. */
async function readOne(
  access: PostgresAccess,
  column: JournalColumn,
  runId: string,
): Promise<Cell | undefined> {
  const journals = await access.read<Map<string, FoundJournal>>(
    (db) => readJournals(db, column, [runId], MAX_BYTES),
    (error) => {
      if (!isAboutRow(error)) return undefined
      const words = wordsOf(error, access.settings)
      return new Map([[runId, { problem: `the database cannot give it (${words})` }]])
    },
  )
  const journal = journals.get(runId)
  return journal === 'too long' ? { problem: `it has more than ${MAX_BYTES} bytes` } : journal
}

function brokenOff(error: unknown, read: number, all: number): unknown {
  if (!(error instanceof RivetOtelError) || all === 0) return error
  return new RivetOtelError(error.code, `${error.message}; ${read} of ${all} runs had been read`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}
