/**
 * What a state database says beside its journals, without what must not leave.
 *
 * `files` are names of files and where a run writes to, `keys` the borders of chunks, `errors` what a
 * chunk failed of; passwords and patterns are looked for in every text. A name of a run is never
 * changed, because ids follow from it: one that would be is left out where it only points to another
 * run, and for the thing's own name the caller has to ask.
 */
import type { TextRedaction } from '../journal/redacted-text.js'
import type { LoadRun } from './load-run.js'
import type { HarmCounter, RunMetrics, RunRecord, RunStatusRow } from './run-record.js'
import type { ChunkTask, LoggedFile, UnjournaledRun } from './unjournaled-run.js'

/**
 * What is known of a run, as it may leave.
 *
 * @example
 * redactedRecord(record, textRedactorOf({ fields: ['files'] })()).status?.prefix // '[redacted]'
 */
export function redactedRecord(record: RunRecord, texts: TextRedaction): RunRecord {
  const { resumed, status, metrics, ...more } = record
  return {
    ...more,
    exportName: texts.text(record.exportName),
    ...(status === undefined ? {} : { status: redactedStatus(status, texts) }),
    ...(metrics === undefined ? {} : { metrics: redactedMetrics(metrics, texts) }),
    harm: record.harm.map((counter) => redactedCounter(counter, texts)),
    ...(resumed !== undefined && mayName(resumed.runId, texts) ? { resumed } : {}),
  }
}

/**
 * A run without a journal, as it may leave.
 *
 * @example
 * redactedUnjournaled(run, textRedactorOf({ fields: ['keys'] })()).chunkTasks[0]?.startKey // '[redacted]'
 */
export function redactedUnjournaled(run: UnjournaledRun, texts: TextRedaction): UnjournaledRun {
  const { resumedBy, ...more } = run
  return {
    ...more,
    exportName: texts.text(run.exportName),
    status: texts.text(run.status),
    ...(resumedBy !== undefined && mayName(resumedBy, texts) ? { resumedBy } : {}),
    record: redactedRecord(run.record, texts),
    chunkTasks: run.chunkTasks.map((task) => redactedTask(task, texts)),
    files: run.files.map((file) => redactedFile(file, texts)),
  }
}

/**
 * A load, as it may leave; it still says how many runs it took in.
 *
 * @example
 * redactedLoad(load, textRedactorOf({ patterns: [/acme/] })()).targetTable // '[redacted].shop.orders'
 */
export function redactedLoad(load: LoadRun, texts: TextRedaction): LoadRun {
  const sourceRunIds = load.sourceRunIds.filter((runId) => mayName(runId, texts))
  const unnamed = (load.unnamedRuns ?? 0) + load.sourceRunIds.length - sourceRunIds.length
  return {
    ...load,
    exportName: texts.text(load.exportName),
    targetTable: texts.text(load.targetTable),
    warehouse: texts.text(load.warehouse),
    mode: texts.text(load.mode),
    status: texts.text(load.status),
    sourceRunIds,
    ...(unnamed === 0 ? {} : { unnamedRuns: unnamed }),
  }
}

/**
 * Whether a name of a run or a load has nothing in it that is taken out.
 *
 * @example
 * mayName('orders_1', textRedactorOf({ patterns: [/orders/] })()) // false
 */
export function mayName(name: string, texts: TextRedaction): boolean {
  return texts.text(name) === name
}

function redactedStatus(row: RunStatusRow, texts: TextRedaction): RunStatusRow {
  return {
    ...row,
    ...(row.status === undefined ? {} : { status: texts.text(row.status) }),
    ...(row.source === undefined ? {} : { source: texts.text(row.source) }),
    ...(row.prefix === undefined ? {} : { prefix: texts.field('files', row.prefix) }),
  }
}

function redactedMetrics(metrics: RunMetrics, texts: TextRedaction): RunMetrics {
  const shown = Object.entries(metrics).map(([name, value]) => [
    name,
    typeof value === 'string' ? texts.text(value) : value,
  ])
  return Object.fromEntries(shown) as RunMetrics
}

function redactedCounter(counter: HarmCounter, texts: TextRedaction): HarmCounter {
  return { ...counter, metric: texts.text(counter.metric) }
}

function redactedTask(task: ChunkTask, texts: TextRedaction): ChunkTask {
  const { lastError, fileName } = task
  return {
    ...task,
    startKey: texts.field('keys', task.startKey),
    endKey: texts.field('keys', task.endKey),
    status: texts.text(task.status),
    ...(lastError === undefined ? {} : { lastError: texts.field('errors', lastError) }),
    ...(fileName === undefined ? {} : { fileName: texts.field('files', fileName) }),
  }
}

function redactedFile(file: LoggedFile, texts: TextRedaction): LoggedFile {
  return { ...file, fileName: texts.field('files', file.fileName) }
}
