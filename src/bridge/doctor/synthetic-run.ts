/**
 * Runs that never were: journals with everything in them that a target may stumble over.
 *
 * They go through the same mapping as any run, in a namespace and under an export name of their own.
 */

import type { RunEvent } from '../../journal/events.js'
import { type JournalEntry, RunJournal } from '../../journal/run-journal.js'
import { formatTimestamp } from '../../journal/timestamp.js'
import { journalToTrace } from '../../mapping/journal-to-trace.js'
import type { TracePage } from '../../mapping/page.js'
import { DOCTOR_SERVICE } from '../../mapping/resource.js'
import type { ProbeSeed } from './probes.js'

/** The namespace of the synthetic runs. */
export const DOCTOR_NAMESPACE = DOCTOR_SERVICE

/** The export name of the synthetic runs. */
export const DOCTOR_EXPORT = 'rivet_otel_doctor'

/** How long ago the old run ended, in days. */
export const OLD_RUN_DAYS = 20

const NS_PER_MS = 1_000_000n
const NS_PER_DAY = 86_400_000n * NS_PER_MS
const CHUNKS = 1500
const WARNINGS = 150
const I64_MAX = 9_223_372_036_854_775_807n
const U64_MAX = 18_446_744_073_709_551_615n
const UNICODE = '表 🦀 e\u0301 \u0000 \u2028 "\\ ü'

/** A synthetic run with the pages that it goes out as. */
export interface SyntheticRun {
  readonly journal: RunJournal
  readonly pages: readonly TracePage[]
}

/**
 * A run of several pages that ended just now: long texts, integers up to the ends of their types,
 * times that stand still, go back and are spelled in other ways, Unicode, unknown events and fields.
 *
 * @example
 * syntheticRun({ nowUnixNano, randomHex }).pages.length // 3
 */
export function syntheticRun(seed: ProbeSeed): SyntheticRun {
  const begin = seed.nowUnixNano - 60_000n * NS_PER_MS
  const { entries, add } = recorder(begin)
  add(0n, plan(`SELECT '${UNICODE.repeat(4000)}'`))
  for (let i = 0; i < CHUNKS; i++) {
    add(1_000_003n, { ChunkStarted: { chunk_index: i, start_key: `${i}`, end_key: UNICODE } })
    const file_name = `doctor/${UNICODE}/part-${i}.parquet`
    add(7n, { ChunkCompleted: { chunk_index: i, rows: I64_MAX - BigInt(i), file_name } })
  }
  for (let i = 0; i < WARNINGS; i++)
    add(i % 3 === 0 ? 0n : 999n, warning(`${i} ${UNICODE.repeat(800)}`))
  for (const event of oddEvents()) add(-3n, event)
  entries.push({ recorded_at: spelledOtherwise(seed.nowUnixNano), event: warning('spelled') })
  add(5n * NS_PER_MS, completed())
  return mapped(seed, entries)
}

/**
 * A small run that ended {@link OLD_RUN_DAYS} days ago.
 *
 * @example
 * oldRun({ nowUnixNano, randomHex }).pages.length // 1
 */
export function oldRun(seed: ProbeSeed): SyntheticRun {
  const { entries, add } = recorder(seed.nowUnixNano - BigInt(OLD_RUN_DAYS) * NS_PER_DAY)
  add(0n, plan('SELECT 1'))
  add(1n, { ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '2' } })
  add(1_000_001n, { ChunkCompleted: { chunk_index: 0, rows: 2, file_name: 'doctor.parquet' } })
  add(7n, completed())
  return mapped(seed, entries)
}

function recorder(begin: bigint) {
  const entries: JournalEntry[] = []
  let time = begin
  const add = (laterByNs: bigint, event: RunEvent) => {
    time += laterByNs
    entries.push({ recorded_at: formatTimestamp(time), event })
  }
  return { entries, add }
}

function mapped(seed: ProbeSeed, entries: readonly JournalEntry[]): SyntheticRun {
  const journal = new RunJournal(`doctor_${seed.randomHex(8)}`, DOCTOR_EXPORT, entries)
  const resource = { 'service.name': DOCTOR_SERVICE }
  return {
    journal,
    pages: [...journalToTrace(journal, { namespace: DOCTOR_NAMESPACE, resource })],
  }
}

function plan(base_query: string): RunEvent {
  return {
    PlanResolved: {
      export_name: DOCTOR_EXPORT,
      base_query,
      strategy: 'chunked',
      format: 'parquet',
      compression: 'zstd',
      destination_type: 'local',
      tuning_profile: 'balanced',
      batch_size: U64_MAX,
      validate: true,
      reconcile: true,
      resume: false,
      chunk_key: null,
      row_hash: { column: UNICODE, columns: [] },
    },
  }
}

function warning(message: string): RunEvent {
  return { Warning: { context: 'rivet-otel doctor', message } }
}

function completed(): RunEvent {
  return { RunCompleted: { status: 'success', error_message: null, duration_ms: 60_000 } }
}

function oddEvents(): RunEvent[] {
  return [
    { ChunkFailed: { chunk_index: -I64_MAX - 1n, error: UNICODE.repeat(500), attempt: 1 } },
    { FileWritten: { file_name: '', rows: -I64_MAX - 1n, bytes: U64_MAX, part_index: 0 } },
    {
      SchemaChanged: { added: [], removed: ['', UNICODE], type_changed: [['id', 'int4', 'int8']] },
    },
    { ReconciliationResult: { source_count: I64_MAX, exported_rows: -1, matched: false } },
    { DoctorPaused: { because: [null, {}, [], -0.5, 2n ** 70n], note: UNICODE } },
    'DoctorResumed',
  ]
}

/** The same instant in another zone, in lower case and with more digits than nanoseconds. */
function spelledOtherwise(unixNano: bigint): string {
  const shifted = formatTimestamp(unixNano + 7_200_000n * NS_PER_MS)
  return `${shifted.slice(0, 19).replace('T', 't')}.1344368571234+02:00`
}
