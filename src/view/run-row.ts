/**
 * A run as one row of a list, and the same as plain data.
 *
 * What is not known is `undefined`, in the data `null`, never 0.
 */
import type { Integer } from '../journal/events.js'
import { runFacts } from '../journal/run-facts.js'
import type { RunJournal } from '../journal/run-journal.js'
import { formatTimestamp } from '../journal/timestamp.js'
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import { unjournaledFacts, unjournaledStatus } from '../state/unjournaled-facts.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import { counted } from './quantities.js'
import { runAxis } from './run-axis.js'
import { concernsOf, concernsWithoutJournal } from './run-concerns.js'
import type { SummaryWith } from './run-view.js'

/** One run of a list. `undefined` is what its journal, or what else there is of it, does not say. */
export interface RunRow {
  readonly runId: string
  /** Whether it left a journal; without one little more is known than that it was there. */
  readonly hasJournal: boolean
  /** What it was sent with; `''` where that is nothing, or where it was not sent. */
  readonly namespace: string
  readonly exportName: string
  /** `success`, `failed`, `skipped` or something later; without a journal also `interrupted` and `running`. */
  readonly status: string | undefined
  /** What was not well although it may be `success`, in a few words, the worst first. */
  readonly concerns: readonly string[]
  /** Nanoseconds since 1970. */
  readonly startUnixNano: bigint | undefined
  /** Milliseconds, as the run itself says. */
  readonly durationMs: Integer | undefined
  readonly rows: Integer | undefined
  readonly bytes: Integer | undefined
  readonly files: Integer | undefined
  readonly chunks: number | undefined
  readonly retries: number | undefined
  /** Milliseconds. */
  readonly longestChunkMs: number | undefined
  /** What the sender of its trace took out; absent for a run as rivet wrote it. */
  readonly redaction?: string
}

/**
 * The row of a run.
 *
 * @example
 * runRow(journal).longestChunkMs // 193
 */
export function runRow(journal: RunJournal, namespace = ''): RunRow {
  const facts = runFacts(journal)
  return {
    runId: journal.run_id,
    hasJournal: true,
    namespace,
    exportName: journal.export_name,
    status: facts.outcome?.status,
    concerns: concernsOf(facts),
    startUnixNano: runAxis(journal)?.startUnixNano,
    durationMs: facts.outcome?.duration_ms,
    rows: facts.rows,
    bytes: facts.bytes,
    files: facts.files.length > 0 ? facts.files.length : undefined,
    chunks: facts.chunks,
    retries: facts.retries,
    longestChunkMs: facts.longestChunkMs,
  }
}

/**
 * The row of a run that left no journal. One that was interrupted has no duration: nobody knows when
 * it ended.
 *
 * @example
 * unjournaledRow(run).status // 'interrupted'
 */
export function unjournaledRow(run: UnjournaledRun): RunRow {
  const facts = unjournaledFacts(run)
  return {
    runId: run.runId,
    hasJournal: false,
    namespace: '',
    exportName: run.exportName,
    status: unjournaledStatus(run),
    concerns: concernsWithoutJournal(run),
    startUnixNano: run.startedUnixNano,
    durationMs: facts.durationMs,
    rows: facts.rows,
    bytes: facts.bytes,
    files: facts.files,
    chunks: facts.chunksBegun,
    retries: undefined,
    longestChunkMs: undefined,
  }
}

/**
 * The row of a run that was killed, as its trace says it.
 *
 * @example
 * interruptedTraceRow(trace).hasJournal // false
 */
export function interruptedTraceRow(trace: InterruptedTrace): RunRow {
  const { chunks, chunksPending = 0, chunksFailed = 0 } = trace
  return {
    runId: trace.runId,
    hasJournal: false,
    namespace: trace.namespace,
    exportName: trace.exportName,
    status: 'interrupted',
    concerns: chunksFailed > 0 ? [counted(chunksFailed, 'chunk failure')] : [],
    startUnixNano: trace.startUnixNano,
    durationMs: undefined,
    rows: trace.rows,
    bytes: trace.bytes,
    files: trace.files,
    chunks: chunks === undefined ? undefined : Number(chunks) - Number(chunksPending),
    retries: undefined,
    longestChunkMs: undefined,
  }
}

/**
 * The row of a run as plain data for programs, always with the same members; `redaction` only where something was taken out.
 *
 * @example
 * stringifyJson(runRowJson(runRow(journal))) // '{"run_id":"orders_1","journal":true,…}'
 */
export function runRowJson(row: RunRow): SummaryWith<Integer> {
  return {
    run_id: row.runId,
    journal: row.hasJournal,
    namespace: row.namespace === '' ? null : row.namespace,
    export_name: row.exportName,
    status: row.status ?? null,
    concerns: row.concerns,
    started_at: row.startUnixNano === undefined ? null : formatTimestamp(row.startUnixNano),
    duration_ms: row.durationMs ?? null,
    rows: row.rows ?? null,
    bytes: row.bytes ?? null,
    files: row.files ?? null,
    chunks: row.chunks ?? null,
    retries: row.retries ?? null,
    longest_chunk_ms: row.longestChunkMs ?? null,
    ...(row.redaction === undefined ? {} : { redaction: row.redaction }),
  }
}
