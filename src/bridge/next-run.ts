/** What came after a run that was interrupted: the run that went on with it, or the next of its export. */
import { fieldsOf } from '../journal/events.js'
import type { NextRun } from '../state/next-run.js'
import { unjournaledStatus } from '../state/unjournaled-facts.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import type { RunItem, RunReader } from './run-reader.js'

/**
 * Finds the run that came after an interrupted one; `undefined` where none is there, and for a run
 * that was not interrupted.
 *
 * @throws {RivetOtelError} where the place cannot be read.
 * @example
 * await nextRun(reader, run) // { runId: 'orders_2', wentOn: true, status: 'success' }
 */
export async function nextRun(
  reader: RunReader,
  run: UnjournaledRun,
): Promise<NextRun | undefined> {
  const { state, resumedBy, exportName, endedUnixNano } = run
  if (state !== 'interrupted') return undefined
  if (resumedBy !== undefined) {
    for await (const item of reader.read({ runIds: [resumedBy] })) {
      const found = runOf(item)
      if (found !== undefined) return { ...found, wentOn: true }
    }
    return { runId: resumedBy, wentOn: true, status: undefined }
  }
  if (endedUnixNano === undefined) return undefined
  const source = run.record.status?.source
  // Runs of one export on one source do not overlap, so the first to end is the next.
  for await (const item of reader.read({ exports: [exportName], sinceUnixNano: endedUnixNano })) {
    const found = runOf(item)
    if (found === undefined || found.runId === run.runId) continue
    const other = (await reader.record({ runId: found.runId, exportName }))?.status?.source
    if (source !== undefined && other !== undefined && source !== other) continue
    return { ...found, wentOn: false }
  }
  return undefined
}

function runOf(item: RunItem): Omit<NextRun, 'wentOn'> | undefined {
  if (item.kind === 'unjournaled')
    return { runId: item.run.runId, status: unjournaledStatus(item.run) }
  if (item.kind !== 'journal') return undefined
  const { journal } = item
  const outcome = fieldsOf(journal.finalOutcome()?.event ?? '', 'RunCompleted')
  return { runId: journal.run_id, status: outcome?.status }
}
