/**
 * The loads of a state database, from its table `load_run`.
 *
 * Which ones are wanted is worked out first, and then they are read some at a time: a load may name
 * thousands of runs.
 */
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import type { LoadRun } from '../state/load-run.js'
import type { Cell } from './journal-row.js'
import { timeIn, timeProblem } from './run-row.js'
import { asksForTime, endedInTime, Newest, type RunPlace } from './selection.js'
import type { Selection, UnreadableItem } from './source.js'
import {
  type Ask,
  type Condition,
  cellOf,
  integerOf,
  type Question,
  type StateRow,
  textOf,
  timeOf,
} from './state-query.js'

const TEXTS = [
  ...['load_id', 'export_name', 'target_table', 'warehouse', 'mode', 'source_run_ids', 'status'],
  'finished_at',
]
const BATCH_LOADS = 100

/** A load that is wanted: under `runId` its load_id, which is what it is placed by. */
interface LoadPlace extends RunPlace {
  /** Why it cannot be asked for; absent where it can. */
  readonly unreadable?: UnreadableItem
}

/**
 * The loads that a selection wants, oldest first, then by load_id. One that cannot be read comes as
 * such, also where it cannot be told whether it is wanted.
 *
 * @example
 * for await (const load of readLoads(ask, { last: 10 })) console.log(load)
 */
export async function* readLoads(
  ask: Ask,
  selection: Selection,
): AsyncGenerator<LoadRun | UnreadableItem> {
  const { places, problem } = await ask(() => selectLoads(selection))
  if (problem !== undefined) yield { kind: 'unreadable', where: 'the table load_run', problem }
  for (let at = 0; at < places.length; at += BATCH_LOADS) {
    const batch = places.slice(at, at + BATCH_LOADS)
    const loads = await ask(() => readBatch(batch.flatMap(({ runId }) => runId ?? [])))
    for (const { runId, unreadable } of batch)
      yield unreadable ?? loads.get(runId ?? '') ?? unreadableLoad(runId, GONE)
  }
}

const GONE = 'the row was removed while the database was read'

interface SelectedLoads {
  readonly places: readonly LoadPlace[]
  readonly problem: string | undefined
}

function* selectLoads(selection: Selection): Question<SelectedLoads> {
  const { exports, runIds, last } = selection
  const where: Condition[] = []
  if (exports !== undefined) where.push({ column: 'export_name', among: exports })
  const wanted = runIds === undefined ? undefined : new Set(runIds)
  const { rows, problem } = yield {
    table: 'load_run',
    texts: ['load_id', 'finished_at', ...(wanted === undefined ? [] : ['source_run_ids'])],
    where,
    keep: (row) => isInTime(row, selection) && (wanted === undefined || tookAny(row, wanted)),
  }
  const newest = new Newest<LoadPlace>(last ?? rows.length)
  for (const row of rows) newest.add(placeOf(row))
  return { places: newest.oldestFirst(), problem }
}

function isInTime(row: StateRow, selection: Selection): boolean {
  const ended = timeOf(row, 'finished_at')
  return ended === undefined || !asksForTime(selection) || endedInTime(selection, ended)
}

function tookAny(row: StateRow, wanted: ReadonlySet<string>): boolean {
  const runIds = namesIn(cellOf(row, 'source_run_ids'))
  return 'problem' in runIds || runIds.names.some((name) => wanted.has(name))
}

function placeOf(row: StateRow): LoadPlace {
  const id = cellOf(row, 'load_id')
  const endedUnixNano = timeOf(row, 'finished_at')
  if ('text' in id) return { runId: id.text, endedUnixNano }
  const unreadable = unreadableLoad(undefined, `load_id: ${id.problem}`)
  return { runId: undefined, endedUnixNano, unreadable }
}

function* readBatch(loadIds: readonly string[]): Question<Map<string, LoadRun | UnreadableItem>> {
  const { rows } = yield {
    table: 'load_run',
    texts: TEXTS,
    integers: ['rows_loaded'],
    where: [{ column: 'load_id', among: loadIds }],
  }
  return new Map(rows.map((row) => [textOf(row, 'load_id') ?? '', loadIn(row)]))
}

function loadIn(row: StateRow): LoadRun | UnreadableItem {
  const id = textOf(row, 'load_id') ?? ''
  const texts: string[] = []
  for (const column of ['export_name', 'target_table', 'warehouse', 'mode', 'status']) {
    const cell = cellOf(row, column)
    if ('problem' in cell) return unreadableLoad(id, `${column}: ${cell.problem}`)
    texts.push(cell.text)
  }
  const [exportName = '', targetTable = '', warehouse = '', mode = '', status = ''] = texts
  const runIds = namesIn(cellOf(row, 'source_run_ids'))
  if ('problem' in runIds) return unreadableLoad(id, `source_run_ids: ${runIds.problem}`)
  const finishedAt = cellOf(row, 'finished_at')
  const finishedUnixNano = timeIn(finishedAt)
  if (finishedUnixNano === undefined)
    return unreadableLoad(id, timeProblem('finished_at', finishedAt))
  const rows = integerOf(row, 'rows_loaded')
  return {
    kind: 'load',
    ...{ loadId: id, exportName, targetTable, warehouse, mode },
    sourceRunIds: runIds.names,
    ...(rows === undefined ? {} : { rowsLoaded: rows }),
    status,
    finishedUnixNano,
  }
}

/** rivet keeps the list as JSON. */
function namesIn(cell: Cell): { readonly names: string[] } | { readonly problem: string } {
  if ('problem' in cell) return cell
  try {
    const names: unknown = JSON.parse(cell.text)
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return { names }
  } catch {
    // Said below, with what stands there.
  }
  const shown = JSON.stringify(withoutConnectionSecrets(cell.text).slice(0, 80))
  return { problem: `${shown} is not a list of run ids; expected one like ["orders_1"]` }
}

function unreadableLoad(loadId: string | undefined, problem: string): UnreadableItem {
  return {
    kind: 'unreadable',
    where: loadId === undefined ? 'a load_run row' : `load_run row ${loadId}`,
    problem,
  }
}
