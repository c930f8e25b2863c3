import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { type JaegerServer, startJaegerServer } from '../backends/jaeger-server.js'
import { nobody, serving, servingTcp } from '../http/answering-server.js'
import { shopJournal, shopJournals } from '../journal/example-journals.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'

const RUN = 'orders_20261121T085339.134_11188'
const JOURNALS = readFileSync(
  fileURLToPath(new URL('../fixtures/journals/shop.jsonl', import.meta.url)),
  'utf8',
)
const SECRET = 'Bearer hush-hush-7f3a'

/** Servers that cannot be read from, and what must be said of each. */
const BROKEN: readonly (readonly [string, () => Promise<string>, RegExp])[] = [
  ['is not there', nobody, /nothing listens there/],
  [
    'takes connections and never answers',
    () => servingTcp(() => {}),
    /no answer within 300 ms.*--timeout/,
  ],
  [
    'answers with an error',
    async () => (await serving((response) => response.writeHead(500).end('disk full'))).url,
    /500.*disk full/,
  ],
  [
    'refuses the credentials, and repeats them',
    async () => (await serving((response) => response.writeHead(401).end(`bad ${SECRET}`))).url,
    /401/,
  ],
  [
    'answers with a page for people',
    async () =>
      (
        await serving((response) =>
          response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
        )
      ).url,
    /text\/html|<html>/,
  ],
  [
    'answers with JSON of something else',
    async () => (await serving((response) => response.writeHead(200).end('{"ok":true}'))).url,
    /with JSON that is not|no answer of Jaeger/,
  ],
  [
    'breaks off in the middle of an answer',
    async () =>
      (
        await serving((response) => {
          response.writeHead(200, { 'content-length': '1000' }).write('{"trace":{"resourceSp')
          setTimeout(() => response.destroy(), 20)
        })
      ).url,
    /broke off/,
  ],
]

describe.each(['jaeger', 'tempo'])('a %s server that', (kind) => {
  it.each(BROKEN)('%s costs nobody a journal: exit code 3, and why', async (_, start, says) => {
    const folder = temporaryFolder()
    const location = `${kind}+${await start()}`
    const server = ['--timeout', '300', '--retry-for', '0', '--header', 'authorization=$TOKEN']
    const run = (args: readonly string[]) =>
      rivetOtel([...args, ...server], { cwd: folder, env: { TOKEN: SECRET } })
    const outcomes = await Promise.all([
      run(['import', '--from', location, '--run-id', RUN, '--to', 'journals.jsonl']),
      run(['import', '--from', location, '--since', '24h', '--to', 'journals.jsonl']),
      run(['runs', '--from', location]),
      run(['show', '--from', location, RUN]),
      run(['verify', '--from', SHOP, '--in', location]),
    ])
    for (const { code, stdout, stderr } of outcomes) {
      expect(stderr).toMatch(says)
      expect(stderr).toContain(location)
      expect(stderr).not.toMatch(/hush|defect|at .*\.js/)
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    }
    expect(existsSync(join(folder, 'journals.jsonl'))).toBe(false)
  })
})

describe('a Jaeger', () => {
  let server: JaegerServer
  let location: string
  beforeEach(async () => {
    server = await startJaegerServer()
    location = `jaeger+${server.url}`
    for (const journal of shopJournals())
      for (const { trace } of journalToTrace(journal)) server.keep(trace)
  })
  afterEach(() => server.stop())

  const STATE = ['--from', SHOP]

  it('is read like journals: import, runs and show say the same', async () => {
    const imported = await rivetOtel(['import', '--from', location, '--all'])
    expect(imported.stdout).toBe(JOURNALS)
    expect(imported.code).toBe(0)
    const runs = await rivetOtel(['runs', '--from', location, '--all', '--json'])
    const ofJournals = (...args: readonly string[]) =>
      rivetOtel([...args, '--from', '-'], { input: JOURNALS })
    expect(runs.stdout).toBe((await ofJournals('runs', '--all', '--json')).stdout)
    const shown = await rivetOtel(['show', '--from', location, RUN])
    expect(shown.stdout).toBe((await ofJournals('show', RUN)).stdout)
  })

  it('is searched by status, by export and by trace id', async () => {
    const ids = async (...args: readonly string[]) => {
      const { stdout } = await rivetOtel(['runs', '--from', location, '--json', ...args])
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { run_id: string }).run_id)
    }
    const boom = shopJournal('chunk_boom').run_id
    expect(await ids('--since', '2026-11-01', '--status', 'failed')).toContain(boom)
    expect(await ids('--since', '2026-11-01', '--export', 'chunk_boom')).toEqual([boom])
    const { stdout } = await rivetOtel(['id', boom, '--json'])
    const { trace_id } = JSON.parse(stdout) as { trace_id: string }
    expect(await ids('--trace-id', trace_id)).toEqual([boom])
  })

  it('says that a run is not there, and what may find it', async () => {
    const { code, stderr } = await rivetOtel(['show', '--from', location, 'nobody'])
    expect(code).toBe(2)
    expect(stderr).toContain(`no run nobody in ${location}`)
    expect(stderr).toMatch(/--namespace.*--wait/)
  })

  it('says that nothing is in a trace that is named and not there', async () => {
    for (const command of ['runs', 'import']) {
      const args = [command, '--from', location, '--trace-id', 'ab'.repeat(15)]
      const { code, stderr } = await rivetOtel(args)
      expect(stderr).toContain(`no run in a trace 00${'ab'.repeat(15)}`)
      expect(code).toBe(2)
    }
  })

  it('says nothing wrong of a run that is there and that another condition leaves out', async () => {
    const args = ['import', '--from', location, '--run-id', RUN, '--status', 'failed']
    const { code, stderr } = await rivetOtel(args)
    expect(stderr).not.toContain('no run ')
    expect(code).toBe(0)
  })

  it('is quiet, and done at once, when fewer runs are wanted than there are', async () => {
    const args = ['runs', '--from', location, '--since', '2026-11-01', '--last', '1', '--json']
    const { code, stdout, stderr } = await rivetOtel([...args, '--wait', '10m'])
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(stderr).not.toMatch(/closed|trying again/)
    expect(code).toBe(0)
  })

  it('that refuses ends a verification that waits for others', async () => {
    const refusing = await serving((response, before) => {
      if (before < 3)
        response.writeHead(404).end('{"error":{"httpCode":404,"message":"No traces found"}}')
      else response.writeHead(401).end()
    })
    const args = ['verify', ...STATE, '--in', `jaeger+${refusing.url}`, '--wait', '10m']
    const { code, stderr } = await rivetOtel(args)
    expect(stderr).toContain('401')
    expect(code).toBe(3)
  })

  it('proves what was sent: verify says exact, and exit code 0', async () => {
    const { code, stdout } = await rivetOtel(['verify', ...STATE, '--in', location])
    expect(stdout).toContain(`verified: 12 exact (${location})`)
    expect(code).toBe(0)
  })

  it('that lacks runs makes verify say which, and exit code 1', async () => {
    const namespace = ['--namespace', 'eu']
    const args = ['verify', ...STATE, '--in', location, '--last', '2', ...namespace]
    const { code, stdout } = await rivetOtel(args)
    expect(stdout).toMatch(/missing +\S+ +trace [0-9a-f]{32}\n +nothing of it is there\n/)
    expect(stdout).toContain('verified: 0 exact, 2 missing')
    expect(code).toBe(1)
    const json = await rivetOtel([...args, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      in: location,
      summary: { exact: 0, missing: 2 },
      runs: [{ result: 'missing' }, { result: 'missing' }],
    })
  })
})

describe('export --verify', () => {
  it('reads a file back', async () => {
    const folder = temporaryFolder()
    const args = ['export', '--from', SHOP, '--to', 'out.otlp.jsonl', '--verify']
    const { code, stdout, stderr } = await rivetOtel(args, { cwd: folder })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('verified: 12 exact (out.otlp.jsonl)')
  })

  it('says what an endpoint took and the server behind it does not have', async () => {
    const receiver = await OtlpReceiver.start()
    const server = await startJaegerServer()
    try {
      const sent = ['export', '--from', SHOP, '--run-id', RUN, '--to', receiver.url]
      const { code, stdout } = await rivetOtel(
        [...sent, '--verify', `jaeger+${server.url}`, '--wait', '200ms', '--json'],
        {},
      )
      expect(code).toBe(1)
      expect(JSON.parse(stdout)).toMatchObject({
        runs: [{ run_id: RUN, result: 'sent' }],
        verified: { runs: [{ run_id: RUN, result: 'missing' }] },
      })
    } finally {
      await server.stop()
      await receiver.close()
    }
  })

  it('reports what was sent, and then that the server behind the endpoint is not there', async () => {
    const receiver = await OtlpReceiver.start()
    try {
      const location = `tempo+${await nobody()}`
      const sent = ['export', '--from', SHOP, '--run-id', RUN, '--to', receiver.url]
      const { code, stdout, stderr } = await rivetOtel(
        [...sent, '--verify', location, '--retry-for', '0'],
        {},
      )
      expect(stdout).toContain('runs: 1 sent')
      expect(stderr).toContain('nothing listens there')
      expect(code).toBe(3)
    } finally {
      await receiver.close()
    }
  })

  it('sends nothing where the settings for reading back are wrong', async () => {
    const receiver = await OtlpReceiver.start()
    try {
      for (const [args, says] of [
        [['--verify'], 'an OTLP endpoint cannot be read'],
        [['--verify', 'http://localhost:3200'], 'tempo+http://localhost:3200'],
        [['--verify', 'tempo+http://localhost', '--read-header', 'a=$NO'], 'NO is not set'],
        [['--verify', 'tempo+http://localhost', '--wait', 'soon'], '--wait soon'],
        [['--verify', 'tempo+http://localhost', '--dry-run'], '--dry-run'],
        [['--wait', '10s'], '--verify'],
      ] as const) {
        const { code, stderr } = await rivetOtel(
          ['export', '--from', SHOP, '--to', receiver.url, ...args],
          {},
        )
        expect(stderr).toContain(says)
        expect(code).toBe(2)
        expect(receiver.requests.length).toBe(0)
      }
    } finally {
      await receiver.close()
    }
  })
})

describe('export --verify with options for the server only', () => {
  it('writes a file and reads another place with a tenant, a time limit and headers', async () => {
    const server = await startJaegerServer()
    const folder = temporaryFolder()
    try {
      const args = ['export', '--from', SHOP, '--to', 'out.otlp.jsonl', '--last', '1']
      const shared = ['--tenant', 'eu', '--timeout', '5000', '--retry-for', '0', '--wait', '0']
      const { code, stdout, stderr } = await rivetOtel(
        [...args, '--verify', `jaeger+${server.url}`, ...shared],
        { cwd: folder },
      )
      expect(stderr).toBe('')
      expect(stdout).toContain('verified: 0 exact, 1 missing')
      expect(code).toBe(1)
    } finally {
      await server.stop()
    }
  })

  it('knows before it sends that what is to be read back holds journals', async () => {
    const folder = temporaryFolder()
    const args = ['export', '--from', SHOP, '--to', 'out.otlp.jsonl', '--verify', SHOP]
    const { code, stderr } = await rivetOtel(args, { cwd: folder })
    expect(stderr).toContain('holds journals; expected traces')
    expect(code).toBe(2)
    const sent = join(folder, 'out.otlp.jsonl')
    expect(existsSync(sent) ? readFileSync(sent, 'utf8') : '').toBe('')
  })

  it('refuses two tenants', async () => {
    const args = ['export', '--from', SHOP, '--to', 'http://localhost:1', '--tenant', 'a']
    const { code, stderr } = await rivetOtel([...args, '--header', 'X-Scope-OrgID=b'])
    expect(stderr).toContain('--tenant and --header X-Scope-OrgID both name a tenant')
    expect(code).toBe(2)
  })
})

describe('options about a server', () => {
  it.each([
    [['runs', '--from', SHOP, '--tenant', 'eu'], '--tenant is about a server to read from'],
    [['show', '--from', SHOP, '--wait', '10s', RUN], '--wait is about a server to read from'],
    [['runs', '--from', SHOP, '--trace-id', 'ab'.repeat(16)], 'holds journals, not traces'],
    [['runs', '--from', SHOP, '--namespace', 'eu'], '--namespace: '],
    [['runs', '--from', SHOP, '--since', '1h', '--until', '2h'], '--since is not before --until'],
    [['verify', '--from', SHOP], '--in'],
    [['runs', '--from', 'jaeger+http://localhost', '--trace-id', 'xyz'], 'hexadecimal digits'],
    [
      [
        'import',
        '--from',
        'tempo+http://localhost',
        '--trace-id',
        'ab'.repeat(16),
        '--run-id',
        RUN,
      ],
      'give one of them',
    ],
    [['runs', '--from', 'tempo+ftp://localhost'], 'tempo+ftp'],
    [['runs', '--from', 'tempo+http://localhost', '--certificate', 'nowhere.pem'], '--certificate'],
  ])('%j is refused', async (args, says) => {
    const { code, stdout, stderr } = await rivetOtel(args)
    expect(stderr).toContain(says)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})
