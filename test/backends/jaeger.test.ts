import { afterEach, describe, expect, it } from 'vitest'
import type { TraceBackend, TraceSearch } from '../../src/backends/backend.js'
import { type BackendFlags, backendSettings } from '../../src/backends/backend-settings.js'
import { openJaeger } from '../../src/backends/jaeger.js'
import { LONG_RUNS } from '../../src/backends/jaeger-search.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace, type MappingOptions } from '../../src/mapping/journal-to-trace.js'
import type { Trace } from '../../src/trace/trace.js'
import { describeBackend } from '../contracts/backend-contract.js'
import { runCompleted, shopJournal, T0, warning } from '../journal/example-journals.js'
import { expectExact, imported } from '../mapping/both-ways.js'
import {
  type JaegerServer,
  type JaegerServerOptions,
  PAGE,
  startJaegerServer,
} from './jaeger-server.js'
import type { Reply } from './reply.js'
import { collectFromJaeger, idsOf } from './search-items.js'

const SECOND = 1_000_000_000n
const DAY = 86_400n * SECOND
const JOURNAL = shopJournal('orders')
const JOURNAL_ID = traceIdOf({ namespace: '', runId: JOURNAL.run_id, page: 0 })
const ALL: TraceSearch = { sinceUnixNano: T0 - DAY, untilUnixNano: T0 + DAY }
const UNREACHABLE = { name: 'RivetOtelError', code: 'UNREACHABLE' }

describe.each([
  { name: 'a server with the answers of Jaeger 1.76', options: {} },
  { name: 'a server of before its newer API', options: { isOlder: true } },
])('openJaeger', ({ name, options }) => {
  describeBackend(name, async () => {
    const server = await startJaegerServer(options)
    return {
      url: server.url,
      open: openAt,
      send: async (trace) => server.keep(trace),
      settled: async () => {},
      stop: () => server.stop(),
    }
  })
})

const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

describe('A trace of Jaeger', () => {
  it('comes from the newer API where there is one, with its nanoseconds', async () => {
    const { backend, server } = await open({}, pagesOf(JOURNAL))
    const { spans, problems } = await backend.trace(JOURNAL_ID)
    expect(problems).toEqual([])
    expectExact(imported(spans)[0], JOURNAL)
    expect(spans.map(({ span }) => span.startTimeUnixNano)).toContain(
      pagesOf(JOURNAL)[0]?.spans[0]?.startTimeUnixNano,
    )
    await backend.trace(JOURNAL_ID)
    expect(server.requests.map(({ pathname }) => pathname)).toEqual([
      `/api/v3/traces/${JOURNAL_ID}`,
      `/api/v3/traces/${JOURNAL_ID}`,
    ])
    for (const { searchParams } of server.requests) {
      expect(searchParams.get('raw_traces')).toBe('true')
    }
  })

  it.each<[string, Reply]>([
    ['the page of its user interface', PAGE],
    ['a plain 404', { status: 404, body: '404 page not found\n' }],
    ['a 404 of a gateway', { status: 404, body: '{"code":5,"message":"Not Found","details":[]}' }],
    ['a 400', { status: 400, body: 'unsupported path requested' }],
    ['a 501', { status: 501, body: 'not implemented' }],
    ['several documents', { status: 200, body: '{"result":{}}\n{"result":{}}' }],
  ])(
    'comes from the older API where the newer one gives %s, and from then on',
    async (_, reply) => {
      const instead = (url: URL) => (url.pathname.startsWith('/api/v3') ? reply : undefined)
      const { backend, server } = await open({ instead }, pagesOf(JOURNAL))
      for (let time = 0; time < 2; time++) {
        const { spans, problems } = await backend.trace(JOURNAL_ID)
        expect(problems).toEqual([])
        expectExact(imported(spans)[0], JOURNAL)
      }
      expect(await backend.trace('0'.repeat(31).concat('1'))).toEqual({ spans: [], problems: [] })
      const newer = server.requests.filter(({ pathname }) => pathname.startsWith('/api/v3'))
      expect(newer).toHaveLength(1)
    },
  )

  it('still comes from the newer API after that failed once', async () => {
    for (const status of [401, 500, 503]) {
      let isBroken = true
      const instead = (url: URL): Reply | undefined =>
        isBroken && url.pathname.startsWith('/api/v3') ? { status, body: 'not now' } : undefined
      const { backend, server } = await open({ instead }, pagesOf(JOURNAL))
      await expect(backend.trace(JOURNAL_ID)).rejects.toThrow(`${status}: "not now"`)
      isBroken = false
      expectExact(imported((await backend.trace(JOURNAL_ID)).spans)[0], JOURNAL)
      expect(server.requests.every(({ pathname }) => pathname.startsWith('/api/v3'))).toBe(true)
    }
  })

  it('is unknown where a server of before 404 was given says so with 500', async () => {
    const message = 'cannot retrieve trace: trace not found'
    const body = JSON.stringify({ error: { grpcCode: 2, httpCode: 500, message } })
    const instead = (url: URL): Reply | undefined =>
      url.pathname.endsWith(JOURNAL_ID) ? undefined : { status: 500, body }
    const { backend, server } = await open({ instead }, pagesOf(JOURNAL))
    expect(await backend.trace('0'.repeat(31).concat('1'))).toEqual({ spans: [], problems: [] })
    expectExact(imported((await backend.trace(JOURNAL_ID)).spans)[0], JOURNAL)
    expect(server.requests.every(({ pathname }) => pathname.startsWith('/api/v3'))).toBe(true)
  })

  it('is an error of the older API where only that one fails', async () => {
    const instead = (url: URL): Reply =>
      url.pathname.startsWith('/api/v3') ? PAGE : { status: 500, body: 'no disk' }
    const { backend } = await open({ instead }, [])
    await expect(backend.trace(JOURNAL_ID)).rejects.toThrow(/GET \/api\/traces\/.* 500: "no disk"/)
  })

  it.each([
    ['newer', { error: { code: 13, message: 'bad token hush-7f3a' } }],
    ['older', { errors: [{ code: 13, msg: 'bad token hush-7f3a' }] }],
  ])('of the %s API shows no secret in what the server says beside it', async (name, said) => {
    const isOlder = name === 'older'
    const body = JSON.stringify({ ...(isOlder ? { data: [] } : { result: {} }), ...said })
    const instead = (): Reply => ({ status: 200, body })
    const { server } = await open({ isOlder, instead }, [])
    const backend = openAt(server.url, { headers: ['authorization=Bearer hush-7f3a'] })
    const { problems } = await backend.trace(JOURNAL_ID)
    backend.close()
    expect(problems).toEqual([expect.stringContaining('bad token ***')])
  })

  it('is not asked of the older API when the newer one fails later', async () => {
    let isBroken = false
    const instead = (): Reply | undefined =>
      isBroken ? { status: 500, body: '{"error":{"httpCode":500,"message":"no disk"}}' } : undefined
    const { backend, server } = await open({ instead }, pagesOf(JOURNAL))
    await backend.trace(JOURNAL_ID)
    isBroken = true
    await expect(backend.trace(JOURNAL_ID)).rejects.toMatchObject(UNREACHABLE)
    await expect(backend.trace(JOURNAL_ID)).rejects.toThrow(/500.*no disk/)
    expect(server.requests.every(({ pathname }) => pathname.startsWith('/api/v3'))).toBe(true)
  })

  it('that is cut off is an error, whichever API it comes from', async () => {
    for (const isOlder of [false, true]) {
      const instead = (url: URL): Reply | undefined => {
        if (isOlder && url.pathname.startsWith('/api/v3')) return PAGE
        return { status: 200, body: '{"data":[],"result":{}}', isCut: true }
      }
      const { backend } = await open({ instead }, [])
      await expect(backend.trace(JOURNAL_ID)).rejects.toMatchObject(UNREACHABLE)
      await expect(collectFromJaeger(backend, ALL)).rejects.toMatchObject(UNREACHABLE)
    }
  })

  it('that search finds and that is not given by its id comes with the reason', async () => {
    const instead = (url: URL): Reply | undefined =>
      url.pathname.startsWith('/api/v3')
        ? { status: 404, body: '{"error":{"httpCode":404,"message":"No traces found"}}' }
        : undefined
    const { backend } = await open({ instead }, pagesOf(JOURNAL))
    expect((await backend.trace(JOURNAL_ID)).problems).toEqual([])
    await collectFromJaeger(backend, ALL)
    const { spans, problems } = await backend.trace(JOURNAL_ID)
    expect(spans).toEqual([])
    expect(problems).toEqual([expect.stringMatching(/by search.*max_span_age/)])
  })
})

describe('A search of Jaeger', () => {
  it('finds 1,000 runs, some of the same microsecond, some at a time', async () => {
    const runs = Array.from({ length: 1000 }, (_, i) =>
      run(`run_${i}`, i < 15 ? 0n : BigInt(i % 300) * 60n * SECOND + BigInt(i)),
    )
    const { backend, server } = await open(
      {},
      runs.flatMap((one) => pagesOf(one)),
    )
    const items = await collectFromJaeger(backend, ALL)
    expect(idsOf(items)).toEqual(new Set(runs.map(traceIdOfRun)))
    expect(items.filter(({ kind }) => kind === 'unseen')).toEqual([])
    const limits = server.requests.map(({ searchParams }) => Number(searchParams.get('limit')))
    expect(limits[0]).toBe(5)
    expect(Math.max(...limits)).toBe(20)
  })

  it('says when more runs start at once than Jaeger lists, and finds all the others', async () => {
    const crowd = Array.from({ length: 30 }, (_, i) => run(`crowd_${i}`, 0n))
    const others = Array.from({ length: 50 }, (_, i) => run(`other_${i}`, BigInt(i + 1) * SECOND))
    const { backend } = await open(
      {},
      [...crowd, ...others].flatMap((one) => pagesOf(one)),
    )
    const items = await collectFromJaeger(backend, ALL)
    const found = idsOf(items)
    for (const other of others) expect(found).toContain(traceIdOfRun(other))
    expect(crowd.filter((one) => found.has(traceIdOfRun(one)))).toHaveLength(20)
    const unseen = items.flatMap((item) => (item.kind === 'unseen' ? [item.problem] : []))
    expect(unseen[0]).toMatch(/20 or more runs .*2026-11-21T08:53:39\.134436Z.*run_id/)
  })

  it.each<[string, readonly ('start' | 'end')[]]>([
    ['start and end', ['start', 'end']],
    ['start', ['start']],
    ['end', ['end']],
  ])('is an error after few questions where the server ignores %s', async (_, ignores) => {
    for (const crowd of [0n, 1n, 60n * SECOND]) {
      const runs = Array.from({ length: 40 }, (_, i) => run(`run_${i}`, BigInt(i) * crowd))
      const { backend, server } = await open(
        { ignores },
        runs.flatMap((one) => pagesOf(one)),
      )
      await expect(collectFromJaeger(backend, ALL)).rejects.toMatchObject({
        ...UNREACHABLE,
        message: expect.stringContaining('does not obey the times of a search'),
      })
      expect(server.requests.length).toBeLessThan(200)
    }
  })

  it('asks for few at a time until it knows that runs are small', async () => {
    const events = Array.from({ length: 9000 }, (_, i) => warning(`w${i}`))
    const entries = events.map((event) => ({ recorded_at: formatTimestamp(T0), event }))
    const large = new RunJournal('large', 'orders', entries)
    const small = run('small', -90n * DAY)
    const { backend, server } = await open(
      {},
      [large, small].flatMap((one) => pagesOf(one)),
    )
    await collectFromJaeger(backend, { ...ALL, sinceUnixNano: T0 - 200n * DAY })
    const limits = server.requests.map(({ searchParams }) => Number(searchParams.get('limit')))
    expect(limits).toEqual([5, 5, 20, 20])
  })

  it('finds a run that Badger leaves out at the very end of what was asked for', async () => {
    const runs = Array.from({ length: 9 }, (_, i) => withTraceId(run('x', BigInt(i)), i))
    const { backend } = await open({ missesLast: true }, runs)
    const query = { sinceUnixNano: T0, untilUnixNano: T0 + 60n }
    expect(idsOf(await collectFromJaeger(backend, query)).size).toBe(9)
  })

  it.each([
    [{}, [{ tags: '{"rivet.trace.page":"0"}' }]],
    [
      { exports: ['orders', 'refunds', 'orders'] },
      [{ operation: 'export orders' }, { operation: 'export refunds' }],
    ],
    [{ statuses: ['failed'] }, [{ tags: '{"rivet.run.status":"failed"}' }]],
    [{ exports: ['orders'], statuses: ['failed'] }, [{ tags: '{"rivet.run.status":"failed"}' }]],
    [{ exports: ['orders'], statuses: ['success'] }, [{ operation: 'export orders' }]],
    [{ exports: ['x'.repeat(250)] }, [{ tags: '{"rivet.trace.page":"0"}' }]],
    [
      { exports: ['x'.repeat(250)], statuses: ['success'] },
      [{ tags: '{"rivet.run.status":"success"}' }],
    ],
    [{ exports: [], statuses: [] }, [{ tags: '{"rivet.trace.page":"0"}' }]],
  ])('asks one condition at a time, case %#', async (query, conditions) => {
    const { backend, server } = await open({}, pagesOf(JOURNAL))
    await collectFromJaeger(backend, { ...ALL, ...query })
    const asked = server.requests
      .filter(({ pathname }) => pathname === '/api/traces')
      .map(({ searchParams }) => Object.fromEntries(searchParams))
    expect(asked).toEqual(
      conditions.map((condition) => ({
        service: 'rivet',
        limit: expect.any(String),
        raw: 'true',
        start: String((T0 - 8n * DAY) / 1000n),
        end: String((T0 + DAY) / 1000n + 1n),
        ...condition,
      })),
    )
  })

  it('looks at what Jaeger was not asked for', async () => {
    const runs = [
      run('a', 0n, { exportName: 'orders', status: 'failed' }),
      run('b', SECOND, { exportName: 'refunds', status: 'failed' }),
      run('c', 2n * SECOND, { exportName: 'orders', status: 'success' }),
    ]
    const { backend } = await open(
      {},
      runs.flatMap((one) => pagesOf(one)),
    )
    const found = async (query: Partial<TraceSearch>) =>
      [...idsOf(await collectFromJaeger(backend, { ...ALL, ...query }))].map(
        (id) => runs.find((one) => traceIdOfRun(one) === id)?.run_id,
      )
    expect(await found({ exports: ['orders'], statuses: ['failed'] })).toEqual(['a'])
    expect(await found({ exports: ['orders'], statuses: ['success'] })).toEqual(['c'])
    expect(await found({ exports: ['orders'], statuses: ['success', 'failed'] })).toEqual([
      'a',
      'c',
    ])
  })

  it('finds no later pages, and nothing of other programs under the same service', async () => {
    const [page] = pagesOf(JOURNAL)
    if (page === undefined) throw new Error('no page')
    const later = {
      ...page,
      spans: page.spans.map((span) => ({
        ...span,
        traceId: 'ab'.repeat(16),
        attributes: { ...span.attributes, 'rivet.trace.page': 1 },
      })),
    }
    const { backend } = await open({}, [page, later])
    expect(idsOf(await collectFromJaeger(backend, { ...ALL, exports: ['orders'] }))).toEqual(
      new Set([JOURNAL_ID]),
    )
  })

  it('gives the end of every revision', async () => {
    const parts = [0, 2, 1].flatMap((revision) =>
      pagesOf(run('again', BigInt(revision) * SECOND), { revision }),
    )
    const { backend } = await open({}, parts)
    const items = await collectFromJaeger(backend, ALL)
    const ends = items.map((item) => (item.kind === 'found' ? item.endUnixNano / 1000n : item))
    expect(ends).toEqual([0n, 2n, 1n].map((after) => endOf(run('again', after * SECOND)) / 1000n))
    expect(idsOf(items).size).toBe(1)
  })

  it('finds a run that started days before the asked time', async () => {
    const long = new RunJournal('long', 'orders', [
      { recorded_at: formatTimestamp(T0 - 6n * DAY), event: warning('started') },
      { recorded_at: formatTimestamp(T0), event: runCompleted('success', null, 1) },
    ])
    const { backend } = await open({}, pagesOf(long))
    const query = { sinceUnixNano: T0 - SECOND, untilUnixNano: T0 + SECOND }
    expect(idsOf(await collectFromJaeger(backend, query))).toEqual(new Set([traceIdOfRun(long)]))
  })

  it('says that longer runs may be missing, unless it looked since 1970', async () => {
    const { backend } = await open({}, pagesOf(JOURNAL))
    const saysSo = async (sinceUnixNano: bigint) => {
      for await (const item of backend.search({ ...ALL, sinceUnixNano }))
        if (item.kind === 'unseen' && item.problem === LONG_RUNS) return true
      return false
    }
    expect(await saysSo(T0 - DAY)).toBe(true)
    expect(await saysSo(0n)).toBe(false)
  })

  it('asks for no more than 60 days at once, back to 1970', async () => {
    const { backend, server } = await open({}, pagesOf(JOURNAL))
    expect(
      idsOf(await collectFromJaeger(backend, { sinceUnixNano: 0n, untilUnixNano: T0 + DAY })).size,
    ).toBe(1)
    const windows = server.requests.map(({ searchParams }) => ({
      from: Number(searchParams.get('start')),
      to: Number(searchParams.get('end')),
    }))
    expect(windows.at(-1)?.from).toBe(0)
    for (const { from, to } of windows) expect(to - from).toBeLessThanOrEqual(60 * 86_400_000_000)
  })

  it('says that there is no such service where it finds nothing for that reason', async () => {
    const [page] = pagesOf(JOURNAL)
    if (page === undefined) throw new Error('no page')
    const { backend } = await open({}, [{ ...page, resource: { 'service.name': 'etl' } }])
    expect(await collectFromJaeger(backend, ALL)).toEqual([
      {
        kind: 'unseen',
        problem: expect.stringMatching(/no service "rivet", only "etl"; .*OTEL_SERVICE_NAME/),
      },
    ])
    const empty = await open({}, [])
    expect(await collectFromJaeger(empty.backend, ALL)).toEqual([])
  })

  it.each<[string, Reply]>([
    ['data that is null', { status: 200, body: '{"data":null,"errors":null}' }],
    ['the page of a login', PAGE],
    [
      'a 500 of its storage',
      {
        status: 500,
        body: '{"data":null,"errors":[{"code":500,"msg":"min start time is above max"}]}',
      },
    ],
    ['a 400', { status: 400, body: '{"data":null,"errors":[{"code":400,"msg":"malformed"}]}' }],
  ])('is an error when it is answered with %s', async (_, reply) => {
    const { backend } = await open({ instead: () => reply }, [])
    await expect(collectFromJaeger(backend, ALL)).rejects.toMatchObject(UNREACHABLE)
  })

  it('passes on what the server says that it left out, and what cannot be read', async () => {
    const body =
      '{"data":[{"traceID":"1","spans":7}],"errors":[{"code":1,"msg":"one shard is gone"}]}'
    const { backend } = await open({ instead: () => ({ status: 200, body }) }, [])
    const problems = (await collectFromJaeger(backend, ALL)).map(
      (item) => item.kind === 'unseen' && item.problem,
    )
    expect(problems[0]).toMatch(/cannot be read/)
    expect(problems[1]).toMatch(/one shard is gone/)
  })
})

async function open(
  options: JaegerServerOptions,
  traces: readonly Trace[],
): Promise<{ backend: TraceBackend; server: JaegerServer }> {
  const server = await startJaegerServer(options)
  for (const trace of traces) server.keep(trace)
  const backend = openAt(server.url)
  closing.push(
    () => backend.close(),
    () => server.stop(),
  )
  return { backend, server }
}

function openAt(url: string, flags: Partial<BackendFlags> = {}): TraceBackend {
  const from = { url: `jaeger+${url}`, retryForMs: 0, ...flags, env: {}, version: '0.0.0' }
  return openJaeger(backendSettings(from))
}

/** A small run that ends so many ns after {@link T0}, a millisecond after it started. */
function run(
  runId: string,
  after: bigint,
  { exportName = 'orders', status = 'success' } = {},
): RunJournal {
  return new RunJournal(runId, exportName, [
    { recorded_at: formatTimestamp(T0 + after), event: warning('started') },
    { recorded_at: formatTimestamp(T0 + after + 1_000_000n), event: runCompleted(status, null, 1) },
  ])
}

function endOf({ entries }: RunJournal): bigint {
  const [page] = pagesOf(new RunJournal('any', 'any', entries))
  return page?.spans[0]?.endTimeUnixNano ?? 0n
}

function pagesOf(journal: RunJournal, options: MappingOptions = {}): Trace[] {
  return [...journalToTrace(journal, options)].map(({ trace }) => trace)
}

function withTraceId(journal: RunJournal, i: number): Trace {
  const [page] = pagesOf(journal)
  if (page === undefined) throw new Error('no page')
  const traceId = `ff${i.toString(16).padStart(30, '0')}`
  return { ...page, spans: page.spans.map((span) => ({ ...span, traceId })) }
}

function traceIdOfRun({ run_id: runId }: RunJournal): string {
  return traceIdOf({ namespace: '', runId, page: 0 })
}

/** What a search yields, but for what it says of long runs every time. */
