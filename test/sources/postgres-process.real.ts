import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openJournalFile } from '../../src/sources/json-file.js'
import { collect, names, run } from '../contracts/source-contract.js'
import { CLI, type Finished, rivetOtel, temporaryFolder } from '../e2e/command-line.js'
import { ADMIN, PostgresServer, postgresPrograms } from './postgres-server.js'

const DIST = new URL('../../dist/', import.meta.url)
const PASSWORD = 'planted-s3cret'
const ROWS = 5000
const ROW_BYTES = 40_000
const isBuilt = existsSync(CLI)
if (!isBuilt)
  console.log('UNCHECKED: processes that read from PostgreSQL; node .ci/build.mjs builds them')

let server: PostgresServer

beforeAll(async () => {
  if (postgresPrograms === undefined) return
  server = await PostgresServer.start({ access: ['host all reader 127.0.0.1/32 scram-sha-256'] })
  const rows = [
    run('orders_1', 'orders', '2026-11-21T08:53:42Z'),
    run('orders_2', 'orders', '2026-11-21T08:53:43Z'),
  ]
  await server.stateDatabase('rivet', rows)
  await server.run(
    'rivet',
    `CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}'; GRANT SELECT ON run_journal TO reader`,
  )
  await server.run('rivet', 'CREATE DATABASE empty')
})
afterAll(() => server?.stop())

/** Runs a command that must not show the password. */
async function command(args: readonly string[], env: Record<string, string>): Promise<Finished> {
  const finished = await rivetOtel(args, {
    cwd: temporaryFolder(),
    env: { HOME: '/nowhere', ...env },
  })
  expect(`${finished.stdout}${finished.stderr}`).not.toContain('s3cret')
  return finished
}

describe.skipIf(postgresPrograms === undefined || !isBuilt)('a process', () => {
  it('reads from where RIVET_STATE_URL points', async () => {
    const env = { RIVET_STATE_URL: server.url(`reader:${PASSWORD}`, 'rivet') }
    const { code, stdout, stderr } = await command(['runs'], env)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('orders_1')
  })

  it('exports and imports the same journals', async () => {
    const folder = temporaryFolder()
    const env = { HOME: '/nowhere', PGPASSWORD: PASSWORD }
    const traces = `${folder}/traces.otlp.jsonl`
    const sent = await rivetOtel(
      ['export', '--from', server.url('reader', 'rivet'), '--to', traces],
      { cwd: folder, env },
    )
    expect(sent).toMatchObject({ code: 0 })
    const back = await rivetOtel(['import', '--from', traces, '--to', `${folder}/journals.jsonl`], {
      cwd: folder,
    })
    expect(back).toMatchObject({ code: 0 })
    const journals = await openJournalFile(`${folder}/journals.jsonl`)
    expect(names(await collect(journals.read({})))).toEqual(['orders_1', 'orders_2'])
    await journals.close()
  })

  it('ends with 3 where there is no connection, and with 2 where a setting is wrong', async () => {
    const at = (url: string) => command(['runs', '--from', url], {})
    const gone = await at(`postgres://reader:${PASSWORD}@127.0.0.1:1/rivet`)
    expect(gone.code).toBe(3)
    expect(gone.stderr).toContain('postgres://127.0.0.1:1/rivet cannot be reached')
    const wrong = await at(server.url(`reader:${PASSWORD}x`, 'rivet'))
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('does not take the password of the user reader')
    const nowhere = await at(server.url(`reader:${PASSWORD}`, 'nowhere'))
    expect(nowhere.code).toBe(2)
    expect(nowhere.stderr).toContain('has no database nowhere')
    const empty = await at(server.url(ADMIN, 'empty'))
    expect(empty.code).toBe(2)
    expect(empty.stderr).toContain('has no table run_journal')
    const raw = await at(`postgres://reader:${PASSWORD}/@127.0.0.1/rivet`)
    expect(raw.code).toBe(2)
    expect(raw.stderr).toContain('%2F')
  })

  it('keeps a flat memory over 5,000 journals of 40 kB', async () => {
    const url = await server.stateDatabase('wide')
    await server.run(
      'wide',
      `INSERT INTO run_journal SELECT 'run_' || i, 'orders', '2026-11-21T08:53:42Z',
        '{"run_id":"run_' || i || '","export_name":"orders","entries":[{"recorded_at":"2026-11-21T08:53:42Z","event":{"Warning":{"context":"","message":"' || repeat(md5(i::text), ${ROW_BYTES / 32}) || '"}}}]}'
        FROM generate_series(1, ${ROWS}) AS i`,
    )
    const program = `
      const { openPostgresSource } = await import(${JSON.stringify(new URL('sources/postgres.js', DIST).href)})
      const source = await openPostgresSource(${JSON.stringify(url)})
      const used = () => { gc(); const { heapUsed, external } = process.memoryUsage(); return (heapUsed + external) / 2 ** 20 }
      let count = 0
      let early = 0
      for await (const item of source.read({})) {
        if (item.kind === 'journal') count++
        if (count === 500) early = used()
      }
      console.log(JSON.stringify({ count, growth: used() - early, peak: process.resourceUsage().maxRSS / 1024 }))
      await source.close()`
    const flags = ['--max-old-space-size=24', '--expose-gc', '--input-type=module', '-e', program]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, flags, {
      cwd: fileURLToPath(DIST),
      env: { PATH: process.env.PATH },
    })
    expect(stderr).toBe('')
    const { count, growth, peak } = JSON.parse(stdout)
    console.log(`PostgreSQL: resident at most ${peak | 0} MB, grown by ${growth.toFixed(1)} MB`)
    expect(count).toBe(ROWS)
    expect(growth).toBeLessThan(8)
    expect(peak).toBeLessThan(400)
  })
})
