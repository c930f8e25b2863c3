import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { CLI, type Finished, rivetOtel, temporaryFolder } from './command-line.js'
import { smallRuns } from './small-runs.js'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
if (!isRoot) console.warn('UNCHECKED: only root can start a process of another user')
let receiver: OtlpReceiver
let folder: string

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
  folder = temporaryFolder()
  writeFileSync(join(folder, 'journals.jsonl'), smallRuns(30))
})
afterEach(() => receiver.close())

it('no secret gets into the ledger or the files beside it, at any time', async () => {
  const base64 = Buffer.from('user-Secret:pass-Secret').toString('base64')
  const planted = ['user-Secret', 'pass-Secret', 'query-Secret', 'header-Secret', 'token-Secret']
  const ways = [
    {
      to: [`${receiver.url.replace('//', '//user-Secret:pass-Secret@')}/?key=query-Secret`],
      echo: `user-Secret:pass-Secret pass-Secret query-Secret ${base64}`,
    },
    {
      to: [
        ...[`${receiver.url}/?key=query-Secret`, '--header', 'x-api-key=header-Secret'],
        ...['--header', 'authorization=Bearer token-Secret'],
      ],
      echo: 'Bearer token-Secret token-Secret header-Secret query-Secret',
    },
  ]
  const names = new Set<string>()
  let bytes = ''
  const look = () => {
    for (const name of readdirSync(folder)) {
      if (!name.startsWith('rivet-otel-ledger')) continue
      names.add(name)
      bytes += readFileSync(join(folder, name)).toString('latin1')
    }
  }
  const said: string[] = []
  for (const { to, echo } of ways) {
    for (const answer of [
      { status: 400, message: echo },
      { rejectedSpans: 1, message: echo },
      { status: 401, message: echo },
      { body: `<html>${echo}` },
      {},
    ]) {
      receiver.answer = () => {
        look()
        return answer
      }
      const args = ['export', '--from', 'journals.jsonl', '--retry-for', '0', '--again', '--to']
      const { stdout, stderr } = await rivetOtel([...args, ...to], { cwd: folder })
      said.push(stdout, stderr)
      look()
    }
  }
  expect(names).toContain('rivet-otel-ledger.db-wal')
  for (const known of ['orders_29', `127.0.0.1:${receiver.port}/v1/traces?key`, 'rejected 1 of']) {
    expect([known, bytes.includes(known)]).toEqual([known, true])
  }
  for (const secret of [...planted, base64]) {
    expect([secret, bytes.includes(secret)]).toEqual([secret, false])
    expect(said.join('')).not.toContain(secret)
  }
})

it('without any SQLite library everything is sent, and that is said once', async () => {
  const hooks = join(folder, 'hooks.mjs')
  const preload = join(folder, 'preload.mjs')
  writeFileSync(
    hooks,
    `export function resolve(name, context, next) {
       if (name === 'better-sqlite3') throw new Error('Cannot find package. It is not installed.')
       return next(name, context)
     }`,
  )
  writeFileSync(
    preload,
    `import { register } from 'node:module'
     const { getBuiltinModule } = process
     process.getBuiltinModule = (name) => (name === 'node:sqlite' ? undefined : getBuiltinModule(name))
     register(${JSON.stringify(pathToFileURL(hooks).href)})`,
  )
  for (const _ of [1, 2]) {
    const out = await rivetOtel(['export', '--from', 'journals.jsonl', '--to', receiver.url], {
      cwd: folder,
      env: { NODE_OPTIONS: `--import ${pathToFileURL(preload).href}` },
    })
    expect(out).toMatchObject({ code: 0 })
    expect(out.stdout).toContain('runs: 30 sent')
    expect(out.stderr.match(/no ledger can be kept/g)).toHaveLength(1)
    expect(out.stderr).toMatch(/better-sqlite3 cannot be loaded|no node:sqlite/)
    expect(out.stderr).toContain('npm install better-sqlite3')
  }
})

it.runIf(isRoot)(
  'a folder or a ledger that cannot be written is named before anything is sent',
  async () => {
    const place = temporaryFolder()
    writeFileSync(join(place, 'journals.jsonl'), smallRuns(1))
    const args = ['export', '--from', 'journals.jsonl', '--to', receiver.url]
    chmodSync(place, 0o755)
    chmodSync(join(place, 'journals.jsonl'), 0o644)
    const empty = await asNobody(args, place)
    expect(empty).toMatchObject({ code: 2 })
    expect(empty.stderr).toMatch(/ledger .*rivet-otel-ledger.db cannot be written/)
    expect(await asNobody([...args, '--no-ledger'], place)).toMatchObject({ code: 0 })
    expect(await asNobody([...args, '--dry-run'], place)).toMatchObject({ code: 0 })
    await rivetOtel(args, { cwd: place })
    const requests = receiver.requests.length
    const full = await asNobody(args, place)
    expect(full).toMatchObject({ code: 2 })
    expect(full.stderr).toMatch(/ledger .*rivet-otel-ledger.db cannot be written/)
    expect(full.stderr).toContain('--ledger')
    const names = readdirSync(place)
    // A dry run writes nothing, so it needs no folder that can be written.
    const dry = await asNobody([...args, '--dry-run'], place)
    expect(dry).toMatchObject({ code: 0, stderr: '' })
    expect(dry.stdout).toContain('runs: 0 to send, 1 there already; spans: 3 present')
    expect(readdirSync(place)).toEqual(names)
    expect(receiver.requests.length).toBe(requests)
  },
)

function asNobody(args: readonly string[], cwd: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd,
      env: { PATH: process.env.PATH ?? '' },
      uid: NOBODY,
      gid: NOBODY,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

it('a disk that is full when the ledger is made is what is said', async () => {
  // A limit on the size of files is one that any user can have; the ledger's first tables pass it.
  const limited = `trap '' XFSZ; ulimit -f 16; exec "$0" "$@"`
  const args = [CLI, 'export', '--from', 'journals.jsonl', '--to', receiver.url]
  const child = spawn('/bin/sh', ['-c', limited, process.execPath, ...args], { cwd: folder })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = await once(child, 'close')
  expect(stderr).toMatch(/the ledger .* cannot be written: (disk I\/O error|.* full)/)
  expect(stderr).not.toContain('rollback')
  expect(code).toBe(2)
  expect(receiver.requests).toEqual([])
})
