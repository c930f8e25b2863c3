import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { openPostgresSource } from '../../src/sources/postgres.js'
import type { JournalSource, Selection, SourceItem } from '../../src/sources/source.js'
import { openSqliteSource } from '../../src/sources/sqlite.js'
import { type ContractRow, collect, names, run } from '../contracts/source-contract.js'
import { shopCopy } from './places.js'
import { ADMIN, PostgresServer, postgresPrograms } from './postgres-server.js'

const AT = '2026-11-21T08:53:42Z'
const MEGABYTE = 1024 * 1024

let server: PostgresServer
let count = 0
const sources: JournalSource[] = []

beforeAll(async () => {
  if (postgresPrograms !== undefined)
    server = await PostgresServer.start({ access: ['host all reader 127.0.0.1/32 trust'] })
})
afterAll(async () => {
  for (const source of sources) await source.close()
  await server?.stop()
})

/** A database of its own with these rows. */
async function place(rows: readonly ContractRow[] = []) {
  const database = `reading_${++count}`
  await server.stateDatabase(database, rows)
  return { database, open: (query = '', user = ADMIN) => openSource(database, query, user) }
}

async function openSource(database: string, query = '', user = ADMIN): Promise<JournalSource> {
  const source = await openPostgresSource(server.url(user, database, query), { env: {} })
  sources.push(source)
  return source
}

async function read(source: JournalSource, selection: Selection = {}): Promise<SourceItem[]> {
  return collect(source.read(selection))
}

describe.skipIf(postgresPrograms === undefined)('reading from a real PostgreSQL', () => {
  it('gives the 12 journals of a real state database byte for byte, in the same order', async () => {
    const sqlite = await openSqliteSource(shopCopy())
    const shop: ContractRow[] = []
    for (const item of await read(sqlite)) {
      if (item.kind !== 'journal') throw new Error(item.problem)
      const { run_id, export_name, entries } = item.journal
      const finished_at = entries.at(-1)?.recorded_at ?? AT
      shop.push({ run_id, export_name, finished_at, text: stringifyJournal(item.journal) })
    }
    await sqlite.close()
    expect(shop.length).toBe(12)
    const { open } = await place(shop.toReversed())
    const found = (await read(await open())).map((item) =>
      item.kind === 'journal' ? stringifyJournal(item.journal) : item.problem,
    )
    expect(found).toEqual(shop.map(({ text }) => text))
  })

  it('lists the runs whose run_id begins so, and no others', async () => {
    const runIds = ['orders_1', 'orders_12', 'orders%', 'Orders_1', 'ördérs_1', 'ör']
    const source = await (await place(runIds.map((id) => run(id, 'orders', AT)))).open()
    const listed = async (beginning?: string) =>
      (await collect(source.list(beginning))).map(({ runId }) => runId).sort()
    expect(await listed('orders_1')).toEqual(['orders_1', 'orders_12'])
    expect(await listed('orders_')).toEqual(['orders_1', 'orders_12'])
    expect(await listed('ör')).toEqual(['ör', 'ördérs_1'].sort())
    expect(await listed('nobody')).toEqual([])
    for (const every of [undefined, '', 'no text\0'])
      expect(await listed(every)).toEqual(runIds.toSorted())
  })

  it('reads whole journals while a writer puts others in their place', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => wide(`run_${i}`, 20_000))
    const { database, open } = await place(rows)
    const source = await open()
    const items: SourceItem[] = []
    for await (const item of source.read({})) {
      // Some of these have been read and some not; all grow beyond what was planned for them.
      if (items.length % 100 === 50)
        await server.insert(
          database,
          rows.slice(0, 100).map((row) => wide(row.run_id, 40_000)),
        )
      items.push(item)
    }
    expect(items.length).toBe(300)
    expect(new Set(items.map(({ kind }) => kind))).toEqual(new Set(['journal']))
  })

  it('says so of a run that is removed meanwhile, and reads one that grows large', async () => {
    const { database, open } = await place([
      run('a', 'orders', AT),
      wide('b', 2 * MEGABYTE),
      run('c', 'orders', AT),
      run('d', 'orders', AT),
    ])
    const items: SourceItem[] = []
    for await (const item of (await open()).read({})) {
      items.push(item)
      if (items.length > 1) continue
      await server.run(database, "DELETE FROM run_journal WHERE run_id = 'c'")
      await server.insert(database, [wide('d', 3 * MEGABYTE)])
    }
    expect(names(items)).toEqual([
      'a',
      'b',
      'unreadable: the row was removed while the database was read',
      'd',
    ])
  })

  it('needs no more than to read the one table', async () => {
    const { database, open } = await place([run('a', 'orders', AT)])
    await server.run('postgres', `DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN`)
    await expect(open('', 'reader')).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringMatching(
        /^the user reader may not read .* permission denied for table run_journal$/,
      ),
      hint: expect.stringContaining('GRANT SELECT ON run_journal TO "reader"'),
    })
    await server.run(database, 'GRANT SELECT ON run_journal TO reader')
    expect(names(await read(await open('', 'reader')))).toEqual(['a'])
  })

  it('cannot write, whatever the URL asks for and whatever stands in place of the table', async () => {
    const { database, open } = await place([run('a', 'orders', AT)])
    await server.run(
      database,
      `CREATE TABLE seen (setting text, kind text, timeout text, application text);
       CREATE FUNCTION look() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO seen VALUES (1); RETURN ''; EXCEPTION WHEN read_only_sql_transaction THEN
         RETURN concat_ws(' ', current_setting('default_transaction_read_only'), current_setting('transaction_isolation'), current_setting('statement_timeout'), current_setting('application_name')); END $$;
       ALTER TABLE run_journal RENAME TO kept;
       CREATE VIEW run_journal AS SELECT look() AS run_id, export_name, finished_at, journal_json FROM kept`,
    )
    const source = await open(
      '?options=-c%20default_transaction_read_only%3Doff&application_name=x',
    )
    const listed = await collect(source.list())
    expect(listed).toEqual([{ runId: 'on repeatable read 2min rivet-otel', exportName: 'orders' }])
    expect(await server.run(database, 'SELECT * FROM seen')).toEqual([])
  })

  it('has no transaction open, and keeps nobody waiting, while its reader is slow', async () => {
    const { database, open } = await place([
      run('a', 'orders', AT),
      wide('b', 2 * MEGABYTE),
      run('c', 'orders', AT),
    ])
    const source = await open()
    let states = 0
    for await (const _ of source.read({})) {
      const sessions = await server.run(
        database,
        "SELECT state, xact_start, backend_xmin FROM pg_stat_activity WHERE application_name = 'rivet-otel' AND datname = current_database()",
      )
      expect(sessions).toEqual([{ state: 'idle', xact_start: null, backend_xmin: null }])
      await server.run(
        database,
        'BEGIN; LOCK TABLE run_journal IN ACCESS EXCLUSIVE MODE NOWAIT; COMMIT',
      )
      states++
    }
    expect(states).toBe(3)
  })

  it('waits a little for somebody who changes the table, and then says so', async () => {
    const { database, open } = await place([run('a', 'orders', AT)])
    const source = await open()
    const holder = new Client({ connectionString: server.url(ADMIN, database), ssl: false })
    await holder.connect()
    await holder.query('BEGIN; LOCK TABLE run_journal IN ACCESS EXCLUSIVE MODE')
    await expect(read(source)).rejects.toMatchObject({
      code: 'SOURCE_BUSY',
      message: expect.stringContaining('is locked by somebody who changes it'),
    })
    await holder.end()
    expect(names(await read(source))).toEqual(['a'])
  })

  it('opens a connection again that was ended between two looks', async () => {
    const { database, open } = await place([
      run('a', 'orders', AT),
      wide('b', 2 * MEGABYTE),
      run('c', 'orders', AT),
    ])
    const source = await open()
    const found: string[] = []
    for await (const item of source.read({})) {
      found.push(...names([item]))
      await server.run(
        database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rivet-otel'",
      )
    }
    expect(found).toEqual(['a', 'b', 'c'])
  })

  it('ends with an error where the connection breaks off during a look', async () => {
    const { database, open } = await place([run('a', 'orders', AT)])
    await server.run(
      database,
      'ALTER TABLE run_journal RENAME TO kept; CREATE VIEW run_journal AS SELECT run_id, export_name, finished_at, journal_json || pg_sleep(60)::text AS journal_json FROM kept',
    )
    const source = await open()
    const reading = read(source)
    const outcome = expect(reading).rejects.toMatchObject({ code: 'UNREACHABLE' })
    for (let ended = 0; ended === 0; await delay(20)) {
      const rows = await server.run(
        database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rivet-otel' AND wait_event = 'PgSleep'",
      )
      ended = rows.length
    }
    await outcome
  })

  it('says how far it came where the server goes away, and passes nothing off as whole', async () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      wide(`run_${String(i).padStart(2, '0')}`, 200_000),
    )
    const { open } = await place(rows)
    const source = await open()
    const found: SourceItem[] = []
    const reading = async () => {
      for await (const item of source.read({})) {
        found.push(item)
        if (found.length === 10) await server.crash()
      }
    }
    await expect(reading()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/cannot be reached: .*; \d+ of 40 runs had been read$/),
    })
    expect(found.length).toBeGreaterThanOrEqual(10)
    expect(found.length).toBeLessThan(40)
    await expect(read(source)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await server.restart()
    expect((await read(source)).length).toBe(40)
  })

  it('says what is there where the table is not', async () => {
    const { database, open } = await place()
    await server.run(database, 'ALTER TABLE run_journal DROP COLUMN finished_at')
    await expect(open()).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringMatching(
        /has no column finished_at; it has run_id, export_name, journal_json$/,
      ),
    })
    await server.run(
      database,
      'CREATE SCHEMA "Riv et"; ALTER TABLE run_journal SET SCHEMA "Riv et"',
    )
    const hidden = await open().then(
      () => undefined,
      (error) => error,
    )
    expect(hidden).toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringMatching(
        /no table run_journal that is seen with the search_path "\$user", public; there is one in the schema Riv et$/,
      ),
      hint: expect.stringContaining('options=-c%20search_path%3D'),
    })
    await server.run(database, 'DROP TABLE "Riv et".run_journal')
    await expect(open()).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringMatching(/has no table run_journal$/),
    })
  })

  it('finds the table where search_path points, as rivet does', async () => {
    const { database } = await place([run('a', 'orders', AT)])
    await server.run(database, 'CREATE SCHEMA rivet; ALTER TABLE run_journal SET SCHEMA rivet')
    const source = await openSource(database, '?options=-c%20search_path%3Drivet')
    expect(names(await read(source))).toEqual(['a'])
  })

  it('takes a run of unknown time for the oldest, and for unreadable where a time is asked for', async () => {
    const { database, open } = await place([run('b', 'orders', AT)])
    await server.insert(database, [{ ...run('z', 'orders', AT), finished_at: 'yesterday' }])
    const source = await open()
    expect(names(await read(source))).toEqual(['z', 'b'])
    expect(names(await read(source, { last: 1 }))).toEqual(['b'])
    const [first] = await read(source, { sinceUnixNano: 0n })
    expect(first).toMatchObject({
      kind: 'unreadable',
      runId: 'z',
      problem: expect.stringMatching(/finished_at: "yesterday" is not a timestamp.*cannot be told/),
    })
  })

  it('asks for names that no database can hold without a word', async () => {
    const source = await (await place([run('a', 'orders', AT)])).open()
    expect(
      await read(source, { runIds: ['\0', '\ud800'], exports: ["'; DROP TABLE run_journal; --"] }),
    ).toEqual([])
    expect(names(await read(source, { runIds: ['a', '\0'] }))).toEqual(['a'])
  })

  it('says what is wrong with a cell that is null, and hands over its neighbours', async () => {
    const { database, open } = await place([
      run('a', 'orders', AT),
      run('b', 'orders', AT),
      run('c', 'orders', AT),
    ])
    await server.run(
      database,
      "ALTER TABLE run_journal ALTER journal_json DROP NOT NULL, ALTER export_name DROP NOT NULL; UPDATE run_journal SET journal_json = NULL WHERE run_id = 'b'; UPDATE run_journal SET export_name = NULL WHERE run_id = 'c'",
    )
    expect(names(await read(await open()))).toEqual([
      'a',
      'unreadable: journal_json: expected a text, got null value',
      'unreadable: export_name: expected a text, got null value',
    ])
  })

  it('says so of a text that is not valid where the database takes any bytes, and hands over its neighbours', async () => {
    await server.run(
      'postgres',
      "CREATE DATABASE any_bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0",
    )
    await server.run(
      'any_bytes',
      `CREATE TABLE run_journal (run_id text, export_name text, finished_at text, journal_json text)`,
    )
    const { text } = run('ä', 'orders', AT)
    await server.run(
      'any_bytes',
      `INSERT INTO run_journal VALUES ('ä', 'orders', '${AT}', '${text}'), ('b', 'orders', '${AT}', convert_from('\\xff', 'SQL_ASCII'))`,
    )
    expect(names(await read(await openSource('any_bytes')))).toEqual([
      expect.stringMatching(
        /^unreadable: journal_json: the database cannot give it \(invalid byte sequence for encoding "UTF8": 0xff\)$/,
      ),
      'ä',
    ])
  })
})

/** A run whose journal has about so many bytes. */
function wide(run_id: string, bytes: number): ContractRow {
  const entries = Array.from({ length: Math.ceil(bytes / 1000) }, () => ({
    recorded_at: AT,
    event: { Warning: { context: 'wide', message: 'x'.repeat(900) } },
  }))
  return {
    run_id,
    export_name: 'orders',
    finished_at: AT,
    text: JSON.stringify({ run_id, export_name: 'orders', entries }),
  }
}
