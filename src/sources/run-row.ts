/**
 * A row of rivet's table `run_journal` without its journal, whichever database it stands in: which
 * run it is, and when that ended.
 *
 * It knows no database: a source hands over what the cells say.
 */
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { readTimestamp } from '../journal/timestamp.js'
import { type Cell, type JournalRow, type RowNames, unreadableRow } from './journal-row.js'
import { asksForTime, type RunPlace } from './selection.js'
import type { Selection, UnreadableItem } from './source.js'

/** A row without its journal. */
export interface RunRow extends RunPlace {
  /** Which run it is, or why that cannot be told. */
  readonly names: RowNames | { readonly problem: string }
  /** Why it is not known when the run ended; absent where it is. */
  readonly timeProblem?: string
}

/**
 * The row that these cells make.
 *
 * @example
 * rowOf({ text: 'orders_1' }, { text: 'orders' }, { text: '2026-11-21T08:53:42Z' }).names
 * // { runId: 'orders_1', exportName: 'orders' }
 */
export function rowOf(runId: Cell, exportName: Cell, finishedAt: Cell): RunRow {
  const endedUnixNano = timeIn(finishedAt)
  return {
    runId: 'text' in runId ? runId.text : undefined,
    endedUnixNano,
    names: namesOf(runId, exportName),
    ...(endedUnixNano === undefined ? { timeProblem: timeProblem('finished_at', finishedAt) } : {}),
  }
}

/**
 * When a run ended, by its cell `finished_at`, in nanoseconds since 1970; `undefined` where that is
 * no timestamp.
 *
 * @example
 * timeIn({ text: '1970-01-01T00:00:01Z' }) // 1000000000n
 */
export function timeIn(finishedAt: Cell): bigint | undefined {
  return 'text' in finishedAt ? readTimestamp(finishedAt.text)?.unixNano : undefined
}

/**
 * Why a cell is no timestamp.
 *
 * @example
 * timeProblem('finished_at', { text: 'soon' }) // 'finished_at: "soon" is not a timestamp; …'
 */
export function timeProblem(column: string, time: Cell): string {
  return `${column}: ${
    'text' in time
      ? `${JSON.stringify(withoutConnectionSecrets(time.text).slice(0, 80))} is not a timestamp; expected one like 2026-11-21T08:53:42.129476775+00:00`
      : time.problem
  }`
}

/**
 * What is to be done for a row that a selection wants: to read its journal, or to say why not.
 *
 * @example
 * stepFor(row, {}) // { runId: 'orders_1', exportName: 'orders', endedUnixNano: 1795251222129476775n }
 */
export function stepFor(row: RunRow, selection: Selection): JournalRow | UnreadableItem {
  if ('problem' in row.names) return unreadableRow(row, row.names.problem)
  if (!asksForTime(selection) || row.timeProblem === undefined)
    return { ...row.names, endedUnixNano: row.endedUnixNano }
  return unreadableRow(
    row,
    `${row.timeProblem}; so it cannot be told whether the run ended in the time that is wanted`,
  )
}

function namesOf(runId: Cell, exportName: Cell): RunRow['names'] {
  if ('problem' in runId) return { problem: `run_id: ${runId.problem}` }
  if ('problem' in exportName) return { problem: `export_name: ${exportName.problem}` }
  return { runId: runId.text, exportName: exportName.text }
}
