import {
  copyFileSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { SqliteAccess } from '../../src/sources/sqlite-access.js'
import type { SqliteDriver, SqliteDriverName } from '../../src/sources/sqlite-connection.js'
import { sqliteDriver } from '../../src/sources/sqlite-driver.js'
import { SqliteFeed } from '../../src/sources/sqlite-feed.js'
import { stampsFrom } from '../../src/sources/sqlite-feed-rows.js'
import { hasTimeIndex } from '../../src/sources/sqlite-time-index.js'
import { drain, runIds } from '../contracts/feed-contract.js'
import { type ContractRow, run } from '../contracts/source-contract.js'
import { driversHere, fingerprint, newFolder, openToWrite } from './places.js'
import {
  EXPORT_INDEX,
  openWriter,
  type SqlitePlace,
  type SqlitePlaceOptions,
  sqlitePlace,
  upsertion,
} from './sqlite-feed-place.js'

const { here } = await driversHere()
const AT = '2026-11-21T08:53:42Z'
const LATER = '2026-11-21T08:53:43Z'
const FIRST = run('a', 'orders', AT)
const SECOND = run('b', 'orders', AT)

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function placeWith(
  rows: readonly ContractRow[],
  options: SqlitePlaceOptions,
): Promise<SqlitePlace> {
  const place = await sqlitePlace(rows, options)
  closing.push(() => place.close())
  return place
}

/** A feed that counts how often the database is opened. */
async function countingFeed(file: string, name: SqliteDriverName) {
  const driver = await sqliteDriver(name)
  const counted = { opened: 0 }
  const counting: SqliteDriver = {
    ...driver,
    open: (...how) => {
      counted.opened++
      return driver.open(...how)
    },
  }
  const access = new SqliteAccess(file, counting, file)
  closing.push(() => access.close())
  return { counted, feed: new SqliteFeed(access, file, file) }
}

/** Longer than a tick of the file system's clock. */
const tick = () => new Promise((resolve) => setTimeout(resolve, 60))

/** So many runs, a second apart, the last at `AT`, in a few exports. */
function history(count: number): ContractRow[] {
  const last = Date.parse(AT)
  return Array.from({ length: count }, (_, i) => {
    const time = new Date(last - (count - 1 - i) * 1000).toISOString().replace('Z', '+00:00')
    return run(`run_${i}`, `export_${i % 5}`, time)
  })
}

for (const driver of here) {
  const options = { driver, mode: 'wal' } as const

  describe(`a look with ${driver} where nothing has changed`, () => {
    for (const mode of ['wal', 'delete'] as const) {
      it(`does not open the database (journal mode ${mode})`, async () => {
        const { file, put } = await placeWith([FIRST], { driver, mode })
        const { feed, counted } = await countingFeed(file, driver)
        await drain(feed)
        await tick()
        await drain(feed)
        const before = counted.opened
        for (let i = 0; i < 20; i++) expect(await feed.next(10)).toEqual([])
        expect(await feed.behind()).toBe(0)
        expect(counted.opened).toBe(before)
        await put([SECOND])
        expect(runIds(await drain(feed))).toEqual(['b'])
        expect(counted.opened).toBeGreaterThan(before)
      })
    }

    it('believes it only after a tick of the clock', async () => {
      const { file, put } = await placeWith([], options)
      const { feed } = await countingFeed(file, driver)
      for (let i = 0; i < 50; i++) {
        await put([run(`run_${i}`, 'orders', AT)])
        expect(runIds(await drain(feed))).toEqual([`run_${i}`])
      }
    })
  })

  describe(`a feed with ${driver} and the files of a database`, () => {
    it('says that it is missing, and goes on where it was when it is back', async () => {
      const { file, source, put } = await placeWith([FIRST], { driver, mode: 'delete' })
      const feed = source.follow()
      await drain(feed)
      renameSync(file, `${file}.away`)
      await expect(feed.next(10)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(feed.behind()).rejects.toMatchObject({ code: 'NOT_FOUND' })
      renameSync(`${file}.away`, file)
      await put([SECOND])
      expect(runIds(await drain(feed))).toEqual(['b'])
    })

    it('says that it is empty or has no table yet, and begins when it has', async () => {
      const file = join(newFolder(), '.rivet_state.db')
      const { feed } = await countingFeed(file, driver)
      await expect(feed.next(10)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(feed.skip()).rejects.toMatchObject({ code: 'NOT_FOUND' })
      writeFileSync(file, '')
      await expect(feed.next(10)).rejects.toMatchObject({ code: 'INVALID_SOURCE' })
      const other = openToWrite(file)
      other.exec('CREATE TABLE other (id)')
      other.close()
      await expect(feed.next(10)).rejects.toMatchObject({
        code: 'INVALID_SOURCE',
        message: expect.stringContaining('has no table run_journal'),
      })
      const database = openToWrite(file)
      database.exec(
        'CREATE TABLE run_journal (run_id TEXT PRIMARY KEY, export_name TEXT NOT NULL, finished_at TEXT NOT NULL, journal_json TEXT NOT NULL)',
      )
      database.exec(EXPORT_INDEX)
      database.exec(upsertion(FIRST))
      database.close()
      expect(runIds(await drain(feed))).toEqual(['a'])
    })

    it('goes on after an error in the middle', async () => {
      const { file, source } = await placeWith(history(50), { driver, mode: 'delete' })
      const feed = source.follow()
      const first = await drain(source.follow())
      const found = (await feed.next(20)).length
      const { size } = statSync(file)
      copyFileSync(file, `${file}.whole`)
      truncateSync(file, size / 2)
      await expect(drain(feed)).rejects.toMatchObject({ code: 'INVALID_SOURCE' })
      copyFileSync(`${file}.whole`, file)
      expect(found + (await drain(feed)).length).toBe(first.length)
    })

    it('begins again with another database in its place, also in the same file', async () => {
      const one = await placeWith([FIRST, SECOND], { driver, mode: 'delete' })
      const others = [run('c', 'orders', '2026-11-21T08:53:41Z'), run('d', 'orders', LATER)]
      const { file } = await placeWith(others, { driver, mode: 'delete' })
      const feed = one.source.follow()
      await drain(feed)
      copyFileSync(file, one.file)
      expect(runIds(await drain(feed))).toEqual(['c', 'd'])
    })

    it('begins again with what ended after the skip, or does not say when', async () => {
      const { write, source, put } = await placeWith([FIRST, SECOND], options)
      const feed = source.follow()
      await feed.skip()
      await put([run('c', 'orders', '2020-01-01T00:00:00Z'), run('d', 'orders', LATER)])
      await put([{ ...run('e', 'orders', AT), finished_at: 'yesterday' }])
      expect(runIds(await drain(feed))).toEqual(['c', 'd', 'e'])
      await write('VACUUM')
      expect(runIds(await drain(feed))).toEqual(['d', 'e'])
    })

    it('hands out everything after a VACUUM that follows the skip of an empty one', async () => {
      const { write, source, put } = await placeWith([], options)
      const feed = source.follow()
      await feed.skip()
      await put([run('old', 'orders', '2020-01-01T00:00:00Z')])
      await write('VACUUM')
      expect(runIds(await drain(feed))).toEqual(['old'])
    })
  })

  describe(`a feed with ${driver} and a writer`, () => {
    for (const mode of ['wal', 'delete'] as const) {
      it(`${mode === 'wal' ? 'keeps it from nothing' : 'keeps it waiting for a short task at most'} (journal mode ${mode})`, async () => {
        const { file, source } = await placeWith(history(2000), { driver, mode })
        const writer = await openWriter(file)
        // Without a -wal, SQLite itself keeps a writer from committing while a task reads.
        await writer.run(`PRAGMA busy_timeout = ${mode === 'wal' ? 0 : 5000}`)
        const feed = source.follow()
        let isWriting = true
        const found: string[] = []
        const looking = (async () => {
          while (isWriting) {
            found.push(...runIds(await drain(feed, 50)))
            await new Promise((resolve) => setTimeout(resolve, 1))
          }
        })()
        for (let i = 0; i < 300; i++) await writer.run(upsertion(run(`new_${i}`, 'orders', AT)))
        isWriting = false
        await looking
        await writer.end()
        found.push(...runIds(await drain(feed)))
        expect(found.length).toBe(2300)
        expect(new Set(found).size).toBe(2300)
      })
    }

    it('leaves no trace beside a database that nobody has open', async () => {
      const { file } = await sqlitePlace([FIRST], options).then(async (place) => {
        await place.close()
        return place
      })
      const before = fingerprint(dirname(file))
      process.env.TMPDIR = newFolder()
      const { feed } = await countingFeed(file, driver)
      expect(runIds(await drain(feed))).toEqual(['a'])
      await feed.skip()
      await feed.behind()
      for (const close of closing.splice(0)) await close()
      expect(fingerprint(dirname(file))).toEqual(before)
      expect(readdirSync(process.env.TMPDIR)).toEqual([])
    })
  })

  describe(`a feed with ${driver} of rows that name no run`, () => {
    it('hands them out once, as unreadable, beside the others', async () => {
      const { source, write } = await placeWith([FIRST], options)
      await write(`INSERT INTO run_journal VALUES (NULL, 'orders', '${AT}', '{}')`)
      await write(`INSERT INTO run_journal VALUES ('blob', x'ff', '${AT}', '{}')`)
      await write(`INSERT INTO run_journal VALUES (x'ff', 'orders', x'00', '{}')`)
      await write(`INSERT INTO run_journal VALUES ('cut', 'orders', CAST(x'32ff' AS TEXT), '{}')`)
      const feed = source.follow()
      const items = await feed.next(10)
      expect(items.map((one) => (one.kind === 'run' ? one.runId : one.problem))).toEqual([
        'a',
        'run_id: expected a text, got null value',
        'export_name: expected a text, got blob value',
        'run_id: expected a text, got blob value',
        'cut',
      ])
      expect(items.at(-1)).toMatchObject({ endedUnixNano: undefined, stamp: "x'32ff'" })
      expect(await feed.next(10)).toEqual([])
      await write(
        `UPDATE run_journal SET export_name = 'mended', finished_at = '${LATER}' WHERE run_id = 'blob'`,
      )
      expect(await feed.next(10)).toMatchObject([{ runId: 'blob', exportName: 'mended' }])
    })
  })

  describe(`a feed with ${driver} of a database with many runs`, () => {
    it('finds the late times by an index alone, export by export', async () => {
      const { file } = await placeWith(history(3000), options)
      const access = new SqliteAccess(file, await sqliteDriver(driver), file)
      closing.push(() => access.close())
      const plan = await access.read((db) => {
        const asked: string[] = []
        const all = {
          ...db,
          each: (sql: string) => {
            asked.push(sql)
            return []
          },
        }
        expect(hasTimeIndex(db)).toBe(true)
        expect([...stampsFrom(all, '2026', 3000n, true)]).toEqual([])
        return db.all(`EXPLAIN QUERY PLAN ${asked[0]}`, '2026').map(({ detail }) => String(detail))
      })
      const tables = plan.filter((line) => /run_journal|run /.test(line))
      expect(tables.length).toBe(3)
      for (const line of tables) expect(line).toMatch(/^SEARCH .*USING COVERING INDEX/)
      expect(plan.join()).not.toMatch(/SCAN run/)
    })

    it('finds what is written again, within a minute before the newest', async () => {
      const { source, put } = await placeWith(history(3000), options)
      const feed = source.follow()
      expect((await drain(feed)).length).toBe(3000)
      const again = (row: number, time: string) => run(`run_${row}`, 'export_7', time)
      await put([again(0, LATER), again(2999, '2026-11-21T08:53:00Z')])
      expect(runIds(await drain(feed)).sort()).toEqual(['run_0', 'run_2999'])
      await put([again(1, '2026-11-21T08:52:45Z')])
      expect(runIds(await drain(feed))).toEqual(['run_1'])
      expect(await drain(feed)).toEqual([])
    })

    it('finds it also where one run says that it ended in the far future', async () => {
      const { source, put } = await placeWith(history(3000), options)
      const feed = source.follow()
      await put([run('future', 'orders', '9999-01-01T00:00:00Z')])
      expect((await drain(feed)).length).toBe(3001)
      const now = new Date().toISOString()
      await put([run('run_5', 'orders', now < AT ? AT : now)])
      expect(runIds(await drain(feed))).toEqual(['run_5'])
    })

    it('finds it also while it is still on its way through them', async () => {
      const { source, put } = await placeWith(history(3000), options)
      const feed = source.follow()
      await feed.next(1500)
      await put([run('run_5', 'orders', '2026-11-21T08:30:00Z')])
      const rest = runIds(await drain(feed))
      expect(rest.length).toBe(1501)
      expect(rest).toContain('run_5')
    })

    it('skips them, and hands out what comes later and is written again', async () => {
      const { source, put, remove } = await placeWith(history(3000), options)
      const feed = source.follow()
      await feed.skip()
      expect(await drain(feed)).toEqual([])
      await remove('run_2999')
      await put([run('old', 'orders', '2020-01-01T00:00:00Z'), run('run_0', 'orders', LATER)])
      expect(runIds(await drain(feed)).sort()).toEqual(['old', 'run_0'])
    })
  })
}
