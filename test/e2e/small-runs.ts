/** Journals of small runs as text, for tests of many runs and of runs that change. */

/** A journal of three spans; `rows` makes it another journal of the same run. */
export function smallRun(runId: string, rows = 25_000): string {
  const at = (ms: number) => `2026-11-21T08:53:39.${String(134 + ms)}857123Z`
  const entries = [0, 1].flatMap((chunk) => [
    `{"recorded_at":"${at(chunk * 40)}","event":{"ChunkStarted":{"chunk_index":${chunk},"start_key":"1","end_key":"9"}}}`,
    `{"recorded_at":"${at(chunk * 40 + 37)}","event":{"ChunkCompleted":{"chunk_index":${chunk},"rows":${rows},"file_name":null}}}`,
  ])
  entries.push(
    `{"recorded_at":"${at(90)}","event":{"RunCompleted":{"status":"success","error_message":null,"duration_ms":90}}}`,
  )
  return `{"run_id":"${runId}","export_name":"orders","entries":[${entries.join(',')}]}\n`
}

/** Journals of so many small runs, `orders_0` and on. */
export function smallRuns(count: number): string {
  return Array.from({ length: count }, (_, i) => smallRun(`orders_${i}`)).join('')
}

/** How many spans a small run has. */
export const SPANS_OF_SMALL_RUN = 3
