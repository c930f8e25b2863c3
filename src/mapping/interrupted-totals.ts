/**
 * What a run that was killed had done, in numbers. Unknown is absent: of chunks that a later run has taken
 * up nobody knows what they were.
 */
import type { Integer } from '../journal/events.js'
import { unjournaledFacts } from '../state/unjournaled-facts.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import { type AttributesInTheMaking, putInteger } from './attributes.js'

/** How many chunks a run that was killed had planned; `rivet.run.chunks` are those that a journal knows of. */
export const PLANNED_CHUNKS = 'planned_chunks'

const CHUNK_STATUSES = ['completed', 'failed', 'running', 'pending']

/**
 * Writes the totals of a run: from the files that it wrote, else from the chunks that it completed. What
 * `export_metrics` says is not taken: of a run that another one went on with, it is about both.
 *
 * @param fileCount how many files it wrote; their names may be the same, so they do not tell.
 * @example
 * putTotals(attributes, run, 3)
 * attributes['rivet.run.chunks_pending'] // 17
 */
export function putTotals(
  attributes: AttributesInTheMaking,
  run: UnjournaledRun,
  fileCount: number,
): void {
  const { rows, bytes, chunksPlanned, chunksByStatus } = unjournaledFacts(run)
  const put = (name: string, value: Integer | undefined) => {
    if (value !== undefined) putInteger(attributes, `rivet.run.${name}`, value)
  }
  put('rows', rows)
  put('files', fileCount === 0 ? undefined : fileCount)
  put('bytes', bytes)
  put(PLANNED_CHUNKS, chunksPlanned)
  const none = chunksPlanned === undefined ? undefined : 0
  for (const status of CHUNK_STATUSES)
    put(`chunks_${status}`, chunksByStatus.get(status)?.length ?? none)
}
