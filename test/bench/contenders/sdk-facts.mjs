// What the root of a run says for people and for search (docs/mapping.md, "Derived attributes"), for the plain SDK loop.
import { shortPlanFields } from './sdk-events.mjs'

/**
 * @param {readonly import('./parsed-journal.mjs').Entry[]} entries
 * @param {import('./sdk-times.mjs').HrTime[]} times
 */
export function derivedAttributes(entries, times) {
  const files = new Set()
  const chunks = new Set()
  const started = new Map()
  let [rows, bytes, retries, longest, issues, changes, warnings] = [0, 0, 0, -1, 0, 0, 0]
  let [hasRows, knowsBytes] = [false, true]
  let plan, outcome, validated, reconciled
  for (let index = 0; index < entries.length; index++) {
    const event = entries[index]?.event
    if (event === undefined) continue
    if (event.ChunkStarted !== undefined) {
      chunks.add(event.ChunkStarted.chunk_index)
      started.set(event.ChunkStarted.chunk_index, times[index])
    } else if (event.ChunkCompleted !== undefined) {
      const { chunk_index, rows: more, file_name } = event.ChunkCompleted
      chunks.add(chunk_index)
      rows += more
      hasRows = true
      if (file_name !== null) {
        files.add(file_name)
        knowsBytes = false
      }
      const start = started.get(chunk_index)
      if (start !== undefined) longest = Math.max(longest, msBetween(start, times[index]))
    } else if (event.FileWritten !== undefined) {
      files.add(event.FileWritten.file_name)
      rows += event.FileWritten.rows
      bytes += event.FileWritten.bytes
      hasRows = true
    } else if (event.ChunkFailed !== undefined) chunks.add(event.ChunkFailed.chunk_index)
    else if (event.PlanResolved !== undefined) plan ??= event.PlanResolved
    else if (event.RunCompleted !== undefined) outcome = event.RunCompleted
    else if (event.RetryAttempted !== undefined) retries++
    else if (event.QualityIssue !== undefined) issues++
    else if (event.SchemaChanged !== undefined) changes++
    else if (event.Warning !== undefined || event.PlanWarning !== undefined) warnings++
    else if (event.ValidationResult !== undefined) validated = event.ValidationResult.passed
    else if (event.ReconciliationResult !== undefined) {
      reconciled = event.ReconciliationResult.matched
    }
  }
  return {
    'rivet.run.status': outcome?.status,
    'rivet.run.duration_ms': outcome?.duration_ms,
    'rivet.run.rows': hasRows ? rows : undefined,
    'rivet.run.files': files.size > 0 ? files.size : undefined,
    'rivet.run.bytes': files.size > 0 && knowsBytes ? bytes : undefined,
    'rivet.run.chunks': chunks.size > 0 ? chunks.size : undefined,
    'rivet.run.retries': retries,
    'rivet.run.longest_chunk_ms': longest >= 0 ? longest : undefined,
    'rivet.run.quality_issues': issues,
    'rivet.run.schema_changes': changes,
    'rivet.run.warnings': warnings,
    'rivet.run.validated': validated,
    'rivet.run.reconciled': reconciled,
    ...(plan === undefined ? {} : shortPlanFields(plan)),
  }
}

/** @param {[number, number]} from @param {[number, number] | undefined} to Whole milliseconds. */
function msBetween(from, to = from) {
  return Math.trunc((to[0] - from[0]) * 1000 + (to[1] - from[1]) / 1_000_000)
}
