/**
 * A run that left no journal as plain data for programs: everything that rivet's state database still
 * has of it. It is no journal, and says so in its first member.
 */

import { formatTimestamp } from '../../journal/timestamp.js'
import type { JsonObject, JsonValue } from '../../json/lossless.js'
import type { NextRun } from '../../state/next-run.js'
import type { RunRecord } from '../../state/run-record.js'
import { unjournaledStatus } from '../../state/unjournaled-facts.js'
import type { UnjournaledRun } from '../../state/unjournaled-run.js'

/**
 * The run as JSON, always with the same members; what is not known is `null`.
 *
 * @example
 * stringifyJson(unjournaledJson(run, undefined)) // '{"journal":null,"run_id":"orders_1","export_name":…}'
 */
export function unjournaledJson(run: UnjournaledRun, next: NextRun | undefined): JsonObject {
  const { state, endedUnixNano, record } = run
  const isInterrupted = state === 'interrupted'
  return {
    journal: null,
    run_id: run.runId,
    export_name: run.exportName,
    status: unjournaledStatus(run),
    state,
    rivet_status: run.status,
    started_at: timeOf(run.startedUnixNano),
    ended_at: isInterrupted ? null : timeOf(endedUnixNano),
    noticed_at: isInterrupted ? timeOf(endedUnixNano) : null,
    resumed_by: run.resumedBy ?? null,
    next_run: next === undefined ? null : { run_id: next.runId, status: next.status ?? null },
    source: record.status?.source ?? null,
    prefix: record.status?.prefix ?? null,
    metrics: metricsOf(record),
    harm: record.harm.map(({ metric, delta }) => ({ metric, delta })),
    chunks: run.chunkTasks.map((task) => ({
      chunk_index: task.chunkIndex,
      start_key: task.startKey,
      end_key: task.endKey,
      status: task.status,
      attempts: task.attempts,
      last_error: task.lastError ?? null,
      rows: task.rows ?? null,
      file_name: task.fileName ?? null,
      updated_at: timeOf(task.updatedUnixNano),
    })),
    files: run.files.map((file) => ({
      file_name: file.fileName,
      rows: file.rows ?? null,
      bytes: file.bytes ?? null,
      created_at: timeOf(file.createdUnixNano),
    })),
  }
}

/** Another run that went on with the work counts it under the same name, so totals are left out. */
function metricsOf({ metrics }: RunRecord): JsonValue {
  if (metrics === undefined) return null
  return {
    source_type: metrics.sourceType ?? null,
    rivet_version: metrics.rivetVersion ?? null,
    mode: metrics.mode ?? null,
    chunk_size: metrics.chunkSize ?? null,
    parallel: metrics.parallel ?? null,
    peak_rss_mb: metrics.peakRssMb ?? null,
    error_class: metrics.errorClass ?? null,
  }
}

function timeOf(unixNano: bigint | undefined): string | null {
  return unixNano === undefined ? null : formatTimestamp(unixNano)
}
