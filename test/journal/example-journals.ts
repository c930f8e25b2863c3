/** Journals for tests: the real ones of the fixtures, and small ones written down event by event. */
import { readFileSync } from 'node:fs'
import { parseJournal } from '../../src/journal/codec.js'
import type { RunEvent } from '../../src/journal/events.js'
import { type JournalEntry, RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'

/** 2026-11-21T08:53:39.134436857Z. */
export const T0 = 1_795_251_219_134_436_857n

export const MS = 1_000_000n

/** The real journals, one line of JSON each, as rivet wrote them. */
export function shopLines(): string[] {
  const file = new URL('../fixtures/journals/shop.jsonl', import.meta.url)
  return readFileSync(file, 'utf8').trimEnd().split('\n')
}

/** The real journals. */
export function shopJournals(): RunJournal[] {
  return shopLines().map(parseJournal)
}

/** The first real journal of an export. */
export function shopJournal(exportName: string): RunJournal {
  const journal = shopJournals().find((journal) => journal.export_name === exportName)
  if (journal === undefined) throw new Error(`no journal of ${exportName} among the fixtures`)
  return journal
}

/** An entry so many nanoseconds after {@link T0}. */
export function at(nanos: bigint | number, event: RunEvent): JournalEntry {
  return { recorded_at: formatTimestamp(T0 + BigInt(nanos)), event }
}

/** A journal of these entries. */
export function journalOf(
  entries: readonly JournalEntry[],
  { runId = 'orders_1', exportName = 'orders' } = {},
): RunJournal {
  return new RunJournal(runId, exportName, entries)
}

/** A journal of these events, 1 ms apart. */
export function journalOfEvents(...events: readonly RunEvent[]): RunJournal {
  return journalOf(events.map((event, i) => at(BigInt(i) * MS, event)))
}

export const started = (chunk_index: number | bigint): RunEvent => ({
  ChunkStarted: { chunk_index, start_key: '1', end_key: '25000' },
})

export const completed = (chunk_index: number | bigint, file_name?: string): RunEvent => ({
  ChunkCompleted: { chunk_index, rows: 10, file_name: file_name ?? null },
})

export const failed = (
  chunk_index: number | bigint,
  error = 'it broke',
  attempt = 1,
): RunEvent => ({ ChunkFailed: { chunk_index, error, attempt } })

export const warning = (message: string): RunEvent => ({ Warning: { context: 'test', message } })

export const retry = (attempt: number): RunEvent => ({
  RetryAttempted: { attempt, reason: 'timeout', backoff_ms: 500 },
})

export const runCompleted = (
  status: string,
  error_message: string | null = null,
  duration_ms: number | bigint = 1,
): RunEvent => ({ RunCompleted: { status, error_message, duration_ms } })

export const plan = (more: { readonly base_query?: string } = {}): RunEvent => ({
  PlanResolved: {
    export_name: 'orders',
    base_query: 'SELECT 1',
    strategy: 'snapshot',
    format: 'parquet',
    compression: 'zstd',
    destination_type: 'local',
    tuning_profile: 'balanced',
    batch_size: 1000,
    validate: false,
    reconcile: true,
    resume: false,
    ...more,
  },
})

/** One event of each of the 14 kinds, with every field that it may have. */
export const EVERY_KIND: readonly RunEvent[] = [
  {
    PlanResolved: {
      export_name: 'orders',
      base_query: 'SELECT * FROM orders',
      strategy: 'chunked',
      format: 'parquet',
      compression: 'zstd',
      destination_type: 'local',
      tuning_profile: 'balanced',
      batch_size: 10_000,
      validate: true,
      reconcile: true,
      resume: false,
      chunk_key: 'id',
      resumable: true,
      row_hash: { column: '_rivet_row_hash', columns: ['id', 'amount'] },
    },
  },
  { PlanWarning: { rule: 'no_index', message: 'id has no index' } },
  { FileWritten: { file_name: 'orders_0.parquet', rows: 7, bytes: 4096, part_index: 0 } },
  started(0),
  completed(0, 'orders_1.parquet'),
  failed(1, 'division by zero', 2),
  retry(1),
  { QualityIssue: { severity: 'WARN', message: 'email: 3 nulls' } },
  {
    SchemaChanged: {
      added: ['nick (text)'],
      removed: ['age'],
      type_changed: [['id', 'int4', 'int8']],
    },
  },
  { Warning: { context: 'state', message: 'slow' } },
  { ParallelismAdjusted: { from: 4, to: 2, reason: 'pressure rising: backed off' } },
  { ValidationResult: { passed: true } },
  { ReconciliationResult: { source_count: 17, exported_rows: 17, matched: true } },
  runCompleted('success', null, 1200),
]
