/** Secrets are put everywhere a user could put them; none of them may come out anywhere. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringifyJson } from '../../src/json/lossless.js'
import { closing, serving } from '../http/answering-server.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { insert, stateDatabase } from '../sources/places.js'
import { changing, emptyState } from '../sources/state-rows.js'
import { rivetOtel, temporaryFolder } from './command-line.js'
import {
  all,
  DSN,
  found,
  howMany,
  JOURNALS,
  PLACES_BESIDE,
  putSecretsBeside,
  ROWS,
  secret,
} from './planted-secrets.js'

const HEADER = `Bearer ${secret()}`
const USERINFO = secret()
const KEY = `${secret()}-and-sixteen-more`
const KEY_IN_FILE = `${secret()}-and-sixteen-more`

const ENV = {
  RIVET_OTEL_REDACT_KEY: KEY,
  OTLP_TOKEN: HEADER,
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(HEADER)}`,
  RIVET_OTEL_READ_HEADERS: `authorization=${encodeURIComponent(HEADER)}`,
  RIVET_STATE_URL: `postgres://ana:${secret()}@127.0.0.1/rivet`,
}

/** Runs a command, with its temporary files in the folder that is searched, and with all that can be said. */
function running(folder: string) {
  const TMPDIR = join(folder, 'tmp')
  mkdirSync(TMPDIR)
  const env = { ...ENV, TMPDIR, RIVET_OTEL_DEBUG: '1' }
  return (...args: string[]) => rivetOtel(args, { cwd: folder, env })
}

describe('planted secrets', { timeout: 120_000 }, () => {
  it.each([
    ['journals', () => 'journals.jsonl'],
    ['a state database', (folder: string) => join(folder, '.rivet_state.db')],
  ])('in %s come out of no command and into no file', async (_, where) => {
    const folder = temporaryFolder()
    const inputs = ['journals.jsonl', '.rivet_state.db', 'redact.key']
    writeFileSync(join(folder, 'journals.jsonl'), JOURNALS.map((line) => `${line}\n`).join(''))
    stateDatabase(ROWS, 'delete', join(folder, '.rivet_state.db'))
    writeFileSync(join(folder, 'redact.key'), KEY_IN_FILE)
    const from = ['--from', where(folder)]
    const run = running(folder)

    const exported = await run('export', ...from, '--to', 'a.otlp.jsonl')
    const outcomes = [
      exported,
      await run('export', ...from, '--to', 'a.otlp.jsonl', '--json', '--verify'),
      await run(
        'export',
        ...from,
        '--to',
        'b.otlp.jsonl',
        '--redact',
        'files,keys',
        '--redact-key',
        '@redact.key',
      ),
      await run('export', ...from, '--dry-run'),
      await run('export', ...from, '--dry-run', '--json', '--redact', 'query'),
      await run('verify', ...from, '--in', 'a.otlp.jsonl'),
      await run('verify', ...from, '--in', 'a.otlp.jsonl', '--json', '--redact', 'query'),
      await run('verify', ...from, '--in', 'b.otlp.jsonl'),
      await run('import', '--from', 'a.otlp.jsonl', '--to', 'out.jsonl', '--include-redacted'),
      await run('import', '--from', 'a.otlp.jsonl', '--json'),
      await run('report', 'orders_1', ...from, '--to', 'report.html'),
      await run('report', 'orders_2', ...from, '--to', '-'),
      await run('report', 'orders_2', ...from, '--redact', 'errors', '--to', '-'),
      await run('runs', ...from),
      await run('runs', ...from, '--json'),
      await run('runs', '--from', 'a.otlp.jsonl', '--json'),
      await run('show', ...from, 'orders_1'),
      await run('show', ...from, 'orders_1', '--json'),
      await run('show', '--from', 'a.otlp.jsonl', 'orders_1', '--files'),
      await run('show', ...from, 'bad_2'),
      await run('show', ...from, `orders of ${DSN}`),
      await run('show', ...from, `none ${DSN}`),
      await run('runs', '--from', 'b.otlp.jsonl'),
      await run('show', '--from', 'b.otlp.jsonl', 'orders_2', '--json'),
      await run('import', '--from', 'b.otlp.jsonl', '--run-id', DSN),
      await run('import', '--from', 'a.otlp.jsonl', '--to', 'list.json', '--include-redacted'),
      await run('export', ...from, '--export', DSN, '--dry-run'),
    ]
    // They did what they were asked to do, so there was something to find.
    expect(exported).toMatchObject({ code: 1 })
    expect(exported.stdout).toMatch(/1 refused/)
    expect(exported.stdout).toMatch(/orders_1 .* without passwords/)
    expect(readFileSync(join(folder, 'out.jsonl'), 'utf8')).toContain(
      '"base_query":"cannot reach postgres://ana:***@db.example',
    )
    const everything = all(folder, inputs, outcomes)
    expect(found(everything)).toEqual([])
    expect(everything.match(/:\*\*\*@db\.example/g)?.length).toBeGreaterThan(50)
  })

  it('beside the journals of a state database come out of no command and into no file', async () => {
    const folder = temporaryFolder()
    const database = join(folder, '.rivet_state.db')
    emptyState(database)
    changing(database, (db) => {
      for (const row of ROWS) insert(db, row)
      putSecretsBeside(db)
    })
    // They are all there to be found.
    expect(found(readFileSync(database, 'latin1')).length).toBeGreaterThan(15)
    const receiver = closing(await OtlpReceiver.start())
    const run = running(folder)
    const to = ['--from', '.rivet_state.db', '--to']
    const exported = await run('export', ...to, 'a.otlp.jsonl')
    const outcomes = [
      exported,
      await run('export', ...to, 'a.otlp.jsonl', '--json', '--verify'),
      await run('export', ...to, 'b.otlp.jsonl', '--redact', 'files,keys,errors'),
      await run('export', ...to, receiver.url, '--redact-pattern', '[ab]\\.example'),
      await run('export', ...to, receiver.url, '--dry-run', '--json'),
      await run('export', ...to, 'c.otlp.jsonl', '--run-id', `killed ${DSN}`),
    ]
    expect(exported).toMatchObject({ code: 1 })
    expect(exported.stdout).toMatch(/3 refused; .*\ninterrupted runs: 1 sent; loads: 1 sent\n/)
    const sent = JSON.stringify(receiver.taken, (_, v) => (typeof v === 'bigint' ? String(v) : v))
    for (const name of ['source', 'load orders', 'chunk'])
      expect(sent).toContain(`"name":"${name}"`)
    const everything = all(folder, ['.rivet_state.db'], outcomes) + sent
    expect(found(everything)).toEqual([])
    expect(everything.match(/ana:\*\*\*@/g)?.length).toBeGreaterThan(50)
    const bare = readFileSync(join(folder, 'b.otlp.jsonl'), 'utf8')
    expect(bare).toContain('"name":"chunk"')
    expect(bare).not.toContain('s3://')
  })

  it('in headers, URLs, keys and patterns come out of no command, whatever the server answers', async () => {
    const folder = temporaryFolder()
    const inputs = ['journals.jsonl', 'patterns.txt', 'redact.key']
    writeFileSync(join(folder, 'journals.jsonl'), `${JOURNALS[0]}\n`)
    const hidden = secret()
    writeFileSync(join(folder, 'patterns.txt'), `# names of customers\n${hidden}\n\n`)
    writeFileSync(join(folder, 'redact.key'), KEY_IN_FILE)
    const receiver = closing(await OtlpReceiver.start())
    const echoing = (words: string) => serving((response) => response.writeHead(401).end(words))
    const echo = await echoing(`bad ${HEADER} of ana:${USERINFO} for ${DSN}`)
    const plain = await echoing(`bad ${HEADER} for ${DSN}`)
    const at = (url: string) => url.replace('http://', `http://ana:${USERINFO}@`)
    const run = running(folder)
    const from = ['--from', 'journals.jsonl']
    const header = ['--header', 'authorization=$OTLP_TOKEN']
    const never = ['--retry-for', '0']
    const policy = [
      '--redact',
      'query',
      '--redact-patterns',
      '@patterns.txt',
      '--redact-key',
      '$RIVET_OTEL_REDACT_KEY',
    ]

    const sent = await run('export', ...from, '--to', receiver.url, ...header, ...policy)
    expect(sent).toMatchObject({ code: 0 })
    expect(sent.stdout).toMatch(/without passwords, query/)
    const outcomes = [
      sent,
      await run('export', ...from, '--to', at(receiver.url), ...policy),
      await run('export', ...from, '--to', at(echo.url), ...never, ...policy),
      await run('export', ...from, '--to', plain.url, ...header, ...never, '--json'),
      await run('runs', '--from', `jaeger+${at(echo.url)}`, ...never),
      await run('show', '--from', `tempo+${plain.url}`, ...header, ...never, 'orders_1'),
      await run('verify', ...from, '--in', `tempo+${at(echo.url)}`, ...never, ...policy),
      await run('import', '--from', `jaeger+${at(echo.url)}`, ...never, '--run-id', 'orders_1'),
      await run('doctor', '--to', at(echo.url), '--in', `tempo+${at(echo.url)}`, '--dry-run'),
      await run('doctor', '--to', plain.url, ...header, ...never, '--dry-run', '--json'),
      await run('export', ...from, '--redact-key', KEY, '--redact', 'query', '--dry-run'),
      await run('export', ...from, '--redact-pattern', `${hidden}(`, '--dry-run'),
      await run('runs'),
      await run('export', '--dry-run', '--to', `postgres://ana:${USERINFO}@h/db`),
    ]
    const taken = stringifyJson(
      JSON.parse(JSON.stringify(receiver.taken, (_, v) => (typeof v === 'bigint' ? String(v) : v))),
    )
    expect(taken).toContain('rivet.journal.redaction')
    expect(found(all(folder, inputs, outcomes) + taken)).toEqual([])
  })

  it('stand in what was put in, so that they could be found', () => {
    const inputs = JOURNALS.join('\n')
    const elsewhere = [
      ...[HEADER, USERINFO, KEY, KEY_IN_FILE],
      ...[...Object.values(ENV), ...Object.values(PLACES_BESIDE)],
    ].join('\n')
    expect(found(inputs).length).toBeGreaterThan(12)
    expect(found(inputs + elsewhere).length).toBeGreaterThanOrEqual(howMany() - 1)
  })
})
