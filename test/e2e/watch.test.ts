import { once } from 'node:events'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { openToWrite } from '../sources/places.js'
import { rivetOtel, temporaryFolder } from './command-line.js'
import { expectExactly, runsAt } from './received-runs.js'
import { SPANS_OF_SMALL_RUN } from './small-runs.js'
import { names, putRuns, until, Watcher } from './watching.js'

const DATABASE = '.rivet_state.db'
const LEDGER = 'rivet-otel-ledger.db'
let receiver: OtlpReceiver
let folder: string
let database: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  folder = temporaryFolder()
  database = join(folder, DATABASE)
})
afterEach(() => receiver.close())

function watch(...more: readonly string[]): Watcher {
  return new Watcher(['--to', receiver.url, ...more], folder)
}

/** Waits until so many small runs were taken. */
function taken(runs: number): Promise<void> {
  return until(() => receiver.taken.length >= runs * SPANS_OF_SMALL_RUN)
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}

describe('a watcher', () => {
  it('sends what is there, and every run as it comes, once and exactly', async () => {
    putRuns(database, names(3))
    const watcher = watch()
    await taken(3)
    for (let i = 3; i < 8; i++) {
      putRuns(database, names(1, i))
      await taken(i + 1)
    }
    await watcher.says('orders_7')
    const { code, stdout, stderr } = await watcher.end()
    expect([code, stderr]).toEqual([0, ''])
    expect(expectExactly(receiver, names(8))).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ watching .*\.rivet_state\.db, sending to http:.*\/v1\/traces: what is not there yet, and every run as it comes; a look every 100 ms$/,
    )
    expect(
      lines.filter((line) =>
        /^\S+ \S+Z sent {5}orders_\d {2}trace [0-9a-f]{32} {2}3 spans$/.test(line),
      ),
    ).toHaveLength(8)
    expect(lines.at(-1)).toMatch(/Z stopped; runs: 8 sent \(http:.*\)$/)
  })

  it('sends a journal that rivet wrote again as the next revision', async () => {
    putRuns(database, names(1), { rows: 1 })
    const watcher = watch()
    await taken(1)
    putRuns(database, names(1), { rows: 2, ended: '2026-11-21T09:00:00Z' })
    await taken(2)
    await watcher.says('revision 1')
    expect((await watcher.end()).code).toBe(0)
    expect(runsAt(receiver)).toMatchObject([{ runId: 'orders_0', revision: 1, status: 'exact' }])
  })

  it('waits for a database that is not there, empty, or has no table yet, and says each once', async () => {
    const watcher = watch()
    await watcher.says('does not exist')
    writeFileSync(database, '')
    await watcher.says('is empty (0 bytes)')
    rmSync(database)
    const begun = openToWrite(database)
    begun.exec('CREATE TABLE schema_version (version INTEGER NOT NULL)')
    begun.close()
    await watcher.says('has no table run_journal')
    putRuns(database, names(2))
    await taken(2)
    await watcher.says(`${DATABASE} can be read`)
    const { code, stderr } = await watcher.end()
    expect(code).toBe(0)
    // It was gone once more in between, for as long as it took to make another.
    for (const said of ['is empty', 'has no table run_journal', 'can be read'])
      expect([said, count(stderr, said)]).toEqual([said, 1])
    expect(expectExactly(receiver, names(2))).toBe(0)
  })

  it('goes on when the database is vacuumed, gone, or another one', async () => {
    putRuns(database, names(5))
    const watcher = watch()
    await taken(5)
    const writer = openToWrite(database)
    writer.exec("DELETE FROM run_journal WHERE run_id = 'orders_1'")
    writer.exec('VACUUM')
    writer.close()
    putRuns(database, names(1, 5))
    await taken(6)
    putRuns(database, names(1, 6))
    await taken(7)
    rmSync(database)
    for (const more of ['-wal', '-shm']) rmSync(`${database}${more}`, { force: true })
    await watcher.says('does not exist')
    const other = join(folder, 'other.db')
    putRuns(other, names(4, 5))
    renameSync(other, database)
    await taken(9)
    const { code } = await watcher.end()
    expect(code).toBe(0)
    expect(expectExactly(receiver, names(9))).toBe(0)
  }, 40_000)

  it('waits for a database that others keep locked, and loses nothing that comes meanwhile', async () => {
    putRuns(database, names(1), { ended: '2026-11-20T08:00:00Z' })
    const locking = openToWrite(database)
    locking.exec('PRAGMA journal_mode = DELETE')
    locking.exec('BEGIN EXCLUSIVE')
    const all = watch()
    const onlyNew = watch('--since', 'now', '--namespace', 'new')
    await all.says('is locked')
    await onlyNew.says('is locked')
    locking.exec('COMMIT')
    locking.close()
    const ended = new Date(Date.now() + 60_000).toISOString()
    putRuns(database, names(1, 1), { ended })
    await taken(3)
    for (const watcher of [all, onlyNew]) {
      const { code, stderr } = await watcher.end()
      expect([code, stderr.trimEnd().split('\n').length]).toEqual([0, 2])
    }
    const came = runsAt(receiver).map(({ namespace, runId }) => `${namespace} ${runId}`)
    expect(came.sort()).toEqual([' orders_0', ' orders_1', 'new orders_1'])
  })

  it('sends with --since now only what comes after its start, also of a database that comes', async () => {
    putRuns(database, names(3))
    const watcher = watch('--since', 'now', '--listen', '0')
    await watcher.says('listening at')
    const [, url = ''] = /listening at (http:\S+)/.exec(watcher.stdout) ?? []
    // Only then has it looked for the first time.
    while ((await fetch(`${url}/readyz`)).status !== 200) await sleep(20)
    while (!(await (await fetch(`${url}/metrics`)).text()).includes('runs_waiting 0'))
      await sleep(20)
    putRuns(database, names(2, 3))
    await taken(2)
    expect((await watcher.end()).code).toBe(0)
    expect(expectExactly(receiver, names(2, 3))).toBe(0)

    const second = new Watcher(
      ['--to', receiver.url, '--since', 'now', '--from', 'later.db'],
      folder,
    )
    await second.says('does not exist')
    putRuns(join(folder, 'later.db'), names(2, 5))
    await taken(4)
    expect((await second.end()).code).toBe(0)
    expect(expectExactly(receiver, names(4, 3))).toBe(0)
  })

  it('sends with --since a time only runs that ended then or later', async () => {
    putRuns(database, names(2), { ended: '2026-11-20T23:59:59.999999999Z' })
    putRuns(database, names(2, 2), { ended: '2026-11-21T00:00:00Z' })
    const watcher = watch('--since', '2026-11-21')
    await taken(2)
    putRuns(database, names(1, 4), { ended: '2026-11-20T12:00:00Z' })
    putRuns(database, names(1, 5), { ended: '2026-11-22T12:00:00Z' })
    await taken(3)
    expect((await watcher.end()).code).toBe(0)
    expect(expectExactly(receiver, ['orders_2', 'orders_3', 'orders_5'])).toBe(0)
  })

  it('waits for an endpoint that is not there, says so once, and loses nothing', async () => {
    const { port } = receiver
    await receiver.close()
    putRuns(database, names(300))
    const watcher = watch()
    await watcher.says('nothing listens there')
    putRuns(database, names(5, 300))
    receiver = await OtlpReceiver.start(undefined, port)
    await taken(305)
    await watcher.says('runs go to ')
    const { code, stderr, stdout } = await watcher.end()
    expect(code).toBe(0)
    expect(stderr.trimEnd().split('\n')).toHaveLength(2)
    expect(stdout).toContain('stopped; runs: 305 sent (')
    expect(expectExactly(receiver, names(305))).toBe(0)
  })

  it('ends with 3 where runs wait for an endpoint that is not there, and the next watcher sends them', async () => {
    const { port } = receiver
    await receiver.close()
    putRuns(database, names(4))
    const watcher = watch()
    await watcher.says('nothing listens there')
    const { code, stdout } = await watcher.end()
    expect(code).toBe(3)
    expect(stdout).toContain('runs: 0 sent; 4 waiting, because the target is not there')
    receiver = await OtlpReceiver.start(undefined, port)
    const next = watch()
    await taken(4)
    expect((await next.end()).code).toBe(0)
    expect(expectExactly(receiver, names(4))).toBe(0)
  })

  it('takes a 401 for a problem of the place, which costs no run', async () => {
    receiver.answer = () => ({ status: 401, message: 'who are you' })
    putRuns(database, names(3))
    const watcher = watch()
    await watcher.says('answered 401')
    receiver.answer = () => ({})
    await taken(3)
    await watcher.says('runs go to ')
    const { code, stderr } = await watcher.end()
    expect(code).toBe(0)
    expect(stderr.trimEnd().split('\n')).toHaveLength(2)
    expect(expectExactly(receiver, names(3))).toBe(0)
  })

  it('names a run that was refused five times, and the others go on', async () => {
    putRuns(database, names(3))
    receiver.answer = () => ({ status: 400, message: 'no' })
    for (let attempt = 1; attempt <= 5; attempt++) {
      const out = await rivetOtel(
        ['export', '--run-id', 'orders_1', '--to', receiver.url, '--retry-for', '0'],
        { cwd: folder },
      )
      expect(out.code).toBe(1)
    }
    receiver.answer = () => ({})
    const watcher = watch()
    await taken(2)
    putRuns(database, names(1, 3))
    await taken(3)
    await watcher.says(/orders_1: given up after 5 attempts/)
    const { code, stdout, stderr } = await watcher.end()
    expect(code).toBe(1)
    expect(count(stderr, 'orders_1')).toBe(1)
    expect(stdout).toContain('runs: 3 sent, 1 failed (')
    expect(expectExactly(receiver, ['orders_0', 'orders_2', 'orders_3'])).toBe(0)
  })

  it('told to stop takes one last look, for what came since the one before', async () => {
    putRuns(database, names(1))
    const watcher = watch('--every', '24h')
    await taken(1)
    await watcher.says('sent  ')
    putRuns(database, names(201, 1))
    const { code, stdout } = await watcher.end()
    expect(code).toBe(0)
    expect(stdout).toContain('stopped; runs: 202 sent (')
    expect(expectExactly(receiver, names(202))).toBe(0)
  })

  it('told to stop takes up nothing more after 5 s and finishes what is under way; the next sends the rest', async () => {
    putRuns(database, names(400))
    receiver.answer = () => ({ delayMs: 2000 })
    const args = ['--max-request-bytes', '12000', '--max-traces-per-second', '1000000']
    const watcher = watch(...args)
    await until(() => receiver.requests.length >= 5)
    const { code, stdout, stderr } = await watcher.end()
    expect([code, stderr]).toEqual([0, ''])
    const first = receiver.taken.length
    expect(first).toBe(receiver.requests.flatMap(({ spans }) => spans).length)
    expect(first).toBeLessThan(400 * SPANS_OF_SMALL_RUN)
    const [, sent, waiting] = /runs: (\d+) sent; (\d+) waiting/.exec(stdout) ?? []
    expect(Number(sent) * SPANS_OF_SMALL_RUN).toBe(first)
    expect(Number(sent) + Number(waiting)).toBe(400)
    receiver.answer = () => ({})
    const next = watch(...args)
    await taken(400)
    await next.says('orders_399')
    expect((await next.end()).code).toBe(0)
    expect(expectExactly(receiver, names(400))).toBe(0)
  })

  it('told to stop does not wait until a request is tried again, and keeps the pace for 5 s', async () => {
    putRuns(database, names(30))
    receiver.answer = () => ({ status: 503 })
    const watcher = watch('--retry-for', '3600000')
    await until(() => receiver.requests.length > 0)
    // It would wait for longer than this test may take.
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '3000' } })
    await until(() => receiver.requests.length > 1)
    await sleep(100)
    const { code, stdout } = await watcher.end()
    expect(code).toBe(3)
    expect(stdout).toContain('runs: 0 sent; 30 waiting, because the target is not there')
    receiver.answer = () => ({})
    const paced = watch('--max-traces-per-second', '1', '--max-request-bytes', '2000')
    await until(() => receiver.taken.length > 0)
    expect((await paced.end()).code).toBe(0)
    expect(receiver.taken.length).toBeLessThan(30 * SPANS_OF_SMALL_RUN)
  })

  it('shows no password of a server that is not there, and does not end because of it', async () => {
    const url = 'postgres://reader:planted-s3cret@127.0.0.1:1/rivet?connect_timeout=2'
    const watcher = watch('--from', url)
    await watcher.says('cannot be reached')
    await sleep(1000)
    const { code, stdout, stderr } = await watcher.end()
    expect(code).toBe(0)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stdout).toContain('watching postgres://reader:***@127.0.0.1:1/rivet')
    expect(`${stdout}${stderr}`).not.toContain('s3cret')
  })

  it('waits for no state database that does not answer, once it is told to stop', async () => {
    const silent = createServer()
    try {
      await once(silent.listen(0, '127.0.0.1'), 'listening')
      const { port } = silent.address() as AddressInfo
      const connected = once(silent, 'connection')
      const watcher = watch(
        '--from',
        `postgres://reader@127.0.0.1:${port}/rivet?connect_timeout=600`,
      )
      await connected
      const { code, stderr } = await watcher.end()
      expect([code, count(stderr, 'told to stop before it answered')]).toEqual([0, 1])
    } finally {
      silent.close()
    }
  })

  it('ends with 1, and says why, when nobody reads what it prints any more', async () => {
    const watcher = watch()
    await watcher.says('watching')
    watcher.process.stdout?.destroy()
    putRuns(database, names(1))
    await watcher.says('nobody reads standard output')
    expect((await watcher.ended()).code).toBe(1)
  })

  it('ends at once on a second signal', async () => {
    putRuns(database, names(1))
    receiver.answer = () => ({ delayMs: 60_000 })
    const watcher = watch('--timeout', '60000')
    await until(() => receiver.requests.length > 0)
    watcher.process.kill('SIGTERM')
    await watcher.says('another signal ends it at once')
    expect((await watcher.end('SIGTERM')).code).toBe(143)
    receiver.answer = () => ({})
    const next = watch()
    await taken(1)
    await next.says('sent  ')
    expect((await next.end('SIGINT')).code).toBe(0)
  })

  it('started again reads no journal that it settled', async () => {
    putRuns(database, names(250))
    const watcher = watch()
    await taken(250)
    await watcher.says('orders_249')
    expect((await watcher.end()).code).toBe(0)
    // Whoever reads them now finds no journal, and says so.
    const writer = openToWrite(database)
    writer.exec("UPDATE run_journal SET journal_json = 'no journal'")
    writer.close()
    putRuns(database, ['orders_new'])
    const next = watch()
    await next.says('orders_new')
    expect(await next.end()).toMatchObject({ code: 0, stderr: '' })
    const changed = openToWrite(database)
    changed.exec(
      "UPDATE run_journal SET finished_at = '2026-11-22T00:00:00Z' WHERE run_id = 'orders_7'",
    )
    changed.close()
    const third = watch()
    await third.says('orders_7: unreadable')
    const { code, stderr, stdout } = await third.end()
    expect([code, count(stderr, 'unreadable')]).toEqual([1, 1])
    // Told to stop this soon, it may not have come to the end of them.
    expect(stdout).toMatch(/runs: 0 sent, 1 unreadable( \(|; \d+ waiting)/)
  })

  it('takes another redaction for another journal: the next revision of every run', async () => {
    putRuns(database, names(3))
    for (const more of [[], ['--redact', 'keys'], ['--redact', 'keys']]) {
      const before = receiver.taken.length
      const watcher = watch(...more)
      await watcher.says('watching')
      if (more.length === 0 || before === 9) await taken(before / 3 + 3)
      else await sleep(1500)
      const { code, stdout } = await watcher.end()
      expect(code).toBe(0)
      if (before === 9) expect(stdout).toMatch(/sent {5}orders_0 .*, revision 1, without keys\n/)
    }
    expect(receiver.taken).toHaveLength(18)
    expect(runsAt(receiver).map(({ status }) => status)).toEqual(Array(3).fill('redacted'))
    const secret = { RIVET_OTEL_REDACT_KEY: 'a key of sixteen letters' }
    const keyed = new Watcher(['--to', receiver.url, '--redact', 'keys'], folder, secret)
    await taken(9)
    await keyed.says('revision 2')
    await keyed.end()
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name)).includes('a key of sixteen')).toBe(false)
  })

  it('in a dry run says what it would send, and writes nothing', async () => {
    putRuns(database, names(2))
    const watcher = watch('--dry-run')
    await watcher.says('orders_1')
    const { code, stdout } = await watcher.end()
    expect(code).toBe(0)
    expect(stdout).toMatch(/Z to send {2}orders_0 /)
    expect(stdout).toContain('stopped; runs: 2 to send (')
    expect(receiver.requests).toEqual([])
    expect(readdirSync(folder)).toEqual([DATABASE])
  })

  it('prints an object for each run with --json, and nothing but problems with --quiet', async () => {
    putRuns(database, names(2))
    const watcher = watch('--json')
    await taken(2)
    await until(() => watcher.stdout.split('\n').length > 2)
    const { stdout, stderr } = await watcher.end()
    const runs = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(runs).toMatchObject([
      { run_id: 'orders_0', result: 'sent', revision: 0, spans: 3 },
      { run_id: 'orders_1', result: 'sent', revision: 0, spans: 3 },
    ])
    expect(stderr).toMatch(/watching .*\n.*stopping.*\n.*stopped; runs: 2 sent/)
    const quiet = watch('--quiet')
    putRuns(database, names(1, 2))
    await taken(3)
    await sleep(200)
    expect(await quiet.end()).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })

  it('adds to a file, which is asked itself what it has', async () => {
    putRuns(database, names(2))
    for (const sent of [2, 1]) {
      const watcher = new Watcher(['--to', 'out.otlp.jsonl'], folder)
      await watcher.says('watching')
      if (sent === 1) putRuns(database, names(1, 2))
      await watcher.says(sent === 2 ? 'orders_1' : 'orders_2')
      const { code, stdout } = await watcher.end()
      expect(code).toBe(0)
      expect(stdout).toContain(`stopped; runs: ${sent} sent`)
    }
    const back = await rivetOtel(['import', '--from', 'out.otlp.jsonl'], { cwd: folder })
    expect(back.stderr).toContain('runs: 3 exact')
    expect(readdirSync(folder)).not.toContain(LEDGER)
  })

  it('reports a row that is no run or no journal, once, and ends with 1', async () => {
    putRuns(database, names(2))
    const writer = openToWrite(database)
    writer.run(
      'INSERT INTO run_journal VALUES (?,?,?,?)',
      'bad',
      'orders',
      '2026-11-21T08:53:39Z',
      '{',
    )
    writer.run(
      'INSERT INTO run_journal VALUES (?,?,?,?)',
      new Uint8Array([255]),
      'orders',
      '2026-11-21T08:53:39Z',
      '{}',
    )
    writer.close()
    const watcher = watch()
    await taken(2)
    await watcher.says('bad: unreadable')
    await sleep(500)
    const { code, stderr, stdout } = await watcher.end()
    expect(code).toBe(1)
    expect(stderr.trimEnd().split('\n')).toHaveLength(2)
    expect(stdout).toContain('runs: 2 sent, 2 unreadable (')
  })
})

describe('wrong use of watch', () => {
  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['standard input', ['--from', '-'], /only a state database can be watched/],
    ['a server of traces', ['--from', 'tempo+http://127.0.0.1:1'], /only a state database/],
    ['a file of something else', ['--from', 'journals.jsonl'], /is not a SQLite database/],
    ['another SQLite database', ['--from', 'other.db'], /has no table run_journal; it has things/],
    ['a folder', ['--from', '.'], /is a folder/],
    ['a URL that is none', ['--from', 'postgres://:::/'], /postgres/],
    ['a time that is none', ['--since', 'yesterday'], /--since yesterday: expected/],
    ['a pause that is none', ['--every', '0'], /--every 0: expected a time from 100ms to 24h/],
    ['a pause without a unit that is known', ['--every', '1y'], /--every 1y: expected/],
    ['a ledger for a file', ['--to', 'out.jsonl', '--ledger', 'x.db'], /--ledger is about an OTLP/],
  ]
  it.each(wrong)('such as %s ends at once, with 2', async (_, args, says) => {
    writeFileSync(join(folder, 'journals.jsonl'), '{"run_id":"a"}\n')
    const other = openToWrite(join(folder, 'other.db'))
    other.exec('CREATE TABLE things (a)')
    other.close()
    const to = args.includes('--to') ? [] : ['--to', receiver.url]
    const out = await rivetOtel(['watch', ...to, ...args], { cwd: folder })
    expect(out.code).toBe(2)
    expect(out.stderr).toMatch(says)
  })
})
