import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { journalDigest } from '../../src/journal/digest.js'
import { redactorOf } from '../../src/journal/redaction.js'
import { openLedger } from '../../src/ledger/ledger.js'
import { newOwner } from '../../src/ledger/owner.js'
import { spanIdsOf, traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { startJaegerServer } from '../backends/jaeger-server.js'
import { shopJournal, shopJournals } from '../journal/example-journals.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { openToWrite } from '../sources/places.js'
import { type Finished, rivetOtel, SHOP, temporaryFolder } from './command-line.js'
import { smallRun, smallRuns } from './small-runs.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LEDGER = 'rivet-otel-ledger.db'
let receiver: OtlpReceiver
let folder: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  folder = temporaryFolder()
})
afterEach(() => receiver.close())

function journals(text: string): void {
  writeFileSync(join(folder, 'journals.jsonl'), text)
}

/** Exports the journals of the folder, or what `more` names. */
function exported(...more: readonly string[]): Promise<Finished> {
  const from = more.includes('--from') ? [] : ['--from', 'journals.jsonl']
  return rivetOtel(['export', ...from, '--to', receiver.url, '--retry-for', '0', ...more], {
    cwd: folder,
  })
}

function ledgerRows(): Record<string, unknown>[] {
  // Read by another program than the one under test.
  const script = `
    const sqlite = process.getBuiltinModule('node:sqlite')
    const [path] = process.argv.slice(1)
    const database = sqlite ? new sqlite.DatabaseSync(path) : new (require('better-sqlite3'))(path)
    console.log(JSON.stringify(database.prepare('SELECT * FROM revision ORDER BY run_id, revision').all()))`
  const args = ['--no-warnings', '--input-type=commonjs', '-e', script, join(folder, LEDGER)]
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }))
}

describe('an export with a ledger', () => {
  it('sends real runs once, and leaves one file', async () => {
    const first = await exported('--from', SHOP)
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toContain('runs: 12 sent; spans: 93 delivered')
    const requests = receiver.requests.length
    const second = await exported('--from', SHOP)
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(second.stdout).toContain('runs: 0 sent, 12 there already; spans: 93 present')
    expect(receiver.requests.length).toBe(requests)
    expect(readdirSync(folder)).toEqual([LEDGER])
  })

  it('knows journals as they left: the same redaction sends nothing again, another one the next revision', async () => {
    const only = ['--from', SHOP, '--run-id', 'chunk_boom_20261121T085433.976_12990']
    const files = [...only, '--redact', 'files']
    expect((await exported(...files)).stdout).toMatch(/sent {5}chunk_boom.*, without files\n/)
    const requests = receiver.requests.length
    expect((await exported(...files)).stdout).toContain('runs: 0 sent, 1 there already')
    expect(receiver.requests.length).toBe(requests)
    expect((await exported(...only, '--redact', 'errors')).stdout).toMatch(
      /, revision 1, without errors\n/,
    )
    const digestOf = (field: 'files' | 'errors') =>
      journalDigest(redactorOf({ fields: [field] })(shopJournal('chunk_boom')).journal)
    const [run_id] = only.slice(-1)
    expect(ledgerRows()).toMatchObject([
      { run_id, revision: 0, state: 'delivered', digest: digestOf('files') },
      { run_id, revision: 1, state: 'delivered', digest: digestOf('errors') },
      // What is beside a run goes below the root of its revision.
      { run_id: `source ${run_id}`, revision: 0, state: 'delivered' },
      { run_id: `source ${run_id}`, revision: 1, state: 'delivered' },
    ])
  })

  it('verifies also what was there already', async () => {
    const server = await startJaegerServer()
    for (const journal of shopJournals())
      for (const { trace } of journalToTrace(journal)) server.keep(trace)
    const verify = ['--from', SHOP, '--verify', `jaeger+${server.url}`, '--wait', '0']
    try {
      for (const sent of ['12 sent', '0 sent, 12 there already']) {
        const out = await exported(...verify)
        expect(out).toMatchObject({ code: 0 })
        expect(out.stdout).toContain(`runs: ${sent}`)
        expect(out.stdout).toContain('verified: 12 exact')
      }
    } finally {
      await server.stop()
    }
  })

  it('sends only what came since, from a place of its own for each target and namespace', async () => {
    journals(smallRuns(3))
    await exported()
    journals(smallRuns(5))
    expect((await exported()).stdout).toContain('runs: 2 sent, 3 there already')
    expect((await exported('--namespace', 'eu')).stdout).toContain('runs: 5 sent;')
    expect((await exported('--tenant', 'other')).stdout).toContain('runs: 5 sent;')
    expect((await exported('--header', 'authorization=new')).stdout).toContain('5 there already')
    const other = await OtlpReceiver.start()
    expect((await exported('--to', other.url)).stdout).toContain('runs: 5 sent;')
    expect(other.taken).toHaveLength(15)
    await other.close()
  })

  it('takes other attributes of the resource for the same run, as a file does', async () => {
    journals(smallRuns(1))
    await exported()
    const out = await rivetOtel(['export', '--from', 'journals.jsonl', '--to', receiver.url], {
      cwd: folder,
      env: { OTEL_SERVICE_NAME: 'another' },
    })
    expect(out.stdout).toContain('1 there already')
  })

  it('sends a journal that changed as the next revision, linked to the one before', async () => {
    journals(smallRun('orders_1', 1))
    await exported()
    journals(smallRun('orders_1', 2))
    const out = await exported()
    expect(out.stdout).toMatch(/^sent {5}orders_1 .* 3 spans, revision 1$/m)
    const key = (revision: number) => ({ namespace: '', runId: 'orders_1', page: 0, revision })
    const root = receiver.taken.find(({ span }) => span.spanId === spanIdsOf(key(1)).root)?.span
    expect(root?.traceId).toBe(traceIdOf(key(0)))
    expect(root?.links).toEqual([
      {
        traceId: traceIdOf(key(0)),
        spanId: spanIdsOf(key(0)).root,
        attributes: { 'rivet.run.revision': 0 },
      },
    ])
    expect((await exported()).stdout).toContain('1 there already')
    journals(smallRun('orders_1', 1))
    expect((await exported()).stdout).toContain('revision 2')
    expect(new Set(receiver.taken.map(({ span }) => span.spanId)).size).toBe(9)
  })

  it('sends everything again where that is asked for, under the same ids', async () => {
    journals(smallRuns(2))
    await exported()
    const out = await exported('--again')
    expect(out.stdout).toContain('runs: 2 sent; spans: 6 delivered')
    expect(receiver.taken.slice(6)).toEqual(receiver.taken.slice(0, 6))
    expect((await exported()).stdout).toContain('2 there already')
  })

  it('keeps no ledger where none is wanted, and another where it is named', async () => {
    journals(smallRuns(1))
    for (const _ of [1, 2]) {
      expect((await exported('--no-ledger')).stdout).toContain('runs: 1 sent')
    }
    expect(existsSync(join(folder, LEDGER))).toBe(false)
    expect((await exported('--ledger', 'mine.db')).stdout).toContain('runs: 1 sent')
    const out = await rivetOtel(['export', '--from', 'journals.jsonl', '--to', receiver.url], {
      cwd: folder,
      env: { RIVET_OTEL_LEDGER: 'mine.db' },
    })
    expect(out.stdout).toContain('1 there already')
    expect(readdirSync(folder).sort()).toEqual(['journals.jsonl', 'mine.db'])
  })

  it('says in a dry run what would be sent, and writes nothing', async () => {
    journals(smallRuns(2))
    expect((await exported('--dry-run')).stdout).toContain('runs: 2 to send;')
    expect(readdirSync(folder)).toEqual(['journals.jsonl'])
    await exported()
    journals(smallRuns(3))
    const before = readFileSync(join(folder, LEDGER))
    const dry = await exported('--dry-run')
    expect(dry.stdout).toContain('runs: 1 to send, 2 there already; spans: 3 to send, 6 present')
    expect((await exported('--dry-run', '--again')).stdout).toContain('runs: 3 to send;')
    expect(readFileSync(join(folder, LEDGER)).equals(before)).toBe(true)
    expect(receiver.taken).toHaveLength(6)
  })

  it('tries what is refused five times and then names it, until it is told or it changes', async () => {
    journals(smallRun('orders_1', 1) + smallRun('orders_2'))
    receiver.answer = () => ({ rejectedSpans: 1, message: 'too old' })
    // Each run in a request of its own: of what is refused in part nobody says which run it was.
    const apart = ['--max-request-bytes', '3000']
    for (let attempt = 1; attempt <= 5; attempt++) {
      const out = await exported(...apart)
      expect(out).toMatchObject({ code: 1 })
      expect(out.stdout).toContain('runs: 0 sent, 2 failed; spans: 4 delivered, 2 rejected')
      expect(receiver.requests).toHaveLength(attempt * 2)
    }
    receiver.answer = () => ({})
    const given = await exported(...apart)
    expect(given).toMatchObject({ code: 1 })
    expect(given.stderr).toMatch(/^orders_1: given up after 5 attempts; export --again .*too old/m)
    expect(given.stdout).toContain('runs: 0 sent, 2 failed; spans: 6 unsent')
    expect((await exported('--dry-run')).stdout).toContain('2 failed')
    expect(receiver.requests).toHaveLength(10)
    journals(smallRun('orders_1', 2) + smallRun('orders_2'))
    expect((await exported(...apart)).stdout).toContain('runs: 1 sent, 1 failed')
    const again = await exported(...apart, '--again', '--run-id', 'orders_2')
    expect(again).toMatchObject({ code: 0 })
    expect((await exported()).stdout).toContain('2 there already')
  })

  it.each([
    ['nobody is there', undefined],
    ['the credentials are refused', { status: 401 }],
    ['there is too much to do', { status: 503 }],
    ['a login page answers', { body: '<html>Sign in' }],
  ])('does not hold it against a run that %s', async (_, answer) => {
    journals(smallRuns(1))
    if (answer !== undefined) receiver.answer = () => answer
    for (let attempt = 1; attempt <= 6; attempt++) {
      const out = await exported(...(answer === undefined ? ['--to', 'http://127.0.0.1:9'] : []))
      expect(out.code).toBe(answer === undefined ? 3 : 1)
      expect(out.stdout).toContain('1 failed')
    }
    expect(ledgerRows()).toMatchObject([{ state: 'pending', attempts: 0, accepted: '[]' }])
    receiver.answer = () => ({})
    expect((await exported()).stdout).toContain('runs: 1 sent')
  })

  it('does not take another journal that somebody is sending for this one', async () => {
    journals(smallRun('orders_1', 1))
    const ledger = await openLedger(join(folder, LEDGER), `${receiver.url}/v1/traces`)
    const owner = newOwner()
    const other = { namespace: '', runId: 'orders_1', revision: 0, digest: 'another', pages: 1 }
    ledger?.begin([other], owner)
    const out = await exported()
    expect(out.code).toBe(1)
    expect(out.stderr).toBe(
      `orders_1: another journal of this run is being sent by process ${process.pid}; the next pass sends this one\n`,
    )
    expect(out.stdout).toContain('runs: 0 sent, 1 failed;')
    ledger?.record([{ ...other, accepted: [0], spans: 3, isOver: true }], owner)
    ledger?.close()
    expect((await exported()).stdout).toContain('revision 1')
  })

  it('sends the other pages of a large run when one was refused', async () => {
    const entries = Array.from(
      { length: 400 },
      (_, i) =>
        `{"recorded_at":"2026-11-21T08:53:39Z","event":{"ChunkStarted":{"chunk_index":${i},"start_key":"${'x'.repeat(9000)}","end_key":""}}}`,
    )
    journals(`{"run_id":"large","export_name":"orders","entries":[${entries.join(',')}]}\n`)
    receiver.answer = (before) => (before === 1 ? { status: 400 } : {})
    const first = await exported('--max-request-bytes', '2100000')
    expect(first).toMatchObject({ code: 1 })
    expect(first.stdout).toMatch(/spans: \d+ delivered, \d+ rejected/)
    const sent = receiver.taken.length
    const second = await exported()
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(second.stdout).toMatch(
      new RegExp(`runs: 1 sent; spans: \\d+ delivered, ${sent} present`),
    )
    const ids = receiver.taken.map(({ span }) => span.traceId + span.spanId)
    expect(new Set(ids).size).toBe(ids.length)
    expect((await exported()).stdout).toContain('1 there already')
  })

  it('is not for files, which are asked themselves', async () => {
    for (const options of [['--ledger', 'l.db'], ['--again']]) {
      const out = await rivetOtel(['export', '--from', SHOP, ...options], { cwd: folder })
      expect(out).toMatchObject({ code: 2, stdout: '' })
      expect(out.stderr).toContain(`${options[0]} is about an OTLP endpoint`)
    }
    const both = await exported('--from', SHOP, '--again', '--no-ledger')
    expect(both).toMatchObject({ code: 2 })
    const plain = await rivetOtel(['export', '--from', SHOP], {
      cwd: folder,
      env: { RIVET_OTEL_LEDGER: 'l.db' },
    })
    expect(plain).toMatchObject({ code: 0 })
    expect(existsSync(join(folder, 'l.db'))).toBe(false)
  })

  it('says what is wrong with a ledger before anything is sent', async () => {
    journals(smallRuns(1))
    mkdirSync(join(folder, 'folder'))
    writeFileSync(join(folder, 'text.db'), 'hello, this is not a database')
    const state = readFileSync(SHOP)
    writeFileSync(join(folder, 'state.db'), state)
    const broken = openToWrite(join(folder, 'other.db'))
    broken.exec('CREATE TABLE t (x)')
    broken.close()
    for (const [file, says] of [
      ['folder', /ledger .*folder cannot be written: it is not a regular file/],
      ['nowhere/l.db', /ledger .*l.db cannot be written/],
      ['text.db', /is not a SQLite database/],
      ['state.db', /is another SQLite database, no ledger; nothing was written/],
      ['other.db', /is another SQLite database/],
    ] as const) {
      const out = await exported('--ledger', file)
      expect(out).toMatchObject({ code: 2, stdout: '' })
      expect(out.stderr).toMatch(says)
      expect(out.stderr).toContain('--no-ledger')
      expect(out.stderr).not.toMatch(/defect|at .*\.js/)
    }
    expect(readFileSync(join(folder, 'state.db')).equals(state)).toBe(true)
    expect(receiver.requests).toEqual([])
  })
})
