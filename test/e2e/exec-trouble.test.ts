import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Span } from '../../src/trace/trace.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { rivetOtel, temporaryFolder } from './command-line.js'
import { rivetOtelExec, standInRivet } from './executing.js'
import { expectExactly } from './received-runs.js'
import { putRuns } from './watching.js'

let receiver: OtlpReceiver
let cwd: string
let rivet: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  cwd = temporaryFolder()
  rivet = standInRivet(cwd)
})
afterEach(() => receiver.close())

/** The script of the stand-in, without its first line. */
function standsIn(program: string): string {
  return readFileSync(program, 'utf8').split('\n').slice(1).join('\n')
}

/** Runs the stand-in for rivet, which ends with 5, and gives the run_id that it printed. */
async function executed(options: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const ended = await rivetOtelExec([...options, '--', rivet, 'run', '--exit', '5'], { cwd, env })
  expect(ended).toMatchObject({ code: 5, signal: null })
  expect(ended.stdout).toMatch(/^events_full_\d+_0\n$/)
  return { runId: ended.stdout.trim(), stderr: ended.stderr }
}

const isKilled = ({ attributes }: Span) => attributes['rivet.run.status'] === 'interrupted'
const isRun = ({ attributes }: Span) => 'rivet.run.revision' in attributes

async function expectNextExportSends(runId: string): Promise<void> {
  const next = await rivetOtel(['export', '--to', receiver.url], { cwd })
  expect(next).toMatchObject({ code: 0, stderr: '' })
  expect(next.stdout).toContain('runs: 1 sent')
  expectExactly(receiver, [runId])
}

describe('the command of exec ends as it ends, whatever the endpoint does:', () => {
  it.each([['without --join'], ['with --join', '--join']])(
    'nothing listens, %s, and the next export sends the runs',
    async (_, ...join) => {
      const { port, url } = receiver
      await receiver.close()
      const { runId, stderr } = await executed(['--to', url, '--retry-for', '500', ...join])
      expect(stderr).toBe(
        `rivet-otel: not sent: 1 run and the span of rivet: ${url}/v1/traces: nothing listens there (connection refused); the next rivet-otel export sends it\n`,
      )
      receiver = await OtlpReceiver.start(undefined, port)
      await expectNextExportSends(runId)
    },
  )

  it('it never answers, which is waited for no longer than a try that begins within --retry-for', async () => {
    receiver.answer = () => ({ connection: 'silent' })
    const { runId, stderr } = await executed([
      '--to',
      receiver.url,
      '--retry-for',
      '700',
      '--timeout',
      '500',
    ])
    expect(stderr).toMatch(
      /^rivet-otel: not sent: 1 run and the span of rivet: .*: no answer within 500 ms .*; the next rivet-otel export sends it\n$/,
    )
    receiver.answer = () => ({})
    await expectNextExportSends(runId)
  })

  it('it is slow', async () => {
    receiver.answer = () => ({ delayMs: 1500 })
    const { runId, stderr } = await executed(['--to', receiver.url])
    expect(stderr).toBe('')
    expectExactly(receiver, [runId])
    expect(receiver.taken.map(({ span }) => span.name)).toContain('exec rivet')
  })

  it('it wants other credentials', async () => {
    receiver.answer = () => ({ status: 401, message: 'who are you' })
    const { runId, stderr } = await executed(['--to', receiver.url])
    expect(stderr).toBe(
      `rivet-otel: not sent: 1 run and the span of rivet: ${receiver.url}/v1/traces answered 401: "who are you"; check the credentials in --header, OTEL_EXPORTER_OTLP_HEADERS or the URL; the next rivet-otel export sends it\n`,
    )
    receiver.answer = () => ({})
    await expectNextExportSends(runId)
  })

  it.each([
    ['a killed run alone', isKilled, '1 killed run'],
    ['the runs', isRun, '1 run'],
    ['all that is a run', (span: Span) => isKilled(span) || isRun(span), '1 run and 1 killed run'],
    ['anything', () => true, '1 run, 1 killed run and the span of sh'],
  ])('it refuses %s, which is told in its own words', async (_, isRefused, words) => {
    receiver.answerTo = ({ spans }) =>
      spans.some(({ span }) => isRefused(span)) ? { status: 400, message: 'no' } : undefined
    const script = '"$0" run --killed; "$0" run; exit 5'
    const args = ['--to', receiver.url, '--', 'sh', '-c', script, rivet]
    const { code, stderr } = await rivetOtelExec(args, { cwd })
    expect(code).toBe(5)
    const said = stderr.split('\n').filter((line) => line.startsWith('rivet-otel: '))
    expect(said).toEqual([
      `rivet-otel: not sent: ${words}: ${receiver.url}/v1/traces answered 400: "no"; the next rivet-otel export tries again`,
    ])
  })

  it('it takes the runs and not the span of the command', async () => {
    const isOwn = ({ span }: { span: { name: string } }) => span.name.startsWith('exec ')
    receiver.answerTo = ({ spans }) =>
      spans.some(isOwn) ? { status: 400, message: 'no' } : undefined
    const { runId, stderr } = await executed(['--to', receiver.url])
    expect(stderr).toBe(
      `rivet-otel: not sent: the span of rivet: ${receiver.url}/v1/traces answered 400: "no"\n`,
    )
    expectExactly(receiver, [runId])
  })
})

describe('the command of exec runs, whatever its surroundings are:', () => {
  it('a state database that others keep locked: its runs are told by their times', async () => {
    const file = join(cwd, '.rivet_state.db')
    putRuns(file, ['orders_0'])
    // Held until the command has begun, as a VACUUM of another program would.
    const lock = `
import os, sqlite3, subprocess, sys, time
c = sqlite3.connect('${file}', isolation_level=None)
c.execute('PRAGMA journal_mode = DELETE')
c.execute('BEGIN EXCLUSIVE')
print('locked', flush=True)
while not os.path.exists('begun'): time.sleep(0.05)
c.execute('COMMIT')
c.execute('PRAGMA journal_mode = WAL')
open('free', 'w').close()`
    const holder = spawn('python3', ['-c', lock], { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    const script = 'touch begun; until [ -e free ]; do sleep 0.1; done; "$0" run; exit 6'
    const args = ['--to', receiver.url, '--', 'sh', '-c', script, rivet]
    const { code, stdout, stderr } = await rivetOtelExec(args, { cwd })
    expect(code).toBe(6)
    expect(stderr).toMatch(
      /^rivet-otel: the state database could not be read before the command, so its runs are told by their times: .*\n$/,
    )
    expectExactly(receiver, [stdout.trim()])
  })

  it('a PostgreSQL that does not answer', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = silent.address() as { port: number }
      const env = {
        RIVET_STATE_URL: `postgres://ana:s3cret@127.0.0.1:${port}/rivet?connect_timeout=3`,
      }
      const { stderr } = await executed(['--to', receiver.url], env)
      expect(stderr).toMatch(/^rivet-otel: no runs were sent: .*no answer within 3 s.*\n$/)
      expect(stderr).not.toContain('s3cret')
      expect(receiver.taken.map(({ span }) => span.name)).toEqual(['exec rivet'])
    } finally {
      silent.close()
    }
  })

  it('a state database that is none, and one that may not be read', async () => {
    const text = join(cwd, 'text.db')
    writeFileSync(text, 'this is no database, and it never was one\n'.repeat(9))
    const { stderr } = await executed(['--to', receiver.url, '--from', text])
    expect(stderr).toMatch(/^rivet-otel: no runs were sent: .*text\.db.*\n$/)
    const folder = join(cwd, 'folder.db')
    mkdirSync(folder)
    chmodSync(folder, 0)
    expect((await executed(['--to', receiver.url, '--from', folder])).stderr).toMatch(
      /^rivet-otel: no runs were sent: .*folder\.db.*\n$/,
    )
  })

  it('no state database before and none afterwards, which is said', async () => {
    const args = ['--to', receiver.url, '--', 'sh', '-c', 'exit 5']
    const { code, stderr } = await rivetOtelExec(args, { cwd })
    expect(code).toBe(5)
    expect(stderr).toMatch(
      /^rivet-otel: no runs were sent: the state database .* does not exist; .*\n$/,
    )
  })

  it('a state database that the command removes', async () => {
    putRuns(join(cwd, '.rivet_state.db'), ['orders_0'])
    const args = ['--to', receiver.url, '--', 'sh', '-c', 'rm .rivet_state.db*; exit 5']
    const { code, stderr } = await rivetOtelExec(args, { cwd })
    expect(code).toBe(5)
    expect(stderr).toMatch(/^rivet-otel: no runs were sent: .* does not exist; .*\n$/)
  })

  it('an empty state database, of which nothing is said', async () => {
    writeFileSync(join(cwd, '.rivet_state.db'), '')
    const args = ['--to', receiver.url, '--', 'sh', '-c', 'exit 5']
    expect(await rivetOtelExec(args, { cwd })).toMatchObject({ code: 5, stderr: '', stdout: '' })
    rmSync(join(cwd, '.rivet_state.db'))
    const { runId, stderr } = await executed(['--to', receiver.url])
    expect(stderr).toBe('')
    expectExactly(receiver, [runId])
  })

  it.each([
    ['OTEL_RESOURCE_ATTRIBUTES', 'none'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'none://here'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 'long'],
    ['RIVET_OTEL_REDACT', 'everything'],
    ['RIVET_STATE_URL', 'none'],
  ])('a variable that cannot be used: %s', async (name, value) => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, [name]: value }
    const { stderr } = await executed([], env)
    expect(stderr).toMatch(new RegExp(`^rivet-otel: nothing was sent: .*${name}.*\\n$`))
    expect(receiver.requests).toEqual([])
  })

  it.each([
    ['a file with a header', ['--header', 'authorization=@none.token'], 'none.token'],
    ['a variable with a header', ['--header', 'authorization=$NONE'], 'NONE is not set'],
    ['a file with a key', ['--redact-key', '@none.key'], 'none.key'],
    ['a file with patterns', ['--redact-patterns', '@none.txt'], 'none.txt'],
    ['a configuration', ['-c', 'none.yaml'], 'none.yaml'],
  ])('%s that is not there', async (_, args, words) => {
    const { stderr } = await executed(['--to', receiver.url, ...args])
    expect(stderr).toMatch(/^rivet-otel: nothing was sent: .*\n$/)
    expect(stderr).toContain(words)
    expect(receiver.requests).toEqual([])
  })

  it.each(['while the command runs', 'while it sends'])(
    'a defect of exec itself, %s',
    async (when) => {
      const defect = `
      import { existsSync, rmSync } from 'node:fs'
      setInterval(() => {
        if (!existsSync('defect')) return
        rmSync('defect')
        throw new Error('nobody caught this')
      }, 20).unref()`
      writeFileSync(join(cwd, 'defect.mjs'), defect)
      receiver.answerTo = () => {
        if (when !== 'while it sends') return undefined
        writeFileSync(join(cwd, 'defect'), '')
        return { connection: 'silent' }
      }
      const script =
        when === 'while it sends' ? '' : 'touch defect; while [ -e defect ]; do sleep 0.1; done; '
      const args = ['--to', receiver.url, '--', 'sh', '-c', `${script}"$0" run; exit 5`, rivet]
      writeFileSync(rivet, `#!/bin/sh\nunset NODE_OPTIONS\n${standsIn(rivet)}`)
      const env = { NODE_OPTIONS: `--import ${join(cwd, 'defect.mjs')}` }
      const { code, stdout, stderr } = await rivetOtelExec(args, { cwd, env })
      expect(code).toBe(5)
      expect(stderr).toMatch(
        /^rivet-otel: .*: nobody caught this \(a defect of rivet-otel; RIVET_OTEL_DEBUG=1 prints where\)\n$/,
      )
      if (when !== 'while it sends') expectExactly(receiver, [stdout.trim()])
      receiver.answerTo = () => undefined
      if (when === 'while it sends') await expectNextExportSends(stdout.trim())
    },
  )

  it('a file of traces and a ledger that cannot be written', async () => {
    const { stderr } = await executed(['--to', join(cwd, 'none', 'traces.otlp.jsonl')])
    expect(stderr).toMatch(/^rivet-otel: nothing was sent: .*traces\.otlp\.jsonl.*\n$/)
    writeFileSync(join(cwd, 'ledger.db'), 'this is no ledger, and it never was one\n'.repeat(9))
    const ledger = await executed(['--to', receiver.url, '--ledger', 'ledger.db'])
    expect(ledger.stderr).toMatch(/^rivet-otel: nothing was sent: .*ledger\.db.*\n$/)
    expect(existsSync(join(cwd, 'none'))).toBe(false)
  })
})
