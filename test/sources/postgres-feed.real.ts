import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresSource } from '../../src/sources/postgres.js'
import { MAY_BE_NEW, newSince } from '../../src/sources/postgres-snapshot.js'
import type { JournalSource } from '../../src/sources/source.js'
import { describeFeed, drain, type FeedPlace, runIds } from '../contracts/feed-contract.js'
import { type ContractRow, run } from '../contracts/source-contract.js'
import { ADMIN, PostgresServer, postgresPrograms, RUN_JOURNAL_TABLE } from './postgres-server.js'

const AT = '2026-11-21T08:53:42Z'
const OLD = '2020-01-01T00:00:00Z'
const UPSERT = `INSERT INTO run_journal VALUES ($1, $2, $3, $4) ON CONFLICT (run_id) DO UPDATE SET
  export_name = excluded.export_name, finished_at = excluded.finished_at, journal_json = excluded.journal_json`

let server: PostgresServer
let count = 0
const clients: Client[] = []
const sources: JournalSource[] = []

beforeAll(async () => {
  if (postgresPrograms !== undefined)
    server = await PostgresServer.start({ access: ['host all reader 127.0.0.1/32 trust'] })
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end()
  for (const source of sources.splice(0)) await source.close()
})
afterAll(() => server?.stop())

/** A connection that stays open. */
async function connect(database: string): Promise<Client> {
  const client = new Client({ connectionString: server.url(ADMIN, database), ssl: false })
  client.on('error', () => {})
  await client.connect()
  clients.push(client)
  return client
}

/** A row that somebody wrote, after a savepoint where one is named, and commits later. */
async function putLater(
  database: string,
  row: ContractRow,
  savepoint?: string,
): Promise<() => Promise<void>> {
  const client = await connect(database)
  await client.query('BEGIN; SELECT pg_current_xact_id()')
  if (savepoint !== undefined) await client.query(`SAVEPOINT ${savepoint}`)
  await client.query(UPSERT, [row.run_id, row.export_name, row.finished_at, row.text])
  return async () => {
    await client.query('COMMIT')
    clients.splice(clients.indexOf(client), 1)
    await client.end()
  }
}

async function place(rows: readonly ContractRow[]): Promise<FeedPlace & { database: string }> {
  const database = `feed_${++count}`
  const url = await server.stateDatabase(database, rows)
  const source = await openPostgresSource(url, { env: {} })
  const event = (name: string, sql: string, isRebuild = false) => ({
    ...{ name, isRebuild },
    happen: async () => void (await server.run(database, sql)),
  })
  return {
    ...{ database, source },
    put: (put) => server.insert(database, put),
    putLater: (row) => putLater(database, row, 'before'),
    remove: async (runId) => {
      await server.run(database, `DELETE FROM run_journal WHERE run_id = '${runId}'`)
    },
    close: () => source.close(),
    events: [
      event('VACUUM FREEZE', 'VACUUM FREEZE run_journal'),
      event('transactions elsewhere', 'SELECT pg_current_xact_id()'),
      event('ANALYZE', 'ANALYZE run_journal'),
      event(
        'another table in its place',
        `ALTER TABLE run_journal RENAME TO was; CREATE TABLE run_journal (LIKE was INCLUDING ALL);
        INSERT INTO run_journal SELECT * FROM was; DROP TABLE was`,
        true,
      ),
    ],
  }
}

/** How many rows of the table were looked at, by all sessions that have ended. */
async function rowsRead(database: string): Promise<number> {
  const [row] = await server.run(
    database,
    "SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_user_tables WHERE relname = 'run_journal'",
  )
  return Number(row?.read)
}

describe.skipIf(postgresPrograms === undefined)('following a real PostgreSQL', () => {
  describeFeed('a PostgreSQL feed', place)

  it('finds what is committed late, behind later rows, and after a savepoint', async () => {
    const { database, source, put } = await place([run('a', 'orders', AT)])
    const feed = source.follow()
    const commit = await putLater(database, run('late', 'orders', OLD), 'before')
    expect(runIds(await drain(feed))).toEqual(['a'])
    for (const runId of ['b', 'c', 'd']) {
      await put([run(runId, 'orders', AT)])
      expect(runIds(await drain(feed))).toEqual([runId])
    }
    await commit()
    expect(runIds(await drain(feed))).toEqual(['late'])
    expect(await drain(feed)).toEqual([])
  })

  it('hands out nothing for what is rolled back', async () => {
    const { database, source } = await place([])
    const feed = source.follow()
    const client = await connect(database)
    await client.query('BEGIN')
    await client.query(UPSERT, ['a', 'orders', AT, '{}'])
    expect(await drain(feed)).toEqual([])
    await client.query('ROLLBACK')
    expect(await drain(feed)).toEqual([])
  })

  it('hands out everything once while a transaction stays open for long, in a memory that does not grow', async () => {
    const { database, source } = await place([])
    const feed = source.follow()
    const commit = await putLater(database, run('long', 'orders', AT))
    const found = new Set<string>()
    let all = 0
    for (let part = 0; part < 6; part++) {
      // Each row in a transaction of its own, as rivet writes them.
      await server.run(
        database,
        `CREATE OR REPLACE PROCEDURE fill(part int) LANGUAGE plpgsql AS $$ BEGIN
          FOR i IN 1..5000 LOOP
            INSERT INTO run_journal VALUES (part || '_' || i, 'orders', '2026-11-21T08:53:42Z', '{}'); COMMIT;
          END LOOP; END $$`,
      )
      await server.run(database, `CALL fill(${part})`)
      for (const runId of runIds(await drain(feed))) {
        all++
        found.add(runId)
      }
    }
    expect([found.size, all]).toEqual([30_000, 30_000])
    await commit()
    expect(runIds(await drain(feed))).toEqual(['long'])
  })

  it('hands out a large database in the order of time, in pages, and what comes meanwhile', async () => {
    const { database, source, put } = await place([])
    await server.run(
      database,
      `INSERT INTO run_journal SELECT i::text, 'orders', to_char(timestamp '2026-01-01' + i * interval '1 s', 'YYYY-MM-DD"T"HH24:MI:SS') || 'Z', '{}' FROM generate_series(1, 12000) i`,
    )
    const feed = source.follow()
    const commit = await putLater(database, run('meanwhile', 'orders', OLD))
    const first = await feed.next(100)
    await commit()
    await put([{ ...run('1', 'orders', AT), finished_at: '2025-01-01T00:00:00Z' }])
    expect(await feed.behind()).toBe(12_000 - 100)
    const rest = await drain(feed)
    const found = [...first, ...rest].flatMap((one) => (one.kind === 'run' ? [one.runId] : []))
    const numbers = Array.from({ length: 12_000 }, (_, i) => `${i + 1}`)
    expect(found).toEqual([...numbers, 'meanwhile', '1'])
  })

  it('asks for the snapshot alone where no transaction has ended', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => run(`run_${i}`, 'orders', AT))
    const { database, source } = await place(rows)
    const feed = source.follow()
    for (let i = 0; i < 10; i++) await drain(feed)
    expect(await feed.behind()).toBe(0)
    // A session tells what it read when it ends.
    await source.close()
    // Once, and perhaps again where the server itself had a transaction of its own meanwhile.
    expect(await rowsRead(database)).toBeGreaterThanOrEqual(1000)
    expect(await rowsRead(database)).toBeLessThanOrEqual(3000)
  })

  it('keeps no transaction open between two looks', async () => {
    const { database, source, put } = await place([run('a', 'orders', AT)])
    const feed = source.follow()
    await put([run('b', 'orders', AT)])
    await feed.next(1)
    const [session] = await server.run(
      database,
      "SELECT state, backend_xmin, backend_xid FROM pg_stat_activity WHERE application_name = 'rivet-otel' AND datname = current_database()",
    )
    expect(session).toEqual({ state: 'idle', backend_xmin: null, backend_xid: null })
  })

  it('needs no more than to read the one table', async () => {
    const { database } = await place([run('a', 'orders', AT)])
    await server.run(
      database,
      'DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN; GRANT SELECT ON run_journal TO reader',
    )
    const source = await openPostgresSource(server.url('reader', database), { env: {} })
    sources.push(source)
    expect(runIds(await drain(source.follow()))).toEqual(['a'])
    await server.run(database, 'DROP OWNED BY reader; DROP ROLE reader')
  })

  it('does not hand out again what VACUUM FULL writes anew', async () => {
    const { database, source, put } = await place([run('a', 'orders', AT), run('b', 'orders', AT)])
    const feed = source.follow()
    await drain(feed)
    await server.run(database, 'VACUUM FULL run_journal')
    await put([run('c', 'orders', AT)])
    expect(runIds(await drain(feed))).toEqual(['c'])
  })

  it('starts over where the table is another one, with what ended after the skip', async () => {
    const { database, source } = await place([run('a', 'orders', AT)])
    const feed = source.follow()
    await feed.skip()
    await server.run(database, 'DROP TABLE run_journal')
    await expect(feed.next(10)).rejects.toMatchObject({ code: 'INVALID_SOURCE' })
    await server.run(database, RUN_JOURNAL_TABLE)
    await server.insert(database, [
      run('a', 'orders', AT),
      run('b', 'orders', '2026-11-21T08:53:42.000000001Z'),
      { ...run('c', 'orders', AT), finished_at: 'yesterday' },
    ])
    expect(runIds(await drain(feed))).toEqual(['b', 'c'])
  })

  it('says so where run_journal is no table', async () => {
    const { database, source } = await place([])
    await server.run(
      database,
      'ALTER TABLE run_journal RENAME TO real; CREATE VIEW run_journal AS SELECT * FROM real',
    )
    await expect(source.follow().next(10)).rejects.toMatchObject({
      code: 'INVALID_SOURCE',
      message: expect.stringMatching(/^run_journal of .* is no table of its own/),
    })
  })

  it('goes on where it was after the server was away', async () => {
    const { source, put } = await place([run('a', 'orders', AT)])
    const feed = source.follow()
    await drain(feed)
    await put([run('b', 'orders', AT)])
    await server.crash()
    await expect(feed.next(10)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await server.restart()
    await put([run('c', 'orders', AT)])
    expect(runIds(await drain(feed))).toEqual(['b', 'c'])
  })

  it('takes for new what a window of transactions holds, also where their numbers go round', async () => {
    const xids = ['2', '3', '4', '100', '2147483648', '4294967290', '4294967295']
    const client = await connect('postgres')
    const newIn = async (from: bigint, xmax: bigint, open: string[] = []) => {
      const now = { text: '', xmin: from, xmax, open: [], isExact: true }
      const { rows } = await client.query(
        `SELECT xmin FROM unnest($4::text[]) AS rows(xmin) WHERE ${MAY_BE_NEW}`,
        [...newSince({ from, open }, now), xids],
      )
      return rows.map(({ xmin }) => xmin)
    }
    const round = 2n ** 32n
    expect(await newIn(3n, 101n)).toEqual(['3', '4', '100'])
    expect(await newIn(3n, 100n)).toEqual(['3', '4'])
    expect(await newIn(3n, 4n, ['4294967290'])).toEqual(['3', '4294967290'])
    expect(await newIn(7n * round - 6n, 7n * round + 4n)).toEqual([
      '2',
      '3',
      '4294967290',
      '4294967295',
    ])
    expect(await newIn(7n * round + 4n, 7n * round + 4n)).toEqual([])
    expect(await newIn(5n * round + 50n, 6n * round + 50n)).toEqual(xids)
    expect(await newIn(5n, 9n * round)).toEqual(xids)
  })
})
