/** Journals for the views: the real ones, and made-up ones of any size. */
import { readFileSync } from 'node:fs'
import { parseJournal } from '../../../src/journal/codec.js'
import type { RunEvent } from '../../../src/journal/events.js'
import { RunJournal } from '../../../src/journal/run-journal.js'
import { formatTimestamp } from '../../../src/journal/timestamp.js'

const SHOP = new URL('../../fixtures/journals/shop.jsonl', import.meta.url)

/** The journals of real runs, oldest first. */
export const shopJournals: readonly RunJournal[] = readFileSync(SHOP, 'utf8')
  .trim()
  .split('\n')
  .map(parseJournal)

/** The real run whose run_id starts so. */
export function shopJournal(start: string): RunJournal {
  const journal = shopJournals.find(({ run_id }) => run_id.startsWith(start))
  if (journal === undefined) throw new Error(`no run ${start}`)
  return journal
}

/** 2026-11-21T08:00:00Z, in nanoseconds since 1970. */
export const START = 1_795_248_000_000_000_000n

/** A journal whose entries come at so many milliseconds after {@link START}. */
export function madeUp(
  events: readonly (readonly [ms: number, event: RunEvent])[],
  runId = 'made_up_1',
  exportName = 'made_up',
): RunJournal {
  const entries = events.map(([ms, event]) => ({
    recorded_at: formatTimestamp(START + BigInt(ms) * 1_000_000n),
    event,
  }))
  return new RunJournal(runId, exportName, entries)
}

/** A plan that says nothing out of the ordinary. */
export const PLAN = {
  PlanResolved: {
    export_name: 'made_up',
    base_query: 'SELECT * FROM made_up',
    strategy: 'chunked',
    format: 'parquet',
    compression: 'zstd',
    destination_type: 'local',
    tuning_profile: 'balanced',
    batch_size: 10_000,
    validate: false,
    reconcile: false,
    resume: false,
  },
} satisfies RunEvent

/** A run of so many chunks of 1,000 rows and 10 ms, one after the other; some slow, some failed. */
export function chunkedRun(
  count: number,
  { slow = [], failed = [] }: { slow?: readonly number[]; failed?: readonly number[] } = {},
): RunJournal {
  const events: [number, RunEvent][] = [[0, PLAN]]
  let ms = 5
  for (let i = 0; i < count; i++) {
    const keys = { start_key: String(i * 1000 + 1), end_key: String((i + 1) * 1000) }
    events.push([ms, { ChunkStarted: { chunk_index: i, ...keys } }])
    ms += slow.includes(i) ? 100 + i : 10
    events.push([
      ms,
      failed.includes(i)
        ? { ChunkFailed: { chunk_index: i, error: `chunk ${i} broke`, attempt: 1 } }
        : { ChunkCompleted: { chunk_index: i, rows: 1000, file_name: `part_${i}.parquet` } },
    ])
  }
  const status = failed.length > 0 ? 'failed' : 'success'
  events.push([ms, { RunCompleted: { status, duration_ms: ms } }])
  return madeUp(events)
}
