/** Databases of the size that they are made in, and that what is asked of them does not cost what they hold. */
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Selection } from '../../src/sources/source.js'
import { openSqliteSource } from '../../src/sources/sqlite.js'
import { sqliteDriver } from '../../src/sources/sqlite-driver.js'
import { rowsBeginning, selectRows } from '../../src/sources/sqlite-selection.js'
import { collect } from '../contracts/source-contract.js'
import { newFolder } from '../sources/places.js'
import { type StateDatabaseOptions, stateRun, writeStateDatabase } from './state-database.mjs'

async function databaseOf(options: StateDatabaseOptions): Promise<string> {
  const file = `${newFolder()}/state.db`
  await writeStateDatabase(file, options)
  return file
}

async function connectionTo(options: StateDatabaseOptions) {
  const db = (await sqliteDriver()).open(await databaseOf(options), 'private')
  onTestFinished(() => db.close())
  return db
}

/** The least time of many tries, in ms: what else the machine does only adds to a time. */
function leastMs(task: () => void): number {
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now()
    task()
    return performance.now() - start
  })
  return Math.min(...times)
}

describe('a state database that was made', () => {
  it('holds runs that are read exactly, with what is known beside them', async () => {
    const options = { runs: 60, chunks: 3, failedEvery: 7 }
    const source = await openSqliteSource(await databaseOf(options))
    onTestFinished(() => source.close())
    const items = await collect(source.read({}))
    expect(items.map((item) => item.kind === 'journal' && item.journal.run_id)).toEqual(
      Array.from({ length: 60 }, (_, i) => stateRun(i, options).runId),
    )
    const last = items.flatMap((item) => (item.kind === 'journal' ? [item.journal] : [])).at(-1)
    expect(last?.entries).toHaveLength(8)
    expect(last?.longestChunkMs()).toBe(120)
    const { runId, exportName } = stateRun(59, options)
    const known = await source.records?.of([{ runId, exportName }])
    expect(known?.get(runId)).toMatchObject({
      metrics: { rows: 75_000 },
      status: { status: 'success' },
    })
    if (source.records === undefined) throw new Error('it has no records')
    expect(await collect(source.records.listUnjournaled({}))).toEqual([])
  })
})

describe('in a database of 20 times as many runs', () => {
  const SMALL = { runs: 1_000, chunks: 1 }
  const LARGE = { runs: 20_000, chunks: 1 }
  /** By a pass over all it is 20; most of what is left are the two days before the newest. */
  const MOST = 5

  it.each<[string, Selection]>([
    ['the last 20', { last: 20 }],
    ['the latest', { last: 1 }],
    ['the latest of an export', { exports: ['orders'], last: 1 }],
  ])('%s are found in about the same time', async (_, selection) => {
    const [small, large] = [await connectionTo(SMALL), await connectionTo(LARGE)]
    const smallMs = leastMs(() => selectRows(small, selection))
    const largeMs = leastMs(() => selectRows(large, selection))
    expect(largeMs / smallMs).toBeLessThan(MOST)
  })

  it('a run is found in about the same time by the beginning of its run_id', async () => {
    const [small, large] = [await connectionTo(SMALL), await connectionTo(LARGE)]
    const beginning = (options: StateDatabaseOptions) => stateRun(500, options).runId.slice(0, -3)
    const smallMs = leastMs(() => rowsBeginning(small, beginning(SMALL)))
    const largeMs = leastMs(() => rowsBeginning(large, beginning(LARGE)))
    expect(rowsBeginning(large, beginning(LARGE))).toHaveLength(1)
    expect(largeMs / smallMs).toBeLessThan(MOST)
  })
})
