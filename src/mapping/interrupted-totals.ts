/** What a run that was killed had done, in numbers. Unknown is absent; of its chunks all is known. */
import type { Integer } from '../journal/events.js'
import { exactInteger } from '../json/lossless.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import { type AttributesInTheMaking, putInteger } from './attributes.js'

const CHUNK_STATUSES = ['completed', 'failed', 'running', 'pending'] as const

/**
 * Writes the totals of a run: from the files that it wrote, else from the chunks that it completed. What
 * `export_metrics` says is not taken: of a run that another one went on with, it is about both.
 *
 * @param fileCount how many files it wrote.
 * @example
 * putTotals(attributes, run, 3)
 * attributes['rivet.run.chunks_pending'] // 17
 */
export function putTotals(
  attributes: AttributesInTheMaking,
  { chunkTasks, files }: UnjournaledRun,
  fileCount: number,
): void {
  const completed = chunkTasks.filter(({ status }) => status === 'completed')
  const put = (name: string, value: Integer | undefined) => {
    if (value !== undefined) putInteger(attributes, `rivet.run.${name}`, value)
  }
  put('rows', sumOf(files, 'rows') ?? sumOf(completed, 'rows'))
  put('files', fileCount === 0 ? undefined : fileCount)
  put('bytes', sumOf(files, 'bytes'))
  if (chunkTasks.length === 0) return
  put('chunks', chunkTasks.length)
  for (const status of CHUNK_STATUSES) {
    put(`chunks_${status}`, chunkTasks.filter((task) => task.status === status).length)
  }
}

/** The sum of a number of each; `undefined` where there is none of them, or one does not say it. */
function sumOf<K extends string>(
  items: readonly { readonly [key in K]?: Integer }[],
  key: K,
): Integer | undefined {
  if (items.length === 0) return undefined
  let sum = 0n
  for (const item of items) {
    const value = item[key]
    if (value === undefined) return undefined
    sum += BigInt(value)
  }
  return exactInteger(sum)
}
