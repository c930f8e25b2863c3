/**
 * The contract `RunRecords` for whatever database can be asked: how much is asked for at once.
 *
 * It knows no database and no table.
 */
import type { RunRecord } from '../state/run-record.js'
import { readLoads } from './loads.js'
import { readRecords } from './read-records.js'
import type { RunRecords } from './run-records.js'
import type { RunListing } from './source.js'
import type { Ask } from './state-query.js'
import { listUnjournaled, readUnjournaled } from './unjournaled-runs.js'

/** How many runs are asked for in one look. */
const BATCH_RUNS = 2_000

/**
 * What a database knows beside its journals.
 *
 * @example
 * const records = recordsThrough((question) => access.read((db) => askSqlite(db, question())))
 */
export function recordsThrough(ask: Ask): RunRecords {
  return {
    of: (runs) => recordsOf(ask, runs),
    unjournaled: (selection, wants) => readUnjournaled(ask, selection, wants),
    listUnjournaled: (selection) => listUnjournaled(ask, selection),
    loads: (selection) => readLoads(ask, selection),
  }
}

async function recordsOf(ask: Ask, runs: readonly RunListing[]): Promise<Map<string, RunRecord>> {
  const records = new Map<string, RunRecord>()
  for (let at = 0; at < runs.length; at += BATCH_RUNS) {
    const batch = runs.slice(at, at + BATCH_RUNS)
    for (const [runId, record] of await ask(() => readRecords(batch))) records.set(runId, record)
  }
  return records
}
