import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../contracts/source-contract.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { PostgresServer, postgresPrograms, RUN_JOURNAL_TABLE } from '../sources/postgres-server.js'
import { temporaryFolder } from './command-line.js'
import { expectExactly } from './received-runs.js'
import { smallRun } from './small-runs.js'
import { names, until, Watcher } from './watching.js'

const PASSWORD = 'planted-s3cret'
const SPANS = 3
if (postgresPrograms === undefined)
  console.log('UNCHECKED: a watcher beside PostgreSQL; there are no programs of PostgreSQL here')

let server: PostgresServer
let receiver: OtlpReceiver

beforeAll(async () => {
  if (postgresPrograms === undefined) return
  server = await PostgresServer.start({ access: ['host all reader 127.0.0.1/32 scram-sha-256'] })
  await server.run('postgres', `CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}'`)
})
afterAll(() => server?.stop())
beforeEach(async () => {
  receiver = await OtlpReceiver.start()
})
afterEach(() => receiver.close())

function rows(runIds: readonly string[]) {
  return runIds.map((id) => ({
    ...run(id, 'orders', '2026-11-21T08:53:42Z'),
    text: smallRun(id).trim(),
  }))
}

describe.skipIf(postgresPrograms === undefined)('a watcher beside PostgreSQL', () => {
  it('waits for the database, its table and its server, and loses no run', async () => {
    const env = { RIVET_STATE_URL: server.url(`reader:${PASSWORD}`, 'later') }
    const watcher = new Watcher(['--to', receiver.url], temporaryFolder(), env)
    await watcher.says('has no database')
    await server.run('postgres', 'CREATE DATABASE later')
    await watcher.says('has no table run_journal')
    await server.run('later', `${RUN_JOURNAL_TABLE}; GRANT SELECT ON run_journal TO reader`)
    await server.insert('later', rows(names(3)))
    await until(() => receiver.taken.length >= 3 * SPANS)
    await server.crash()
    await watcher.says(/cannot be reached|broke off|went away|is (starting|shutting)/)
    await server.restart()
    await server.insert('later', rows(names(2, 3)))
    await until(() => receiver.taken.length >= 5 * SPANS)
    await watcher.says('can be read')
    const { code, stdout, stderr } = await watcher.end()
    expect(code).toBe(0)
    expect(stdout).toContain('stopped; runs: 5 sent')
    expect(`${stdout}${stderr}`).not.toContain('s3cret')
    expect(expectExactly(receiver, names(5))).toBe(0)
  })

  it('waits for no answer of the database once it is told to stop', async () => {
    await server.run('postgres', 'CREATE DATABASE locked')
    await server.run('locked', `${RUN_JOURNAL_TABLE}; GRANT SELECT ON run_journal TO reader`)
    await server.insert('locked', rows(names(1)))
    const env = { RIVET_STATE_URL: server.url(`reader:${PASSWORD}`, 'locked') }
    const watcher = new Watcher(['--to', receiver.url], temporaryFolder(), env)
    await until(() => receiver.taken.length >= SPANS)
    const locked = server.run(
      'locked',
      'BEGIN; LOCK TABLE run_journal IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(9); COMMIT',
    )
    // A look is every 100 ms, and after a commit it asks for the table.
    await server.run('postgres', 'CREATE TABLE something (id INTEGER)')
    await sleep(500)
    const { code, stderr } = await watcher.end()
    expect([code, stderr]).toEqual([0, expect.stringContaining('told to stop before it answered')])
    await locked
  })

  it('ends at once where the password is wrong, with 2', async () => {
    const env = { RIVET_STATE_URL: server.url('reader:no', 'postgres') }
    const watcher = new Watcher(['--to', receiver.url], temporaryFolder(), env)
    const { code, stderr } = await watcher.ended()
    expect([code, stderr]).toEqual([2, expect.stringContaining('does not take the password')])
  })
})
