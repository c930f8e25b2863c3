import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresSource } from '../../src/sources/postgres.js'
import type { JournalSource } from '../../src/sources/source.js'
import { describeRecords } from '../contracts/records-contract.js'
import { NEWEST, type TableRow } from '../contracts/rivet-tables.js'
import { collect } from '../contracts/source-contract.js'
import { harm, journal, load, metrics, nano, status } from '../contracts/state-rows.js'
import { PostgresServer, postgresPrograms } from './postgres-server.js'

let server: PostgresServer
let count = 0
const sources: JournalSource[] = []

beforeAll(async () => {
  if (postgresPrograms === undefined) return
  server = await PostgresServer.start({ access: ['host all reader 127.0.0.1/32 trust'] })
  await server.run('postgres', 'CREATE ROLE reader LOGIN')
})
afterEach(async () => {
  for (const source of sources.splice(0)) await source.close()
})
afterAll(() => server?.stop())

const ROWS: readonly TableRow[] = [
  ...[status('a', 'success', 0, 1), journal('a', 1), metrics('a', 'success', 1, 7)],
  ...[harm('a', 'x', 1, 1), status('dead', 'interrupted', 0, 5), load('l', 1, ['a'])],
]

describe.skipIf(postgresPrograms === undefined)('a real PostgreSQL', () => {
  const made = async (rows: readonly TableRow[], changes: readonly string[] = []) => {
    const name = `records_${++count}`
    return { name, url: await server.recordsDatabase(name, { version: NEWEST, rows, changes }) }
  }
  const recordsAt = async (url: string) => {
    const source = await openPostgresSource(url, { env: {} })
    sources.push(source)
    if (source.records === undefined) throw new Error('it has no records')
    return source.records
  }
  const A = [{ runId: 'a', exportName: 'orders' }]

  describeRecords('a PostgreSQL source', async (contents) => {
    const url = await server.recordsDatabase(`records_${++count}`, contents)
    return openPostgresSource(url, { env: {} })
  })

  it('says nothing of a table or a column that this user may not read', async () => {
    const { name } = await made(ROWS)
    await server.run(
      name,
      `GRANT SELECT ON run_journal, export_harm TO reader;
       GRANT SELECT (run_id, export_name, status, started_at) ON run_status TO reader`,
    )
    const known = await recordsAt(server.url('reader', name))
    expect((await known.of(A)).get('a')).toEqual({
      ...{ runId: 'a', exportName: 'orders', harm: [{ metric: 'x', delta: 1 }] },
      status: { status: 'success', startedUnixNano: nano(0) },
    })
    expect(await collect(known.loads({}))).toEqual([])
    expect(await collect(known.unjournaled({}))).toMatchObject([
      { kind: 'unreadable', runId: 'dead' },
    ])
  })

  it('finds the tables by the search_path, as rivet does', async () => {
    const { name } = await made([])
    await server.run(
      name,
      `CREATE SCHEMA rivet; ALTER TABLE run_journal SET SCHEMA rivet; ALTER TABLE run_status SET SCHEMA rivet;
       INSERT INTO rivet.run_status VALUES ('a', 'orders', 'p', 'running', '2026-11-21T08:53:42.123456+00:00')`,
    )
    const known = await recordsAt(server.url('admin', name, '?options=-c%20search_path%3Drivet'))
    const [run] = await collect(known.unjournaled({}))
    expect(run).toMatchObject({ runId: 'a', startedUnixNano: 1795251222123456000n })
  })

  it('says what is damaged, and the rest', async () => {
    const { name, url } = await made(ROWS)
    await server.run(
      name,
      `CREATE FUNCTION broken(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ($1::int)::text';
       ALTER TABLE load_run RENAME TO loads;
       CREATE VIEW load_run AS SELECT broken(load_id) AS load_id, export_name, finished_at FROM loads;
       ALTER TABLE export_metrics RENAME TO old;
       CREATE VIEW export_metrics AS SELECT id, run_id, export_name, broken(status) AS status FROM old`,
    )
    const known = await recordsAt(url)
    const [problem, ...others] = await collect(known.loads({}))
    expect(others).toEqual([])
    expect(problem).toMatchObject({
      ...{ kind: 'unreadable', where: 'the table load_run' },
      problem: expect.stringMatching(/^the database cannot give it \(/),
    })
    const a = (await known.of(A)).get('a')
    expect(a).toMatchObject({ status: { status: 'success' }, harm: [{ delta: 1 }] })
    expect(a).not.toHaveProperty('metrics')
  })

  it('takes bytes for no text where the database has no encoding', async () => {
    const name = `records_${++count}`
    await server.run('postgres', `CREATE DATABASE ${name} ENCODING 'SQL_ASCII' TEMPLATE template0`)
    await server.run(
      name,
      `CREATE TABLE run_journal (run_id TEXT, export_name TEXT, finished_at TEXT, journal_json TEXT);
       CREATE TABLE run_status (run_id TEXT, export_name TEXT, prefix TEXT, status TEXT, started_at TEXT);
       INSERT INTO run_status VALUES ('ä', 'orders', E'\\xff', 'running', '2026-11-21T08:53:42Z'),
         (E'\\xff', 'orders', 'p', 'running', '2026-11-21T08:53:42Z')`,
    )
    const items = await collect((await recordsAt(server.url('admin', name))).unjournaled({}))
    expect(items).toMatchObject([
      { kind: 'unreadable', problem: expect.stringMatching(/^run_id: .* not valid UTF-8/) },
      { kind: 'unjournaled', runId: 'ä' },
    ])
    expect(items[1]).not.toHaveProperty('record.status.prefix')
  })

  it('leaves no transaction open, however slowly its answers are taken', async () => {
    const { url, name } = await made(ROWS)
    const known = await recordsAt(url)
    for await (const run of known.unjournaled({})) {
      expect(run.kind).toBe('unjournaled')
      const [row] = await server.run(
        'postgres',
        `SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = '${name}' AND xact_start IS NOT NULL`,
      )
      expect(row).toEqual({ open: 0 })
    }
  })
})
