/**
 * The runs of a state database that left no journal: rows of `run_status` that have none in
 * `run_journal`.
 *
 * Which ones are wanted is worked out in one look, from a few columns. What is known of those follows
 * for some runs at a time, and their chunks and files run by run: these may be many, and most of who
 * asks needs neither.
 */
import type { RunRecord } from '../state/run-record.js'
import type { UnjournaledListing, UnjournaledRun } from '../state/unjournaled-run.js'
import { readRecords } from './read-records.js'
import { findResumptions } from './run-lives.js'
import {
  fileIn,
  STATUS_TEXTS,
  statusIn,
  TASK_INTEGERS,
  TASK_TEXTS,
  taskIn,
} from './run-record-rows.js'
import { Newest, type RunPlace } from './selection.js'
import type { Selection, UnreadableItem } from './source.js'
import { type Ask, type Condition, type Question, textOf } from './state-query.js'
import { isWantedNow, unjournaledFrom } from './unjournaled-rows.js'

const BATCH_RUNS = 200

/**
 * The runs without a journal that a selection wants: see `RunRecords.unjournaled`.
 *
 * @example
 * for await (const run of readUnjournaled(ask, {})) console.log(run)
 */
export async function* readUnjournaled(
  ask: Ask,
  selection: Selection,
  wants: Wants = () => true,
): AsyncGenerator<UnjournaledRun | UnreadableItem> {
  const runs = await ask(() => selectUnjournaled(selection, wants))
  for (let at = 0; at < runs.length; at += BATCH_RUNS) {
    const batch = runs.slice(at, at + BATCH_RUNS)
    const known = batch.flatMap((run) => (run.kind === 'unjournaled' ? [run] : []))
    const records = await ask(() => readRecords(known))
    for (const run of batch) {
      if (run.kind === 'unreadable') {
        yield run
        continue
      }
      const { unreadable, ...work } = await ask(() => readWork(run))
      yield* unreadable
      yield wholeRun(run, records.get(run.runId), work)
    }
  }
}

/**
 * The same runs as `run_status` alone tells of them: see `RunRecords.listUnjournaled`.
 *
 * @example
 * for await (const run of listUnjournaled(ask, {})) console.log(run)
 */
export async function* listUnjournaled(ask: Ask, selection: Selection): AsyncGenerator<Listed> {
  yield* await ask(() => selectUnjournaled(selection, () => true))
}

type Listed = UnjournaledListing | UnreadableItem

type Wants = (run: UnjournaledListing) => boolean

interface Place extends RunPlace {
  readonly run: Listed
}

function* selectUnjournaled(selection: Selection, wants: Wants): Question<Listed[]> {
  const { runIds, exports, last } = selection
  const where: Condition[] = [{ column: 'run_id', notIn: 'run_journal' }]
  if (runIds !== undefined) where.push({ column: 'run_id', among: runIds })
  if (exports !== undefined) where.push({ column: 'export_name', among: exports })
  const { rows, problem } = yield { table: 'run_status', texts: STATUS_TEXTS, where }
  const lives = rows.flatMap((row) => statusIn(row)?.life ?? [])
  const resumptions = yield* findResumptions(lives)
  const newest = new Newest<Place>(last ?? rows.length)
  for (const row of rows) {
    const run = unjournaledFrom(row, resumptions)
    if (isWantedNow(run, selection) && (run.kind === 'unreadable' || wants(run)))
      newest.add({ runId: textOf(row, 'run_id'), endedUnixNano: placeInTime(run), run })
  }
  const runs = newest.oldestFirst().map(({ run }) => run)
  if (problem === undefined) return runs
  return [{ kind: 'unreadable', where: 'the table run_status', problem }, ...runs]
}

const AFTER_ALL_ENDS = 2n ** 100n

/** Those that are running come after all that ended, by their start. */
function placeInTime(run: Listed): bigint | undefined {
  if (run.kind === 'unreadable') return undefined
  return run.state === 'running' ? AFTER_ALL_ENDS + run.startedUnixNano : run.endedUnixNano
}

interface Work extends Pick<UnjournaledRun, 'chunkTasks' | 'files' | 'hasChunksGoneOn'> {
  /** What is in rows that cannot be read. */
  readonly unreadable: readonly UnreadableItem[]
}

const TASK_EXPECTED =
  'numbers as chunk_index and attempts and texts as start_key, end_key and status'

function* readWork(run: UnjournaledListing): Question<Work> {
  const where = [{ column: 'run_id', among: [run.runId] }]
  const columns = { texts: TASK_TEXTS, integers: TASK_INTEGERS }
  const tasks = yield { table: 'chunk_task', ...columns, where, orderBy: 'chunk_index' }
  const files = yield {
    table: 'file_log',
    texts: ['file_name', 'created_at'],
    integers: ['row_count', 'bytes'],
    where,
    orderBy: 'id',
  }
  const chunkTasks = tasks.rows.flatMap((row) => taskIn(row) ?? [])
  const logged = files.rows.flatMap((row) => fileIn(row) ?? [])
  const times = [
    ...chunkTasks.map(({ updatedUnixNano }) => updatedUnixNano),
    ...logged.map(({ createdUnixNano }) => createdUnixNano),
  ]
  const isOfRun = ofRun(run, times)
  const own = chunkTasks.filter(({ updatedUnixNano }) => isOfRun(updatedUnixNano))
  return {
    chunkTasks: own,
    ...(own.length < chunkTasks.length ? { hasChunksGoneOn: true } : {}),
    files: logged.filter(({ createdUnixNano }) => isOfRun(createdUnixNano)),
    unreadable: [
      ...unreadableRows(run, 'chunk_task', tasks.rows.length, chunkTasks.length, TASK_EXPECTED),
      ...unreadableRows(run, 'file_log', files.rows.length, logged.length, 'texts as file_name'),
    ],
  }
}

/**
 * Tells what is an interrupted run's own by its time. What is later is the work of a run that went on with
 * it; once there is such work, what has no time may be that, too.
 */
function ofRun(
  { state, endedUnixNano, resumedBy }: UnjournaledListing,
  times: readonly (bigint | undefined)[],
): (atUnixNano: bigint | undefined) => boolean {
  if (state !== 'interrupted' || endedUnixNano === undefined) return () => true
  const goesOn =
    resumedBy !== undefined || times.some((at) => at !== undefined && at > endedUnixNano)
  return (atUnixNano) => (atUnixNano === undefined ? !goesOn : atUnixNano <= endedUnixNano)
}

function unreadableRows(
  { runId }: UnjournaledListing,
  table: string,
  rows: number,
  read: number,
  expected: string,
): UnreadableItem[] {
  if (read === rows) return []
  const problem = `${rows - read} of ${rows} cannot be read; expected ${expected}`
  return [{ kind: 'unreadable', where: `the ${table} rows of run ${runId}`, runId, problem }]
}

function wholeRun(
  run: UnjournaledListing,
  record: RunRecord | undefined,
  work: Omit<Work, 'unreadable'>,
): UnjournaledRun {
  const { runId, exportName } = run
  return { ...run, record: record ?? { runId, exportName, harm: [] }, ...work }
}
