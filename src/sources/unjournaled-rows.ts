/**
 * A row of `run_status` without a journal as a run: what became of it, and when.
 *
 * It knows no database.
 */
import type { UnjournaledListing } from '../state/unjournaled-run.js'
import type { Cell } from './journal-row.js'
import type { Resumptions } from './run-lives.js'
import { statusIn } from './run-record-rows.js'
import { timeProblem } from './run-row.js'
import { asksForTime, endedInTime } from './selection.js'
import type { Selection, UnreadableItem } from './source.js'
import { cellOf, type StateRow, textOf } from './state-query.js'

/**
 * The run of a row. Without its names, its status and its times it is unreadable.
 *
 * @example
 * unjournaledFrom(row, resumptions).kind // 'unjournaled'
 */
export function unjournaledFrom(
  row: StateRow,
  resumptions: Resumptions,
): UnjournaledListing | UnreadableItem {
  const life = statusIn(row)?.life
  if (life === undefined) return unreadableStatus(row, namesProblem(row))
  const { runId, exportName, status, startedUnixNano, finishedUnixNano } = life
  if (startedUnixNano === undefined) return unreadableTime(row, 'started_at')
  const run = { kind: 'unjournaled', runId, exportName, status, startedUnixNano } as const
  if (status === 'running') return { ...run, state: 'running' }
  const resumption = resumptions.of.get(runId)
  if (resumption !== undefined) {
    const endedUnixNano = resumption.interruptedUnixNano
    return { ...run, state: 'interrupted', endedUnixNano, resumedBy: resumption.runId }
  }
  if (finishedUnixNano === undefined) return unreadableTime(row, 'finished_at')
  const state = status === 'interrupted' ? 'interrupted' : 'unrecorded'
  return { ...run, state, endedUnixNano: finishedUnixNano }
}

/**
 * Whether a selection wants a run of the right names, by its time. Of what cannot be read that cannot
 * be told, so it is wanted.
 *
 * @example
 * isWantedNow(run, { sinceUnixNano: 0n }) // true
 */
export function isWantedNow(
  run: UnjournaledListing | UnreadableItem,
  selection: Selection,
): boolean {
  if (run.kind === 'unreadable' || !asksForTime(selection)) return true
  if (run.state === 'running') return selection.untilUnixNano === undefined
  return run.endedUnixNano === undefined || endedInTime(selection, run.endedUnixNano)
}

function namesProblem(row: StateRow): string {
  for (const column of ['run_id', 'export_name', 'status']) {
    const cell = cellOf(row, column)
    if ('problem' in cell) return `${column}: ${cell.problem}`
  }
  return 'the row says nothing'
}

function unreadableTime(row: StateRow, column: string): UnreadableItem {
  const time: Cell = cellOf(row, column)
  return unreadableStatus(row, timeProblem(column, time))
}

function unreadableStatus(row: StateRow, problem: string): UnreadableItem {
  const runId = textOf(row, 'run_id')
  return runId === undefined
    ? { kind: 'unreadable', where: 'a run_status row', problem }
    : { kind: 'unreadable', where: `run_status row ${runId}`, runId, problem }
}
