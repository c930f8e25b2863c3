import {
  existsSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { JournalSource, Selection, SourceItem } from '../../src/sources/source.js'
import { openSqliteSource } from '../../src/sources/sqlite.js'
import { SqliteAccess } from '../../src/sources/sqlite-access.js'
import type { OpenMode } from '../../src/sources/sqlite-connection.js'
import { sqliteDriver } from '../../src/sources/sqlite-driver.js'
import { type ContractRow, collect, names, run } from '../contracts/source-contract.js'
import {
  driversHere,
  fingerprint,
  insertion,
  newFolder,
  openToWrite,
  SHOP,
  shopCopy,
  stateDatabase,
} from './places.js'
import { SqlWriter } from './sql-writer.js'

const { here } = await driversHere()

const AT = '2026-11-21T08:53:42Z'
const FIRST = run('first', 'orders', AT)
const SECOND = run('second', 'orders', AT)
const MEGABYTE = 1024 * 1024

const writers: SqlWriter[] = []
const sources: JournalSource[] = []

afterEach(async () => {
  for (const source of sources.splice(0)) await source.close()
  for (const writer of writers.splice(0)) await writer.end()
})

async function writerOf(file: string): Promise<SqlWriter> {
  const writer = await SqlWriter.open(file)
  writers.push(writer)
  return writer
}

/** A run whose journal is so long that it is read alone. */
function longRun(run_id: string, mark = 'old'): ContractRow {
  const message = mark + 'x'.repeat(MEGABYTE)
  const entries = [{ recorded_at: AT, event: { Warning: { context: 'c', message } } }]
  const text = JSON.stringify({ run_id, export_name: 'orders', entries })
  return { run_id, export_name: 'orders', finished_at: AT, text }
}

function markOf(item: SourceItem | undefined): string {
  if (item?.kind !== 'journal') return item?.problem ?? 'nothing'
  const event = item.journal.entries[0]?.event as { Warning: { message: string } }
  return event.Warning.message.slice(0, 3)
}

const TEMPORARY = tmpdir()

for (const driver of here) {
  const { opensUrls } = await sqliteDriver(driver)
  const open = async (file: string) => {
    const source = await openSqliteSource(file, { driver })
    sources.push(source)
    return source
  }

  /** Reads a place and makes sure that reading left no trace, there or in the temporary folder. */
  const readWithoutTrace = async (file: string, selection: Selection = {}) => {
    const before = fingerprint(dirname(file))
    // Not within the one before: SQLite opens no path of more than 512 bytes.
    process.env.TMPDIR = TEMPORARY
    process.env.TMPDIR = newFolder()
    const source = await open(file)
    const items = await collect(source.read(selection))
    expect(fingerprint(dirname(file))).toEqual(before)
    await source.close()
    expect(fingerprint(dirname(file))).toEqual(before)
    expect(readdirSync(process.env.TMPDIR)).toEqual([])
    return items
  }

  describe(`reading with ${driver} leaves no trace`, () => {
    it('in the real state database, which is in WAL mode', async () => {
      const items = await readWithoutTrace(shopCopy())
      expect(items.length).toBe(12)
      expect(items.every(({ kind }) => kind === 'journal')).toBe(true)
      expect((await readWithoutTrace(SHOP, { last: 1 })).length).toBe(1)
    })

    it('in a database whose times lie in the future', async () => {
      const file = stateDatabase([FIRST])
      const future = new Date(Date.now() + 1e9)
      utimesSync(file, future, future)
      expect(names(await readWithoutTrace(file))).toEqual(['first'])
    })

    it('in a database with a rollback journal', async () => {
      expect(names(await readWithoutTrace(stateDatabase([FIRST], 'delete')))).toEqual(['first'])
    })

    it('beside a writer whose rows are in the -wal only', async () => {
      const file = stateDatabase([FIRST])
      const writer = await writerOf(file)
      await writer.run(insertion(SECOND))
      expect(statSync(`${file}-wal`).size).toBeGreaterThan(0)
      expect(names(await readWithoutTrace(file))).toEqual(['first', 'second'])
    })

    it('beside a writer that has the -wal for itself and no -shm', async () => {
      const file = stateDatabase([FIRST])
      const writer = await writerOf(file)
      await writer.run('PRAGMA locking_mode = EXCLUSIVE')
      await writer.run(insertion(SECOND))
      expect(existsSync(`${file}-shm`)).toBe(false)
      expect(names(await readWithoutTrace(file))).toEqual(['first', 'second'])
    })

    it('after a writer that was killed with rows in its -wal', async () => {
      const file = stateDatabase([FIRST])
      const writer = await SqlWriter.open(file)
      await writer.run(insertion(SECOND))
      await writer.kill()
      expect(names(await readWithoutTrace(file))).toEqual(['first', 'second'])
      rmSync(`${file}-shm`)
      expect(names(await readWithoutTrace(file))).toEqual(['first', 'second'])
      truncateSync(`${file}-wal`, 0)
      expect(names(await readWithoutTrace(file))).toEqual(['first'])
    })

    it('after a writer that was killed while it changed a rollback-journal database', async () => {
      const rows = Array.from({ length: 20 }, (_, i) => longRun(`run_${i}`))
      const file = stateDatabase(rows.slice(0, 2), 'delete')
      const writer = await SqlWriter.open(file)
      await writer.run('PRAGMA cache_size = 1')
      await writer.run('BEGIN')
      await writer.run("UPDATE run_journal SET export_name = 'half'")
      for (const row of rows.slice(2)) await writer.run(insertion(row))
      await writer.kill()
      expect(statSync(`${file}-journal`).size).toBeGreaterThan(0)
      expect(statSync(file).size).toBeGreaterThan(10 * MEGABYTE)
      const items = await readWithoutTrace(file)
      expect(items.map((item) => item.kind === 'journal' && item.journal.run_id)).toEqual([
        'run_0',
        'run_1',
      ])
    })

    it('beside an empty -wal and a -shm that another reader left', async () => {
      const file = shopCopy()
      writeFileSync(`${file}-wal`, '')
      writeFileSync(`${file}-shm`, Buffer.alloc(32_768))
      expect((await readWithoutTrace(file)).length).toBe(12)
    })

    it('in a large one whose writer was killed, save for its -shm where the driver takes no URLs', async () => {
      const file = stateDatabase([FIRST])
      const large = openToWrite(file)
      large.exec('CREATE TABLE large AS SELECT zeroblob(68000000) AS zeros')
      large.close()
      const writer = await SqlWriter.open(file)
      await writer.run(insertion(SECOND))
      await writer.kill()
      const traces = () =>
        fingerprint(dirname(file)).filter((line) => opensUrls || !line.includes('-shm'))
      const before = traces()
      const source = await open(file)
      expect(names(await collect(source.read({})))).toEqual(['first', 'second'])
      expect(traces()).toEqual(before)
      expect(fingerprint(dirname(file)).length).toBe(3)
      // Also where root reads, for whom SQLite sets the owner of the -wal: what looks on sees no change.
      const looked = [source.mark?.()]
      await collect(source.read({ last: 1 }))
      looked.push(source.mark?.())
      await source.close()
      expect(looked[1]).toBe(looked[0])
    })

    it('beside an empty -wal of a large one, of which no copy is made', async () => {
      const file = stateDatabase([FIRST])
      const large = openToWrite(file)
      large.exec('CREATE TABLE large AS SELECT zeroblob(68000000) AS zeros')
      large.close()
      const writer = await SqlWriter.open(file)
      await writer.run(insertion(SECOND))
      await writer.run('PRAGMA wal_checkpoint(TRUNCATE)')
      expect(statSync(`${file}-wal`).size).toBe(0)
      const before = fingerprint(dirname(file))
      const { TMPDIR = '/tmp' } = process.env
      onTestFinished(() => {
        process.env.TMPDIR = TMPDIR
      })
      process.env.TMPDIR = '/dev/null'
      const source = await open(file)
      expect(names(await collect(source.read({})))).toEqual(['first', 'second'])
      await source.close()
      expect(fingerprint(dirname(file))).toEqual(before)
      await writer.end()
    })

    it('where nothing can be read', async () => {
      const file = shopCopy()
      truncateSync(file, 200_000)
      const before = fingerprint(dirname(file))
      await expect(open(file)).rejects.toMatchObject({ code: 'INVALID_SOURCE' })
      expect(fingerprint(dirname(file))).toEqual(before)
    })
  })

  describe(`reading with ${driver} and a writer do not wait for each other`, () => {
    for (const mode of ['wal', 'delete'] as const) {
      it(`when the writer is within a transaction (journal mode ${mode})`, async () => {
        const file = stateDatabase([FIRST], mode)
        const writer = await writerOf(file)
        await writer.run('BEGIN IMMEDIATE')
        await writer.run(insertion(SECOND))
        const source = await open(file)
        expect(names(await collect(source.read({})))).toEqual(['first'])
        await writer.run('COMMIT')
        expect(names(await collect(source.read({})))).toEqual(['first', 'second'])
      })

      it(`when the reader has not read everything yet (journal mode ${mode})`, async () => {
        const rows = ['a', 'b', 'c'].map((run_id) => longRun(run_id))
        const file = stateDatabase(rows, mode)
        const source = await open(file)
        const items = source.read({})[Symbol.asyncIterator]()
        expect(markOf((await items.next()).value)).toBe('old')
        const writer = await writerOf(file)
        await writer.run("DELETE FROM run_journal WHERE run_id = 'b'")
        await writer.run(
          `UPDATE run_journal SET journal_json = replace(journal_json, '"old', '"new') WHERE run_id = 'c'`,
        )
        expect(markOf((await items.next()).value)).toContain('the row was removed')
        expect(markOf((await items.next()).value)).toBe('new')
        await writer.run(insertion(SECOND))
        if (mode === 'wal') await writer.run('PRAGMA wal_checkpoint(TRUNCATE)')
        expect((await items.next()).done).toBe(true)
        expect(names(await collect(source.read({ exports: ['orders'] }))).length).toBe(3)
      })
    }

    it('so the -wal of a writer that ends meanwhile goes with it', async () => {
      const file = stateDatabase([longRun('a')])
      const writer = await writerOf(file)
      await writer.run(insertion(longRun('b')))
      const source = await open(file)
      const items = source.read({})[Symbol.asyncIterator]()
      await items.next()
      await writer.end()
      expect(fingerprint(dirname(file)).length).toBe(1)
      expect(markOf((await items.next()).value)).toBe('old')
    })

    it('unless it holds the database for itself: reading goes on when it is done', async () => {
      const file = stateDatabase([FIRST], 'delete')
      const writer = await writerOf(file)
      await writer.run('BEGIN EXCLUSIVE')
      const reading = open(file)
      await writer.run('COMMIT')
      expect(names(await collect((await reading).read({})))).toEqual(['first'])
    })

    it('unless it holds the database for 5 seconds: then reading says so', async () => {
      const file = stateDatabase([FIRST], 'delete')
      const writer = await writerOf(file)
      await writer.run('BEGIN EXCLUSIVE')
      await expect(open(file)).rejects.toMatchObject({
        code: 'SOURCE_BUSY',
        message: expect.stringMatching(/is locked: another program, likely a running rivet/),
        hint: expect.stringContaining('lsof'),
      })
    })
  })

  describe(`what was read with ${driver} is never torn`, () => {
    it('because a task runs again when the database changed under it', async () => {
      const file = stateDatabase([FIRST])
      const access = new SqliteAccess(file, await sqliteDriver(driver), file)
      let asked = 0
      const counts = await access.read((db) => {
        const [{ n } = { n: 0n }] = db.all('SELECT count(*) AS n FROM run_journal')
        if (asked++ === 0) {
          const other = openToWrite(file)
          other.exec(insertion(SECOND))
          other.close()
        }
        return n
      })
      // A copy cannot change: what it says is true of the moment at which it was made.
      expect([asked, counts]).toEqual(opensUrls ? [2, 2n] : [1, 1n])
      await access.close()
    })
  })

  describe(`a connection of ${driver} refuses to write`, () => {
    const modes: OpenMode[] = ['shared', 'private']
    if (opensUrls) modes.push('immutable')
    for (const mode of modes) {
      for (const journalMode of ['wal', 'delete'] as const) {
        it(`when it was opened as ${mode} (journal mode ${journalMode})`, async () => {
          const file = stateDatabase([FIRST], journalMode)
          const before = fingerprint(dirname(file))[0]
          const connection = (await sqliteDriver(driver)).open(file, mode)
          for (const statement of WRITING)
            expect(() => connection.all(statement), statement).toThrow()
          connection.close()
          expect(fingerprint(dirname(file))[0]).toBe(before)
        })
      }
    }
  })
}

const WRITING = [
  insertion(SECOND),
  "INSERT OR REPLACE INTO run_journal VALUES ('first', 'a', 'b', 'c')",
  "UPDATE run_journal SET export_name = 'changed'",
  'DELETE FROM run_journal',
  'DROP TABLE run_journal',
  'CREATE TABLE other (a)',
  'CREATE INDEX other ON run_journal (export_name)',
  'ALTER TABLE run_journal ADD COLUMN other TEXT',
  'PRAGMA user_version = 7',
  'VACUUM',
  'REINDEX',
]
