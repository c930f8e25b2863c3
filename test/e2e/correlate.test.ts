import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import type { Attributes, Span } from '../../src/trace/trace.js'
import { startJaegerServer } from '../backends/jaeger-server.js'
import { startTempoServer } from '../backends/tempo-server.js'
import { interruptedInChunks } from '../cli/view/unjournaled-runs.js'
import { shopJournals } from '../journal/example-journals.js'
import { openToWrite, shopCopy } from '../sources/places.js'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'
import { found, WORDS } from './planted-secrets.js'

const RUN = 'orders_20261121T085339.134_11188'
/** Its longest chunk, which took 193 ms. */
const CHUNK_START = startOfLongest()
const MS = 1_000_000n
const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function startOfLongest(): bigint {
  const journal = shopJournals().find(({ run_id }) => run_id === RUN)
  const [page] = journal === undefined ? [] : [...journalToTrace(journal)]
  const chunks = (page?.trace.spans ?? []).filter(({ name }) => name === 'chunk')
  const length = (span: Span) => span.endTimeUnixNano - span.startTimeUnixNano
  return (
    chunks.reduce<Span | undefined>(
      (best, span) => (best === undefined || length(span) > length(best) ? span : best),
      undefined,
    )?.startTimeUnixNano ?? 0n
  )
}

/** A server with spans of other services; times in ms after the longest chunk began. */
async function jaegerWith(
  spans: readonly (Partial<Span> & { service: string; from: number; to: number })[],
) {
  const server = await startJaegerServer()
  closing.push(server.stop)
  for (const [i, { service, from, to, ...members }] of spans.entries()) {
    server.keep({
      resource: { 'service.name': service },
      scope: { name: 'test', version: '1' },
      spans: [
        {
          traceId: (i + 1).toString(16).padStart(32, 'a'),
          spanId: (i + 1).toString(16).padStart(16, '0'),
          name: 'SELECT orders',
          kind: 3,
          startTimeUnixNano: CHUNK_START + BigInt(from) * MS,
          endTimeUnixNano: CHUNK_START + BigInt(to) * MS,
          attributes: {},
          events: [],
          links: [],
          ...members,
        },
      ],
    })
  }
  return { server, location: `jaeger+${server.url}` }
}

/** A server whose every search finds one span, which began when the longest chunk did. */
async function tempoWith(attributes: Attributes): Promise<string> {
  const span = {
    spanID: '1',
    name: WORDS,
    startTimeUnixNano: String(CHUNK_START),
    durationNanos: '100000000',
    attributes: Object.entries({ ...attributes, status: 'error' }).map(([key, value]) => ({
      key,
      value: { stringValue: String(value) },
    })),
  }
  const body = JSON.stringify({ traces: [{ traceID: 'a', spanSets: [{ spans: [span] }] }] })
  const instead = ({ pathname }: URL) =>
    pathname === '/api/search' ? { status: 200, body } : undefined
  const tempo = await startTempoServer({ instead })
  closing.push(tempo.stop)
  return `tempo+${tempo.url}`
}

const DATABASE: Attributes = {
  'db.system.name': 'postgresql',
  'server.address': '127.0.0.1',
  'server.port': 5432,
  'db.namespace': 'shop',
}

const beside = [
  {
    service: 'billing',
    from: 20,
    to: 180,
    attributes: DATABASE,
    status: { code: 2, message: 'too slow' },
  },
  { service: 'billing', from: 60, to: 80, attributes: DATABASE },
  { service: 'web', from: -5000, to: 9000, name: 'GET /' },
  { service: 'web', from: 300, to: 400, name: 'GET /late' },
]

describe('rivet-otel correlate', () => {
  it('shows what ran beside the longest chunk, the callers of its database first', async () => {
    const { location } = await jaegerWith(beside)
    const args = ['correlate', RUN, '--from', SHOP, '--chunk', '--in', location]
    const { code, stdout, stderr } = await rivetOtel(args, { env: { COLUMNS: '140' } })
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('source postgres 127.0.0.1:5432/shop')
    const [, groups = ''] = stdout.split('What ran beside it\n')
    expect(groups.split('\n').slice(1, 3)).toEqual([
      expect.stringMatching(
        /^ {2}billing +SELECT orders +2 +1 +180 ms +160 ms +same database +a+1$/,
      ),
      expect.stringMatching(/^ {2}web +GET \/ +1 +0 +19[34] ms +14\.0 s +same time +a+3$/),
    ])
    expect(stdout).not.toContain('/late')
    expect(stdout).toMatch(
      /billing: http:\/\/127\.0\.0\.1:\d+\/search\?service=billing&start=\d{16}&end=\d{16}/,
    )
    expect(stderr).toMatch(
      /^spans that began more than an hour before the window were not looked for/,
    )
  })

  it('prints the same as JSON, whose members are those of the README', async () => {
    const { location } = await jaegerWith(beside)
    const args = ['correlate', RUN, '--from', SHOP, '--chunk', '--in', location, '--json']
    const { code, stdout, stderr } = await rivetOtel(args)
    expect(code, stderr).toBe(0)
    const answer = JSON.parse(stdout)
    expect(answer.window).toMatchObject({ chunk: { failed: false } })
    expect(answer.spans[0]).toMatchObject({
      service: 'billing',
      duration_ns: 160_000_000,
      overlap_ns: 160_000_000,
      error: true,
      reasons: ['same database'],
      server: { system: 'postgresql', addresses: ['127.0.0.1'], port: '5432', database: 'shop' },
    })
    expect(answer.total).toEqual({ groups: 2, spans: 3 })
    for (const name of Object.keys(answer)) expect(README, name).toContain(`\`${name}\``)
    const one = await rivetOtel([...args, '--limit', '1'])
    expect(JSON.parse(one.stdout)).toMatchObject({
      total: { groups: 2, spans: 3 },
      groups: [{}],
      spans: [{}],
    })
  })

  it('reads the run from the server where nothing else has it', async () => {
    const { server, location } = await jaegerWith(beside)
    const journal = shopJournals().find(({ run_id }) => run_id === RUN)
    for (const { trace } of journal === undefined ? [] : journalToTrace(journal)) server.keep(trace)
    const { code, stdout, stderr } = await rivetOtel([
      'correlate',
      RUN,
      '--chunk',
      '--in',
      location,
    ])
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('its source is not known')
    expect(stdout).toContain('3 spans of other services overlap it')
    const named = await rivetOtel(['correlate', RUN, '--from', 'gone.db', '--in', location])
    expect(named).toMatchObject({ code: 2, stdout: '' })
  })

  it('says calmly that nothing was there, and what was nearly', async () => {
    const { location } = await jaegerWith([beside[3] ?? { service: 'web', from: 300, to: 400 }])
    const args = ['correlate', RUN, '--from', SHOP, '--chunk', '--in', location]
    const { code, stdout } = await rivetOtel(args)
    expect(code).toBe(0)
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /Nothing of another service overlaps that time\. The nearest, GET \/late of web .*, began 10\d(\.\d)? ms after it: where the clocks/,
    )
    const empty = await jaegerWith([])
    const nothing = await rivetOtel(['correlate', RUN, '--from', SHOP, '--in', empty.location])
    expect(nothing).toMatchObject({ code: 0 })
    expect(nothing.stdout).toContain('Nothing of another service was found in that time')
  })

  it('prints TraceQL, and a page of Grafana where it is told where that is', async () => {
    const tempo = await startTempoServer()
    closing.push(tempo.stop)
    const args = ['correlate', RUN, '--from', SHOP, '--in', `tempo+${tempo.url}`]
    const { code, stdout, stderr } = await rivetOtel([
      ...args,
      ...['--grafana', 'http://ana:pw@localhost:3000/?x=1', '--datasource', 'T1'],
    ])
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('span.server.address =~ "127\\\\.0\\\\.0\\\\.1|localhost|::1"')
    expect(stdout).toMatch(
      /Grafana: http:\/\/localhost:3000\/explore\?schemaVersion=1&orgId=1&panes=%7B/,
    )
    expect(stdout).not.toContain('pw')
  })

  it('shows no secret of a foreign span, to nobody', async () => {
    const evil = { name: WORDS, status: { code: 2, message: WORDS } }
    const attributes = { ...DATABASE, 'db.namespace': WORDS, 'peer.service': WORDS }
    const { location } = await jaegerWith([
      { service: WORDS, from: 0, to: 100, ...evil, attributes },
      { service: 'web', from: 500, to: 600, ...evil },
    ])
    const tempo = await tempoWith({ ...attributes, 'service.name': WORDS, statusMessage: WORDS })
    for (const more of [[], ['--json'], ['--chunk', '0'], ['--in', tempo, '--json']]) {
      const args = ['correlate', RUN, '--from', SHOP, '--in', location, ...more]
      const { code, stdout, stderr } = await rivetOtel(args, { env: { COLUMNS: '4000' } })
      expect(code, stderr).toBe(0)
      expect(stdout.length).toBeGreaterThan(500)
      expect(found(stdout + stderr)).toEqual([])
      expect(
        found(decodeURIComponent(stdout.replaceAll('+', ' ').replaceAll(/%(?![0-9A-F]{2})/g, ''))),
      ).toEqual([])
    }
  })

  it('looks at the time of a run that was killed, as far as rivet knows it', async () => {
    const path = shopCopy()
    const db = openToWrite(path)
    db.exec(
      `INSERT INTO run_status (run_id, export_name, prefix, status, started_at, finished_at, source)
       VALUES ('killed_1', 'orders', 'x', 'interrupted', '2026-11-21T08:00:00Z', '2026-11-21T08:00:09Z', 'mysql://db7:3306/x')`,
    )
    db.close()
    const { location } = await jaegerWith([])
    const args = ['correlate', 'killed_1', '--from', path, '--in', location]
    const { code, stdout, stderr } = await rivetOtel(args)
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('the whole run: 9.00 s from 2026-11-21T08:00:00Z')
    expect(stdout).toContain('source mysql db7:3306/x')
    expect(stderr).toContain('the run left no journal (interrupted)')
    expect(await rivetOtel([...args, '--chunk'])).toMatchObject({ code: 2, stdout: '' })
  })

  it('looks at the time of a run that was killed where only the server has it', async () => {
    const { server, location } = await jaegerWith([])
    const { trace } = interruptedRunToTrace(interruptedInChunks())
    server.keep(trace)
    const args = ['correlate', 'slow_1', '--in', location]
    const { code, stdout, stderr } = await rivetOtel(args, { cwd: temporaryFolder() })
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('the whole run: 1 m 00 s from 2026-11-21T')
    expect(stderr).toContain('the run left no journal (interrupted)')
    const chunk = await rivetOtel([...args, '--chunk'], { cwd: temporaryFolder() })
    expect(chunk).toMatchObject({ code: 2, stdout: '' })
    expect(chunk.stderr).toContain('the times of its chunks are not known')
  })

  it('takes a reference for the run that it means', async () => {
    const { location } = await jaegerWith([])
    for (const reference of ['orders@latest', 'orders_2026', '@latest~11']) {
      const out = await rivetOtel(
        ['correlate', reference, '--from', SHOP, '--in', location, '--json'],
        { cwd: temporaryFolder() },
      )
      expect(JSON.parse(out.stdout).run_id).toMatch(/^orders_(parallel_)?20261121T/)
    }
  })

  it('takes the run_id behind --chunk for the run', async () => {
    const { location } = await jaegerWith([])
    const { code, stdout } = await rivetOtel([
      ...['correlate', '--from', SHOP, '--in', location, '--chunk', RUN],
    ])
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('chunk') })
    expect(await rivetOtel(['correlate', '--chunk'])).toMatchObject({ code: 2, stdout: '' })
  })

  it('lets no foreign name move the cursor or break a line', async () => {
    const evil = 'a\u001b[31m\u202egpj\r\nINJECTED\u2028\u009b2J'
    const { location } = await jaegerWith([
      { service: evil, from: 0, to: 100, name: evil, attributes: { 'db.namespace': evil } },
    ])
    for (const more of [[], ['--json']]) {
      const args = ['correlate', RUN, '--from', SHOP, '--in', location, ...more]
      const { stdout, stderr } = await rivetOtel(args)
      expect(stdout).toContain('gpj')
      expect(stdout + stderr).not.toMatch(
        /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]|^INJECTED/mu,
      )
    }
  })

  it.each<[string, readonly string[], number, RegExp]>([
    ['no server', [RUN, '--from', SHOP], 2, /--in: expected the server/],
    ['a file', [RUN, '--from', SHOP, '--in', 'traces.otlp.jsonl'], 2, /--in: expected the server/],
    [
      'a chunk that is none',
      [RUN, '--from', SHOP, '--in', 'HERE', '--chunk', 'x'],
      2,
      /--chunk x: expected/,
    ],
    [
      'a chunk that is not there',
      [RUN, '--from', SHOP, '--in', 'HERE', '--chunk', '999'],
      2,
      /no such chunk/,
    ],
    [
      'a limit that is none',
      [RUN, '--from', SHOP, '--in', 'HERE', '--limit', '0'],
      2,
      /--limit 0: expected/,
    ],
    ['a page of nothing', [RUN, '--in', 'HERE', '--datasource', 'x'], 2, /give it with --grafana/],
    [
      'an unknown run',
      ['orders_2027', '--from', SHOP, '--in', 'HERE'],
      2,
      /no run orders_2027.* nor in jaeger/,
    ],
    [
      'an unknown run, without a state database',
      ['orders_2026', '--in', 'HERE'],
      2,
      /no run orders_2026 in jaeger/,
    ],
    [
      'nobody there',
      [RUN, '--from', SHOP, '--in', 'jaeger+http://127.0.0.1:1', '--retry-for', '0'],
      3,
      /nothing listens/,
    ],
  ])('refuses %s', async (_, args, code, message) => {
    const { location } = await jaegerWith([])
    const line = args.map((arg) => (arg === 'HERE' ? location : arg))
    const out = await rivetOtel(['correlate', ...line], { cwd: temporaryFolder() })
    expect(out).toMatchObject({ code, stdout: '' })
    expect(out.stderr).toMatch(message)
  })
})
