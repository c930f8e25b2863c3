/**
 * The contract `RunRecords` for whatever database can be asked: how much is asked for at once.
 *
 * It knows no database and no table.
 */
import type { RunLife } from '../state/resumption.js'
import type { RunRecord } from '../state/run-record.js'
import { readLoads } from './loads.js'
import { readRecords } from './read-records.js'
import { RecordsAhead } from './records-ahead.js'
import { findResumptions, type Resumptions, readStatuses } from './run-lives.js'
import type { RunRecords } from './run-records.js'
import type { RunListing } from './source.js'
import { type Ask, type Question, textOf } from './state-query.js'
import { listUnjournaled, readUnjournaled } from './unjournaled-runs.js'

/** How many runs are asked for in one look. */
const BATCH_RUNS = 2_000

/** What a database knows beside its journals, and who is told which of these are being read. */
export interface StateRecords {
  readonly records: RunRecords
  readonly ahead: RecordsAhead
}

/**
 * What a database knows beside its journals.
 *
 * @example
 * const { records } = recordsThrough((question) => access.read((db) => askSqlite(db, question())))
 */
export function recordsThrough(ask: Ask): StateRecords {
  const ahead = new RecordsAhead((runs) => recordsOf(ask, runs))
  const records: RunRecords = {
    of: (runs) => ahead.of(runs),
    unjournaled: (selection, wants) => readUnjournaled(ask, selection, wants),
    listUnjournaled: (selection) => listUnjournaled(ask, selection),
    loads: (selection) => readLoads(ask, selection),
    journaled: (runIds) => journaledOf(ask, runIds),
  }
  return { records, ahead }
}

async function recordsOf(ask: Ask, runs: readonly RunListing[]): Promise<Map<string, RunRecord>> {
  const batches = batchesOf(runs)
  if (batches.length === 1) return ask(() => readRecords(runs))
  // All rows of run_status are gone through for it, so that is done once.
  const resumptions = await ask(() => resumptionsAmong(batches))
  const records = new Map<string, RunRecord>()
  for (const batch of batches) {
    for (const [runId, record] of await ask(() => readRecords(batch, resumptions)))
      records.set(runId, record)
  }
  return records
}

async function journaledOf(ask: Ask, runIds: readonly string[]): Promise<Set<string>> {
  const there = new Set<string>()
  for (let at = 0; at < runIds.length; at += BATCH_RUNS) {
    const among = runIds.slice(at, at + BATCH_RUNS)
    for (const runId of await ask(() => journaledAmong(among))) there.add(runId)
  }
  return there
}

function* journaledAmong(among: readonly string[]): Question<string[]> {
  const where = [{ column: 'run_id', among }]
  const { rows, problem } = yield { table: 'run_journal', texts: ['run_id'], where }
  // Of a damaged table nobody can tell what is gone.
  if (problem !== undefined) return [...among]
  return rows.flatMap((row) => textOf(row, 'run_id') ?? [])
}

function* resumptionsAmong(batches: readonly (readonly RunListing[])[]): Question<Resumptions> {
  const lives: RunLife[] = []
  for (const batch of batches) {
    const statuses = yield* readStatuses(batch.map(({ runId }) => runId))
    for (const { life } of statuses.values()) lives.push(life)
  }
  return yield* findResumptions(lives)
}

function batchesOf(runs: readonly RunListing[]): readonly (readonly RunListing[])[] {
  const count = Math.ceil(runs.length / BATCH_RUNS)
  return Array.from({ length: count }, (_, i) => runs.slice(i * BATCH_RUNS, (i + 1) * BATCH_RUNS))
}
