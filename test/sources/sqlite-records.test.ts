import { closeSync, openSync, readdirSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import type { RunRecords } from '../../src/sources/run-records.js'
import type { JournalSource } from '../../src/sources/source.js'
import { openSqliteSource } from '../../src/sources/sqlite.js'
import type { SqliteDriverName } from '../../src/sources/sqlite-connection.js'
import { sqliteDriver } from '../../src/sources/sqlite-driver.js'
import { NEWEST, type TableRow } from '../contracts/rivet-tables.js'
import { collect } from '../contracts/source-contract.js'
import { harm, journal, load, metrics, status, task } from '../contracts/state-rows.js'
import { type History, histories } from '../state/histories.js'
import { driversHere, fingerprint, newFolder, openToWrite, SHOP, shopCopy } from './places.js'
import { SqlWriter } from './sql-writer.js'
import { recordsDatabase } from './sqlite-records-place.js'

const { here } = await driversHere()
const SLOW = 'chunk_slow_20261121T085434.212_13009'

const sources: JournalSource[] = []
const writers: SqlWriter[] = []

afterEach(async () => {
  for (const source of sources.splice(0)) await source.close()
  for (const writer of writers.splice(0)) await writer.end()
})

for (const driver of here) {
  const recordsOf = async (file: string): Promise<RunRecords> => {
    const source = await openSqliteSource(file, { driver })
    sources.push(source)
    if (source.records === undefined) throw new Error('it has no records')
    return source.records
  }
  const filled = (rows: readonly TableRow[], changes: readonly string[] = []) =>
    recordsDatabase({ version: NEWEST, rows, changes })

  describe(`the real state database, read with ${driver}`, () => {
    it('knows all of its runs', async () => {
      const source = await openSqliteSource(SHOP, { driver })
      sources.push(source)
      const runs = await collect(source.list())
      const known = await source.records?.of(runs)
      expect(known?.size).toBe(12)
      for (const { runId, exportName } of runs) {
        expect(known?.get(runId)).toMatchObject({
          ...{ runId, exportName, status: { source: 'postgres://127.0.0.1:5432/shop' } },
          metrics: { sourceType: 'postgres', rivetVersion: '0.32.2' },
        })
        expect(known?.get(runId)?.harm).toHaveLength(9)
        expect(known?.get(runId)).not.toHaveProperty('resumed')
      }
      expect(known?.get('orders_20261121T085339.134_11188')).toMatchObject({
        status: {
          ...{ status: 'success', prefix: 'file:///srv/shop/out/orders' },
          ...{ startedUnixNano: 1795251219134497638n, finishedUnixNano: 1795251222130032081n },
        },
        metrics: {
          ...{ status: 'success', mode: 'chunked', rows: 400_000, files: 16, chunkSize: 25_000 },
          ...{ bytesWritten: 15_161_859, bytesRead: 43_240_448, peakRssMb: 39, tempBytes: 0 },
          parallel: 1,
        },
        harm: expect.arrayContaining([
          { metric: 'pg_blks_hit', delta: 15_325 },
          { metric: 'pg_tup_returned', delta: 408_136 },
          { metric: 'pg_deadlocks', delta: 0 },
        ]),
      })
      const broken = known?.get('broken_20261121T085350.049_11188')
      expect(broken?.metrics).toMatchObject({ errorClass: 'relation_not_found', rows: 0 })
      const parallel = known?.get('orders_parallel_20261121T085342.147_11188')
      expect(parallel?.metrics?.parallel).toBe(4)
    })

    it('has one run that was killed, and no loads', async () => {
      const known = await recordsOf(SHOP)
      expect(await collect(known.unjournaled({}))).toEqual([
        {
          ...{ kind: 'unjournaled', runId: SLOW, exportName: 'chunk_slow' },
          ...{ state: 'interrupted', status: 'interrupted' },
          ...{ startedUnixNano: 1795251274212790757n, endedUnixNano: 1795251277226586923n },
          record: {
            ...{ runId: SLOW, exportName: 'chunk_slow', harm: [] },
            status: {
              ...{ status: 'interrupted', source: 'postgres://127.0.0.1:5432/shop' },
              ...{ startedUnixNano: 1795251274212790757n, finishedUnixNano: 1795251277226586923n },
              prefix: 'file:///srv/shop/out/chunk_slow',
            },
          },
          ...{ chunkTasks: [], files: [] },
        },
      ])
      expect(await collect(known.loads({}))).toEqual([])
    })

    it('is left as it was', async () => {
      const file = shopCopy()
      const before = fingerprint(dirname(file))
      process.env.TMPDIR = newFolder()
      const known = await recordsOf(file)
      await known.of([{ runId: SLOW, exportName: 'chunk_slow' }])
      await collect(known.unjournaled({}))
      await collect(known.loads({}))
      for (const source of sources.splice(0)) await source.close()
      expect(fingerprint(dirname(file))).toEqual(before)
      expect(readdirSync(process.env.TMPDIR)).toEqual([])
    })
  })

  describe(`a SQLite state database (${driver})`, () => {
    it('is read beside a writer, and left as it was', async () => {
      const file = filled([status('a', 'running', 0)])
      const writer = await SqlWriter.open(file)
      writers.push(writer)
      await writer.run("UPDATE run_status SET prefix = 'file:///later'")
      const before = fingerprint(dirname(file))
      const [run] = await collect((await recordsOf(file)).unjournaled({}))
      expect(run).toMatchObject({ record: { status: { prefix: 'file:///later' } } })
      expect(fingerprint(dirname(file))).toEqual(before)
    })

    it('says nothing where a cell holds what it cannot, and says the rest', async () => {
      const file = filled([
        ...[status('a', 'success', 0, 1), status('b', 'running', 2), metrics('a', 'success', 1, 5)],
        ...[harm('a', 'x', 1, 1), harm('a', 'y', 2, 1), load('l', 1, []), journal('a', 1)],
        ...[task('b', 0, 'completed', 3), task('b', 1, 'pending', 3)],
      ])
      const database = openToWrite(file)
      for (const sql of [
        "UPDATE run_status SET prefix = CAST(x'ff' AS TEXT), source = x'00' WHERE run_id = 'a'",
        "UPDATE export_metrics SET parallel = 'four', bytes_read = 1.5, mode = x'07'",
        "UPDATE export_harm SET delta = 'much' WHERE metric = 'x'",
        "UPDATE chunk_task SET chunk_index = 'first', attempts = 2 WHERE chunk_index = 0",
        "INSERT INTO run_status VALUES (CAST(x'ff' AS TEXT), 'orders', 'p', 'running', 's', NULL, NULL, NULL)",
        "INSERT INTO load_run VALUES (x'00', 'orders', 't', 'w', 'm', '[]', 1, 's', '2026-11-21T08:00:00Z')",
        "UPDATE load_run SET rows_loaded = 'many' WHERE load_id = 'l'",
      ])
        database.exec(sql)
      database.close()
      const known = await recordsOf(file)
      const a = (await known.of([{ runId: 'a', exportName: 'orders' }])).get('a')
      expect(Object.keys(a?.status ?? {})).toEqual([
        'status',
        'startedUnixNano',
        'finishedUnixNano',
      ])
      expect(a?.metrics).toEqual({ status: 'success', rows: 5, files: 0, bytesWritten: 0 })
      expect(a?.harm).toEqual([{ metric: 'y', delta: 2 }])
      const [bad, ofB, b] = await collect(known.unjournaled({}))
      expect(bad).toEqual({
        ...{ kind: 'unreadable', where: 'a run_status row' },
        problem: 'run_id: expected a text, got 1 bytes that are not valid UTF-8',
      })
      expect(ofB).toEqual({
        ...{ kind: 'unreadable', where: 'the chunk_task rows of run b', runId: 'b' },
        problem:
          '1 of 2 cannot be read; expected numbers as chunk_index and attempts and texts as start_key, end_key and status',
      })
      expect(b).toMatchObject({ runId: 'b', chunkTasks: [{ chunkIndex: 1 }] })
      const loads = await collect(known.loads({}))
      expect(loads).toContainEqual({
        ...{ kind: 'unreadable', where: 'a load_run row' },
        problem: 'load_id: expected a text, got blob value',
      })
      const [l] = loads.filter(({ kind }) => kind === 'load')
      expect(l).toMatchObject({ loadId: 'l' })
      expect(l).not.toHaveProperty('rowsLoaded')
    })

    it('is damaged where one table stands, and says what the others know', async () => {
      const rows = [status('a', 'success', 0, 1), harm('a', 'x', 1, 1), status('b', 'running', 2)]
      const file = filled([...rows, journal('a', 1), task('b', 0, 'running', 3)])
      await damageTables(file, ['export_harm', 'chunk_task', 'load_run'], driver)
      const known = await recordsOf(file)
      const a = (await known.of([{ runId: 'a', exportName: 'orders' }])).get('a')
      expect(a).toMatchObject({ status: { status: 'success' }, harm: [] })
      expect(await collect(known.unjournaled({}))).toMatchObject([{ runId: 'b', chunkTasks: [] }])
      expect(await collect(known.loads({}))).toEqual([
        {
          ...{ kind: 'unreadable', where: 'the table load_run' },
          problem: expect.stringMatching(/^the database is damaged where it stands: /),
        },
      ])
    })

    it('tells which run went on with which, whichever of them are asked for', async () => {
      await fc.assert(
        fc.asyncProperty(histories, fc.infiniteStream(fc.boolean()), async (history, isAsked) => {
          const known = await recordsOf(filled(rowsOf(history)))
          const runs = history.lives.filter(() => isAsked.next().value === true)
          const found = [...(await known.of(runs)).values()].flatMap(({ runId, resumed }) =>
            resumed === undefined ? [] : [{ runId, resumed }],
          )
          const asked = new Set(runs.map(({ runId }) => runId))
          const resumptions = history.resumptions.filter(({ runId }) => asked.has(runId))
          const expected = resumptions.map(({ runId, resumedRunId, hasJournal }) => ({
            ...{ runId, resumed: { runId: resumedRunId, hasJournal } },
          }))
          expect(found.sort((a, b) => (a.runId < b.runId ? -1 : 1))).toEqual(expected)
          const killed = await collect(known.unjournaled({}))
          const resumedBy = killed.flatMap((run) =>
            run.kind === 'unjournaled' && run.resumedBy !== undefined
              ? [[run.resumedBy, run.endedUnixNano]]
              : [],
          )
          expect(resumedBy.sort()).toEqual(
            history.resumptions
              .filter(({ hasJournal }) => !hasJournal)
              .map(({ runId, interruptedUnixNano }) => [runId, interruptedUnixNano]),
          )
          for (const source of sources.splice(0)) await source.close()
        }),
        { numRuns: 40 },
      )
    })
  })
}

/** Fills the pages of tables and their indexes with what is no page. */
async function damageTables(
  file: string,
  tables: readonly string[],
  driver: SqliteDriverName,
): Promise<void> {
  const database = (await sqliteDriver(driver)).open(file, 'private')
  const size = Number(database.all('PRAGMA page_size')[0]?.page_size)
  const names = tables.map((name) => `'${name}'`)
  const pages = database.all(`SELECT rootpage FROM sqlite_master WHERE tbl_name IN (${names})`)
  database.close()
  const handle = openSync(file, 'r+')
  for (const { rootpage } of pages)
    writeSync(handle, Buffer.alloc(size, 0xff), 0, size, (Number(rootpage) - 1) * size)
  closeSync(handle)
}

function rowsOf({ lives, journals }: History): TableRow[] {
  return lives.flatMap((life) => {
    const { runId, exportName, status, source = null, startedUnixNano, finishedUnixNano } = life
    const ended = journals.get(runId)
    const kept = journal(runId, 0, exportName)
    const row: TableRow = {
      table: 'run_status',
      values: {
        ...{ run_id: runId, export_name: exportName, prefix: 'p', status, source },
        started_at: formatTimestamp(startedUnixNano ?? 0n),
        finished_at: finishedUnixNano === undefined ? null : formatTimestamp(finishedUnixNano),
      },
    }
    if (ended === undefined) return [row]
    return [row, { ...kept, values: { ...kept.values, finished_at: formatTimestamp(ended) } }]
  })
}
