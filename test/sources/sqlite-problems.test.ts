import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Selection } from '../../src/sources/source.js'
import { openSqliteSource } from '../../src/sources/sqlite.js'
import { collect, names, run } from '../contracts/source-contract.js'
import {
  driversHere,
  insert,
  newFolder,
  openToWrite,
  RUN_JOURNAL,
  SHOP,
  shopCopy,
  stateDatabase,
  type WritableDatabase,
} from './places.js'

const { here } = await driversHere()
const AT = '2026-11-21T08:53:42Z'
const GOOD = run('good', 'orders', AT)

/** A closed database that a test fills itself. */
function database(fill: (database: WritableDatabase) => void): string {
  const file = join(newFolder(), 'state.db')
  const opened = openToWrite(file)
  fill(opened)
  opened.close()
  return file
}

/** rivet's table without its constraints, so that a cell can hold anything. */
const LOOSE = RUN_JOURNAL.replaceAll(' NOT NULL', '').replaceAll('TEXT', '')

for (const driver of here) {
  const refusal = async (file: string) => {
    try {
      await (await openSqliteSource(file, { driver })).close()
    } catch (error) {
      return error
    }
    throw new Error('it was opened')
  }
  const read = async (file: string, selection: Selection = {}) => {
    const source = await openSqliteSource(file, { driver })
    const items = await collect(source.read(selection))
    await source.close()
    return items
  }

  describe(`a SQLite source (${driver}) says why it cannot be opened`, () => {
    it('when the file is missing', async () => {
      expect(await refusal(join(newFolder(), 'missing.db'))).toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringMatching(/missing\.db does not exist/),
        hint: expect.stringMatching(/-c rivet\.yaml.*--from/),
      })
    })

    it('when it is a folder', async () => {
      const folder = join(newFolder(), 'folder')
      mkdirSync(folder)
      expect(await refusal(folder)).toMatchObject({
        code: 'INVALID_SOURCE',
        message: expect.stringContaining('is a folder'),
      })
    })

    it('when it is empty, or something else than a database', async () => {
      const file = join(newFolder(), 'other.db')
      writeFileSync(file, '')
      expect(await refusal(file)).toMatchObject({
        code: 'INVALID_SOURCE',
        message: expect.stringContaining('is empty (0 bytes)'),
      })
      writeFileSync(file, '{"run_id":"a"}')
      expect(await refusal(file)).toMatchObject({
        code: 'INVALID_SOURCE',
        message: expect.stringContaining('is not a SQLite database: it begins with "{\\"run_id'),
      })
    })

    it('when it was cut short', async () => {
      const file = shopCopy()
      truncateSync(file, 150_000)
      expect(await refusal(file)).toMatchObject({
        code: 'INVALID_SOURCE',
        message: expect.stringMatching(
          /is cut short: it has 150000 bytes, its header speaks of 352256/,
        ),
        hint: expect.stringContaining('.recover'),
      })
      truncateSync(file, 60)
      expect(await refusal(file)).toMatchObject({ code: 'INVALID_SOURCE' })
    })

    it('when its first page is damaged', async () => {
      const file = shopCopy()
      const bytes = readFileSync(file)
      writeFileSync(file, bytes.fill(0xff, 100, 4096))
      expect(await refusal(file)).toMatchObject({
        code: 'INVALID_SOURCE',
        message: expect.stringMatching(/is damaged|cannot be read/),
      })
    })

    it('when it is another database, naming what it has', async () => {
      const none = database((db) => db.exec('CREATE TABLE a (b); DROP TABLE a'))
      expect(await refusal(none)).toMatchObject({
        message: expect.stringContaining('has no table run_journal; it has no tables'),
      })
      const some = database((db) => db.exec('CREATE TABLE zebra (b); CREATE TABLE apple (b)'))
      expect(await refusal(some)).toMatchObject({
        code: 'INVALID_SOURCE',
        message: expect.stringContaining('has no table run_journal; it has apple, zebra'),
        hint: expect.stringContaining('rivet’s state database?'),
      })
      const many = database((db) => {
        for (let i = 0; i < 20; i++) db.exec(`CREATE TABLE t${i} (a)`)
      })
      expect(await refusal(many)).toMatchObject({
        message: expect.stringContaining('it has 20 tables: t0, t1, t10,'),
      })
    })

    it('when its table lacks columns', async () => {
      const file = database((db) => db.exec('CREATE TABLE run_journal (run_id TEXT, other TEXT)'))
      expect(await refusal(file)).toMatchObject({
        code: 'INVALID_SOURCE',
        message: expect.stringMatching(
          /has no column export_name, finished_at, journal_json; it has run_id, other/,
        ),
      })
    })
  })

  describe(`a SQLite source (${driver}) reads what is unusual`, () => {
    it('a table with more columns than rivet has today', async () => {
      const file = database((db) => {
        db.exec(RUN_JOURNAL)
        insert(db, GOOD)
        db.exec('ALTER TABLE run_journal ADD COLUMN rivet_version TEXT')
      })
      expect(names(await read(file))).toEqual(['good'])
    })

    it('a database in UTF-16, a name with odd characters, and a symbolic link', async () => {
      const file = join(newFolder(), 'a b?c#d%41 ü.db')
      const db = openToWrite(file)
      db.exec("PRAGMA encoding = 'UTF-16le'")
      db.exec(RUN_JOURNAL)
      insert(db, run('täglich 😀', 'ü', AT))
      db.close()
      const link = join(newFolder(), 'link.db')
      symlinkSync(file, link)
      expect(names(await read(file, { runIds: ['täglich 😀'] }))).toEqual(['täglich 😀'])
      expect(names(await read(link))).toEqual(['täglich 😀'])
    })

    it('run ids with quotes, NUL and emoji', async () => {
      const odd = [`o'"; DROP TABLE run_journal`, 'nul\u0000nul', '😀']
      const file = stateDatabase(odd.map((run_id) => run(run_id, 'orders', AT)))
      expect(names(await read(file)).sort()).toEqual([...odd].sort())
      expect(names(await read(file, { runIds: odd })).sort()).toEqual([...odd].sort())
    })

    it('many run ids at once', async () => {
      const file = stateDatabase([GOOD])
      const runIds = [...Array.from({ length: 50_000 }, (_, i) => `no_${i}`), 'good']
      expect(names(await read(file, { runIds }))).toEqual(['good'])
    })

    it('the real state database, oldest first', async () => {
      const items = await read(SHOP)
      const exports = items.map((item) => item.kind === 'journal' && item.journal.export_name)
      expect(exports).toEqual([
        'orders',
        'orders_parallel',
        'orders_checkpoint',
        'customers_keyset',
        'events_full',
        'orders_incremental',
        'customers_quality',
        'broken',
        'events_full',
        'chunk_boom',
        'chunk_slow',
        'empty',
      ])
    })
  })

  describe(`a SQLite source (${driver}) tells of each row that it cannot read`, () => {
    const cells: [
      what: string,
      cells: (string | number | null | Uint8Array)[],
      expected: object,
    ][] = [
      [
        'a journal that is null',
        ['bad', 'orders', AT, null],
        { runId: 'bad', problem: 'journal_json: expected a text, got null value' },
      ],
      [
        'a journal that is a number',
        ['bad', 'orders', AT, 7],
        {
          runId: 'bad',
          problem: expect.stringMatching(
            /^journal_json: expected a text, got (integer|real) value$/,
          ),
        },
      ],
      [
        'a journal that is bytes',
        ['bad', 'orders', AT, Buffer.from(GOOD.text)],
        { runId: 'bad', problem: 'journal_json: expected a text, got blob value' },
      ],
      [
        'a run_id that is null',
        [null, 'orders', AT, GOOD.text],
        { where: 'a run_journal row', problem: 'run_id: expected a text, got null value' },
      ],
      [
        'an export_name that is null',
        ['bad', null, AT, GOOD.text],
        { runId: 'bad', problem: 'export_name: expected a text, got null value' },
      ],
      [
        'a journal of another run',
        ['bad', 'orders', AT, run('other', 'orders', AT).text],
        {
          where: 'run_journal row bad',
          problem: 'the row says run_id "bad", its journal says "other"; expected the same',
        },
      ],
      [
        'a journal of another export',
        ['bad', 'orders', AT, run('bad', 'customers', AT).text],
        {
          problem:
            'the row says export_name "orders", its journal says "customers"; expected the same',
        },
      ],
    ]
    for (const [what, values, expected] of cells) {
      it(`${what}, and hands over its neighbours`, async () => {
        const file = database((db) => {
          db.exec(LOOSE)
          insert(db, GOOD)
          db.run('INSERT INTO run_journal VALUES (?, ?, ?, ?)', ...values)
          insert(db, run('good too', 'orders', AT))
        })
        const items = await read(file)
        const readable = items.filter(({ kind }) => kind === 'journal')
        expect(names(readable)).toEqual(['good', 'good too'])
        expect(items.filter(({ kind }) => kind === 'unreadable')).toEqual([
          expect.objectContaining(expected),
        ])
      })
    }

    it('texts that are not valid UTF-8', async () => {
      const file = database((db) => {
        db.exec(RUN_JOURNAL)
        insert(db, GOOD)
        db.exec(
          `INSERT INTO run_journal VALUES ('bad', 'orders', '${AT}', CAST(x'7b22ff227d' AS TEXT))`,
        )
        db.exec(`INSERT INTO run_journal VALUES (CAST(x'62ff' AS TEXT), 'orders', '${AT}', '{}')`)
      })
      const items = await read(file)
      expect(names(items)).toEqual([
        expect.stringContaining('run_id: expected a text, got 2 bytes that are not valid UTF-8'),
        expect.stringContaining(
          'journal_json: expected a text, got 5 bytes that are not valid UTF-8',
        ),
        'good',
      ])
    })

    it('a journal on a damaged page', async () => {
      const wide = run('wide', 'orders', AT)
      const text = wide.text.replace('"entries":[', `"${'x'.repeat(40_000)}":1,"entries":[`)
      const file = stateDatabase([GOOD, { ...wide, text }, run('good too', 'orders', AT)], 'delete')
      const bytes = readFileSync(file)
      // A page of nothing but text begins with the number of the next one, which is now impossible.
      const page = bytes.indexOf('x'.repeat(4092)) - 4
      writeFileSync(file, bytes.fill(0xff, page, page + 4))
      const items = await read(file)
      expect(names(items.filter(({ kind }) => kind === 'journal'))).toEqual(['good', 'good too'])
      expect(items.find(({ kind }) => kind === 'unreadable')).toMatchObject({
        runId: 'wide',
        problem: expect.stringMatching(/journal_json: the database is damaged where it stands/),
      })
    })

    it('a time that is none, and only where the time is asked for', async () => {
      const file = database((db) => {
        db.exec(LOOSE)
        insert(db, GOOD)
        db.run(
          'INSERT INTO run_journal VALUES (?, ?, ?, ?)',
          'when',
          'orders',
          'yesterday',
          run('when', 'orders', AT).text,
        )
        db.run(
          'INSERT INTO run_journal VALUES (?, ?, ?, ?)',
          'null',
          'orders',
          null,
          run('null', 'orders', AT).text,
        )
      })
      expect(names(await read(file))).toEqual(['null', 'when', 'good'])
      expect(names(await read(file, { last: 1 }))).toEqual(['good'])
      expect(names(await read(file, { runIds: ['when'] }))).toEqual(['when'])
      expect(await read(file, { sinceUnixNano: 0n })).toEqual([
        expect.objectContaining({
          runId: 'null',
          problem: expect.stringContaining('got null value'),
        }),
        expect.objectContaining({
          runId: 'when',
          problem: expect.stringMatching(
            /^finished_at: "yesterday" is not a timestamp; expected one like/,
          ),
        }),
        expect.objectContaining({ kind: 'journal' }),
      ])
    })
  })
}
