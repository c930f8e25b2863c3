/**
 * Runs as a table, one line each, and as plain data of the same content.
 *
 * What is not known is `–` in the table and `null` in the data, never 0. A run that says
 * `success` and was not all well has its worst concern beside the word, with colours or without.
 */
import type { Integer } from '../../journal/events.js'
import { runFacts } from '../../journal/run-facts.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { formatTimestamp } from '../../journal/timestamp.js'
import type { JsonObject } from '../../json/lossless.js'
import type { InterruptedTrace } from '../../mapping/interrupted-trace.js'
import { unjournaledFacts, unjournaledStatus } from '../../state/unjournaled-facts.js'
import type { UnjournaledRun } from '../../state/unjournaled-run.js'
import { type Palette, palette } from './palette.js'
import { counted, formatCount, formatDuration, formatTime, UNKNOWN } from './quantities.js'
import { runAxis } from './run-axis.js'
import { concernsOf, concernsWithoutJournal, statusPaint, statusText } from './run-status.js'
import { type Cell, type Column, table } from './table.js'
import { printable } from './terminal-text.js'
import { wrap } from './wrap.js'

/** One run of the table. `undefined` is what its journal, or what else there is of it, does not say. */
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

/** How a view may look. */
export interface RunsTableOptions {
  /** Columns of the terminal; Infinity where stdout is none, so that nothing is shortened. */
  readonly width: number
  readonly color: boolean
}

/** A run_id is what a person goes on with, and it starts with the export's name and the time. */
const COLUMNS: readonly Column[] = [
  { heading: 'RUN ID', shrinkTo: 48, cut: 'middle' },
  { heading: 'EXPORT', shrinkTo: 12, leaveOut: 1 },
  { heading: 'STATUS', shrinkTo: 18 },
  { heading: 'STARTED', leaveOut: 4 },
  { heading: 'DURATION', align: 'right', leaveOut: 7 },
  { heading: 'ROWS', align: 'right', leaveOut: 8 },
  { heading: 'FILES', align: 'right', leaveOut: 2 },
  { heading: 'CHUNKS', align: 'right', leaveOut: 5 },
  { heading: 'RETRIES', align: 'right', leaveOut: 3 },
  { heading: 'LONGEST CHUNK', align: 'right', leaveOut: 6 },
]

/** Only where a run has one. */
const NAMESPACE: Column = { heading: 'NAMESPACE', shrinkTo: 12, leaveOut: 1 }

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
export function runRowJson(row: RunRow): JsonObject {
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

/**
 * The runs as lines of text, each with its line break; run_ids are shortened only where nothing
 * else can give way. Columns that find no room are named below the table.
 *
 * @example
 * process.stdout.write(runsTable([runRow(journal)], { width: 80, color: false }))
 */
export function runsTable(rows: readonly RunRow[], options: RunsTableOptions): string {
  const { width, color } = options
  const paints = palette(color)
  const areNamed = rows.some(({ namespace }) => namespace !== '')
  const { lines, leftOut } = table(
    areNamed ? [...COLUMNS.slice(0, 1), NAMESPACE, ...COLUMNS.slice(1)] : COLUMNS,
    rows.map((row) => {
      const [runId = '', ...others] = cellsOf(row, paints)
      return areNamed ? [runId, printable(row.namespace), ...others] : [runId, ...others]
    }),
    { width, paintHeading: paints.heading },
  )
  if (leftOut.length === 0) return textOf(lines)
  const note = `no room here for ${leftOut.join(', ')}; a wider terminal or --json has them`
  return textOf([...lines, ...wrap(note, width).map(paints.quiet)])
}

function cellsOf(row: RunRow, paints: Palette): Cell[] {
  const known = <T>(value: T | undefined, format: (value: T) => string): string =>
    value === undefined ? UNKNOWN : format(value)
  return [
    printable(row.runId),
    printable(row.exportName),
    {
      text: `${statusText(row.status, row.concerns)}${row.redaction === undefined ? '' : ', redacted'}`,
      paint: statusPaint(row.status, row.concerns, paints),
    },
    known(row.startUnixNano, formatTime),
    known(row.durationMs, formatDuration),
    known(row.rows, formatCount),
    known(row.files, formatCount),
    known(row.chunks, formatCount),
    (row.retries ?? 0) > 0
      ? { text: known(row.retries, formatCount), paint: paints.warning }
      : known(row.retries, formatCount),
    known(row.longestChunkMs, formatDuration),
  ]
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
