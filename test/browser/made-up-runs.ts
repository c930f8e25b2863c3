/** Journals of nights that never were: enough of them for a trend, one of which went wrong. */

const CHUNKS = 20
const NIGHT_MS = 86_400_000
const FIRST_NIGHT = Date.parse('2026-10-01T02:00:00Z')

/** What a night is like, other than usual. */
export interface Night {
  readonly exportName?: string
  /** The chunk that a timeout ended. */
  readonly fails?: number
}

/** The journal of a night as one line, `orders_night_0` and on; it takes longer from night to night. */
export function nightlyRun(night: number, { exportName = 'orders', fails }: Night = {}): string {
  const start = FIRST_NIGHT + night * NIGHT_MS
  const entries: unknown[] = []
  const record = (ms: number, event: unknown) =>
    entries.push({ recorded_at: new Date(start + Math.round(ms)).toISOString(), event })
  record(0, { PlanResolved: planOf(exportName) })
  let at = 180
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    const took = chunkMs(night, chunk)
    const [start_key, end_key] = [chunk * 25_000 + 1, (chunk + 1) * 25_000].map(String)
    record(at, { ChunkStarted: { chunk_index: chunk, start_key, end_key } })
    const end = at + took
    if (chunk === fails)
      record(end, { ChunkFailed: { chunk_index: chunk, error: TIMEOUT, attempt: 1 } })
    else
      record(end, {
        ChunkCompleted: { chunk_index: chunk, rows: 25_000, file_name: fileOf(chunk) },
      })
    at = end + 12
  }
  const duration_ms = Math.round(at + 60)
  const failed = fails !== undefined
  const error_message = failed
    ? `1 chunk task(s) of export '${exportName}' not completed; fix the cause, then resume: chunk checkpoint errors:\nchunk ${fails}: ${TIMEOUT}`
    : null
  record(duration_ms, {
    RunCompleted: { status: failed ? 'failed' : 'success', error_message, duration_ms },
  })
  return `${JSON.stringify({ run_id: `${exportName}_night_${night}`, export_name: exportName, entries })}\n`
}

const TIMEOUT = 'db error: ERROR: canceling statement due to statement timeout'

/** One chunk lies where many rows were updated: it is the slowest of every night. */
function chunkMs(night: number, chunk: number): number {
  const usual = 130 + ((chunk * chunk * 31 + chunk * 7 + night * 17) % 90) + night * 2
  return chunk === 7 ? usual * 4 : usual
}

function fileOf(chunk: number): string {
  return `orders_chunk${chunk}.parquet`
}

function planOf(exportName: string) {
  return {
    export_name: exportName,
    base_query: 'SELECT id, customer_id, total, placed_at\nFROM orders\nWHERE placed_at < now()',
    strategy: 'chunked',
    format: 'parquet',
    compression: 'zstd',
    destination_type: 's3',
    tuning_profile: 'balanced (default)',
    batch_size: 10_000,
    validate: false,
    reconcile: false,
    resume: false,
    chunk_key: 'id',
    resumable: true,
  }
}
