/** How much is asked of a database about runs without a journal, counted in looks and in rows. */
import { expect, it, onTestFinished } from 'vitest'
import type { RunRecords } from '../../src/sources/run-records.js'
import { sqliteDriver } from '../../src/sources/sqlite-driver.js'
import { askSqlite } from '../../src/sources/sqlite-state-query.js'
import type { Question, StateAnswer, StateTable } from '../../src/sources/state-query.js'
import { recordsThrough } from '../../src/sources/state-records.js'
import { NEWEST } from '../contracts/rivet-tables.js'
import { collect } from '../contracts/source-contract.js'
import { file, metrics, status, task } from '../contracts/state-rows.js'
import { recordsDatabase } from './sqlite-records-place.js'

const RUNS = 500

interface Counted {
  readonly records: RunRecords
  /** How often the database was looked at. */
  looks: number
  /** The rows that it gave, by table. */
  readonly rows: Map<StateTable, number>
}

/** Killed runs, each with two chunks and a file. */
async function killedRuns(): Promise<Counted> {
  const path = recordsDatabase({
    version: NEWEST,
    rows: Array.from({ length: RUNS }, (_, at) => [
      ...[status(`r${at}`, 'interrupted', 10 * at, 10 * at + 5), file(`r${at}`, 'f', 10 * at)],
      ...[task(`r${at}`, 0, 'completed', 10 * at), task(`r${at}`, 1, 'pending', 10 * at)],
      metrics(`r${at}`, 'running', 10 * at, 1),
    ]).flat(),
    changes: [],
  })
  const database = (await sqliteDriver()).open(path, 'private')
  onTestFinished(() => database.close())
  const rows = new Map<StateTable, number>()
  function* counting<T>(question: Question<T>): Question<T> {
    for (let step = question.next(); ; ) {
      if (step.done === true) return step.value
      const answer: StateAnswer = yield step.value
      rows.set(step.value.table, (rows.get(step.value.table) ?? 0) + answer.rows.length)
      step = question.next(answer)
    }
  }
  const counted: Counted = {
    looks: 0,
    rows,
    records: recordsThrough(async (question) => {
      counted.looks++
      return askSqlite(database, counting(question()))
    }).records,
  }
  return counted
}

const beyondStatus = ({ rows }: Counted) =>
  [...rows].filter(([table, count]) => table !== 'run_status' && count > 0)

it('one look, and only at run_status, where none is wanted', async () => {
  const counted = await killedRuns()
  expect(await collect(counted.records.unjournaled({}, () => false))).toEqual([])
  expect(counted.looks).toBe(1)
  expect(beyondStatus(counted)).toEqual([])
})

it('one look, and only at run_status, where they are listed', async () => {
  const counted = await killedRuns()
  expect(await collect(counted.records.listUnjournaled({}))).toHaveLength(RUNS)
  expect(counted.looks).toBe(1)
  expect(beyondStatus(counted)).toEqual([])
})

it('the work of the one that is wanted, wherever it stands', async () => {
  for (const wanted of ['r0', 'r250', `r${RUNS - 1}`]) {
    const counted = await killedRuns()
    const runs = await collect(counted.records.unjournaled({}, ({ runId }) => runId === wanted))
    expect(runs).toMatchObject([{ runId: wanted, chunkTasks: [{}, {}], files: [{}] }])
    // Which runs there are; what is known of this one; its work.
    expect(counted.looks).toBe(3)
    expect(counted.rows.get('chunk_task')).toBe(2)
    expect(counted.rows.get('file_log')).toBe(1)
    // Once more where it was among the very latest, and is not final.
    expect(counted.rows.get('export_metrics')).toBe(wanted === `r${RUNS - 1}` ? 2 : 1)
  }
})

it('the work of the newest where only those are wanted, whatever else they must be', async () => {
  const counted = await killedRuns()
  const isEven = ({ runId }: { readonly runId: string }) => Number(runId.slice(1)) % 2 === 0
  const runs = await collect(counted.records.unjournaled({ last: 3 }, isEven))
  expect(runs).toMatchObject([{ runId: 'r494' }, { runId: 'r496' }, { runId: 'r498' }])
  expect(counted.rows.get('file_log')).toBe(3)
})
