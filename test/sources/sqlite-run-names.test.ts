import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sqliteRunNames } from '../../src/sources/sqlite-run-names.js'
import { newFolder, openToWrite, RUN_JOURNAL, SHOP } from './places.js'
import { changing, emptyState } from './state-rows.js'

function stateWith(rows: readonly (readonly [runId: string, exportName: string, at: string])[]) {
  const file = join(newFolder(), '.rivet_state.db')
  emptyState(file)
  changing(file, (database) => {
    for (const row of rows) database.run("INSERT INTO run_journal VALUES (?, ?, ?, '{}')", ...row)
  })
  return file
}

const idsIn = async (file: string, part = '', most = 50) =>
  (await sqliteRunNames(file, { part, most })).runs.map(({ runId }) => runId)

describe('the names of runs in a state database', () => {
  it('come newest first, with those that left no journal, and with their exports', async () => {
    const { runs, exports } = await sqliteRunNames(SHOP, { part: 'chunk_slow', most: 50 })
    expect(runs.map(({ runId }) => runId)).toEqual([
      'chunk_slow_20261121T085437.226_13367',
      'chunk_slow_20261121T085434.212_13009',
    ])
    expect(exports).toContain('orders')
  })

  it('that begin right come before those that have it inside', async () => {
    const file = stateWith([
      ['orders_1', 'orders', '2026-11-21T08:00:00+00:00'],
      ['new_orders_1', 'new_orders', '2026-11-21T09:00:00+00:00'],
      ['customers_1', 'customers', '2026-11-21T10:00:00+00:00'],
    ])
    expect(await idsIn(file, 'orders')).toEqual(['orders_1', 'new_orders_1'])
  })

  it('are found also behind 2,000 newer runs, by their beginning', async () => {
    const newer = Array.from({ length: 2_000 }, (_, i) => {
      const at = new Date(Date.UTC(2026, 10, 21) + i * 1000).toISOString()
      return [`orders_${i}`, 'orders', at] as const
    })
    const file = stateWith([['customers_1', 'customers', '2025-01-01T00:00:00Z'], ...newer])
    expect(await idsIn(file, 'cust')).toEqual(['customers_1'])
    expect(await idsIn(file, '', 2)).toEqual(['orders_1999', 'orders_1998'])
  })

  it('are looked for among the rows that were written last, and exports among more of them', async () => {
    const file = stateWith([
      ['customers_1', 'customers', '2026-11-22T00:00:00Z'],
      ['items_1', 'items', '2026-11-22T00:00:00Z'],
    ])
    const written = (count: number) =>
      changing(file, (database) =>
        database.exec(
          `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
          INSERT INTO run_journal SELECT 'o_${count}_' || i, 'orders', '2026-11-21T08:00:00Z', '{}' FROM n`,
        ),
      )
    written(1_999)
    expect(await idsIn(file, 's_1')).toEqual(['items_1'])
    const exportsIn = async () => (await sqliteRunNames(file, { part: '', most: 1 })).exports
    expect((await exportsIn()).toSorted()).toEqual(['customers', 'items', 'orders'])
    written(8_000)
    expect((await exportsIn()).toSorted()).toEqual(['items', 'orders'])
  })

  it('take wildcards of SQL and quotes for what they are', async () => {
    const file = stateWith([["it's 100%", 'a', '2026-11-21T08:00:00+00:00']])
    expect(await idsIn(file, "it's 100%")).toEqual(["it's 100%"])
    expect(await idsIn(file, '_')).toEqual([])
  })

  it('are there in a database of an older rivet, without run_status', async () => {
    const file = join(newFolder(), 'old.db')
    const database = openToWrite(file)
    database.exec(RUN_JOURNAL)
    database.run("INSERT INTO run_journal VALUES ('a_1', 'a', '2026-11-21T08:00:00Z', '{}')")
    database.close()
    expect(await idsIn(file)).toEqual(['a_1'])
  })

  it('of a database that another program has locked are not waited for', async () => {
    const file = join(newFolder(), 'locked.db')
    const database = openToWrite(file)
    database.exec(RUN_JOURNAL)
    database.exec('BEGIN EXCLUSIVE')
    await expect(idsIn(file)).rejects.toMatchObject({ code: 'SOURCE_BUSY' })
    database.close()
  })

  it('leave no file beside the database, and make none', async () => {
    const folder = newFolder()
    await expect(idsIn(join(folder, 'missing.db'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    writeFileSync(join(folder, 'empty.db'), '')
    await expect(idsIn(join(folder, 'empty.db'))).rejects.toMatchObject({ code: 'INVALID_SOURCE' })
    expect(readdirSync(folder)).toEqual(['empty.db'])
  })
})
