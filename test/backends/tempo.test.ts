import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { SearchItem, TraceBackend, TraceSearch } from '../../src/backends/backend.js'
import { type BackendFlags, backendSettings } from '../../src/backends/backend-settings.js'
import { openTempo } from '../../src/backends/tempo.js'
import { tempoQuery } from '../../src/backends/tempo-query.js'
import { SHORTEST_WINDOW, windowsOf } from '../../src/backends/tempo-windows.js'
import { MOST_QUERY_BYTES } from '../../src/backends/traceql.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { DOCTOR_SERVICE } from '../../src/mapping/resource.js'
import { describeBackend } from '../contracts/backend-contract.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { runCompleted, shopJournal } from '../journal/example-journals.js'
import { expectExact, imported } from '../mapping/both-ways.js'
import type { Reply } from './reply.js'
import { collect, idsOf } from './search-items.js'
import {
  NO_SUCH_PAGE,
  startTempoServer,
  type TempoServer,
  type TempoServerOptions,
} from './tempo-server.js'

const HOUR = 3600
const NOW = Math.floor(Date.now() / 1000)
const UNKNOWN = '12'.repeat(16)

const open = (url: string, flags: Partial<BackendFlags> = {}): TraceBackend =>
  openTempo(
    backendSettings({ url: `tempo+${url}`, retryForMs: 0, ...flags, env: {}, version: '0' }),
  )

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(options: TempoServerOptions = {}): Promise<{
  readonly server: TempoServer
  readonly tempo: TraceBackend
}> {
  const server = await startTempoServer(options)
  const tempo = open(server.url)
  closing.push(() => tempo.close(), server.stop)
  return { server, tempo }
}

/** A run of one second. */
function runOf(
  runId: string,
  endedAt: number,
  { exportName = 'orders', status = 'success' } = {},
): RunJournal {
  const recorded_at = formatTimestamp(unixNano(endedAt) + 436_857n)
  return new RunJournal(runId, exportName, [
    { recorded_at, event: runCompleted(status, null, 1000) },
  ])
}

function keep(server: TempoServer, run: RunJournal, sentAt?: number, revision = 0): void {
  for (const { trace } of journalToTrace(run, { revision })) server.keep(trace, sentAt)
}

function unixNano(seconds: number): bigint {
  return BigInt(seconds) * 1_000_000_000n
}

const idOf = (runId: string) => traceIdOf({ namespace: '', runId, page: 0 })

async function find(
  tempo: TraceBackend,
  since: number,
  until: number,
  more: Partial<TraceSearch> = {},
): Promise<{ readonly found: ReadonlyMap<string, bigint>; readonly unseen: readonly string[] }> {
  const found = new Map<string, bigint>()
  const unseen: string[] = []
  const query = { sinceUnixNano: unixNano(since), untilUnixNano: unixNano(until), ...more }
  for await (const item of tempo.search(query)) take(item, found, unseen)
  return { found, unseen }
}

function take(item: SearchItem, found: Map<string, bigint>, unseen: string[]): void {
  if (item.kind === 'unseen') unseen.push(item.problem)
  else found.set(item.traceId, item.endUnixNano)
}

/** A trace as an answer to a search lists it. */
function foundTrace(i: number) {
  const spans = [{ startTimeUnixNano: `${NOW - 60}000000000`, durationNanos: '5' }]
  return { traceID: `a${i}`, spanSets: [{ spans }] }
}

function windowsAskedFor({ requests }: TempoServer): { start: number; end: number }[] {
  return requests.flatMap(({ pathname, searchParams }) =>
    pathname === '/api/search' && searchParams.has('start')
      ? [{ start: Number(searchParams.get('start')), end: Number(searchParams.get('end')) }]
      : [],
  )
}

describe.each([
  { name: 'A small Tempo', options: {} },
  { name: 'A small Tempo of before its newer API', options: { isOlder: true } },
  { name: 'A small Tempo that gives no more than 20', options: { highestLimit: 20 } },
])('$name', ({ name, options }) => {
  describeBackend(name, async () => {
    const server = await startTempoServer(options)
    return {
      url: server.url,
      open,
      send: async (trace) => server.keep(trace),
      settled: async () => {},
      stop: server.stop,
    }
  })

  describeBackend(
    `${name} that has filed everything`,
    async () => {
      const server = await startTempoServer(options)
      return {
        url: server.url,
        open,
        send: async (trace) => server.keep(trace),
        settled: async () => server.file(),
        stop: server.stop,
      }
    },
    { cannotFindOldRuns: 'no window holds both a time 20 days ago and now' },
  )
})

describe('a trace by its id', () => {
  it('comes from the newer API, and from the older one where there is no newer one', async () => {
    const journal = shopJournal('orders')
    for (const isOlder of [false, true]) {
      const { server, tempo } = await start({ isOlder })
      keep(server, journal)
      for (let i = 0; i < 3; i++) {
        const { spans, problems } = await tempo.trace(idOf(journal.run_id))
        expect(problems).toEqual([])
        expectExact(imported(spans)[0], journal)
      }
      const asked = server.requests.map(({ pathname }) => pathname.replace(/[^/]*$/, ''))
      const [v1, v2] = ['/api/traces/', '/api/v2/traces/']
      expect(asked).toEqual(isOlder ? [v2, v1, v1, v1] : [v2, v2, v2])
    }
  })

  it('is unknown to an older server only if that is a Tempo', async () => {
    const { server, tempo } = await start({ isOlder: true })
    const isAskedFor = () => server.requests.some(({ pathname }) => pathname.endsWith('/tags'))
    expect(await tempo.trace(UNKNOWN)).toEqual({ spans: [], problems: [] })
    expect(isAskedFor()).toBe(true)
    const { tempo: another } = await start({
      instead: ({ pathname }) =>
        pathname.startsWith('/api/traces') ? { status: 404, body: '' } : NO_SUCH_PAGE,
    })
    await expect(another.trace(UNKNOWN)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  it('is unknown where a newer server answers 404, and the newer API stays in use', async () => {
    const journal = shopJournal('orders')
    const { server, tempo } = await start({
      instead: ({ pathname }) =>
        pathname.endsWith(UNKNOWN) ? { status: 404, body: 'trace not found' } : undefined,
    })
    keep(server, journal)
    for (const traceId of [UNKNOWN, idOf(journal.run_id), UNKNOWN, idOf(journal.run_id)]) {
      const { spans, problems } = await tempo.trace(traceId)
      expect(problems).toEqual([])
      expect(spans.length > 0).toBe(traceId !== UNKNOWN)
    }
    expect(server.requests.at(-1)?.pathname).toBe(`/api/v2/traces/${idOf(journal.run_id)}`)
    expect(server.requests.filter(({ pathname }) => pathname.endsWith('/tags'))).toHaveLength(1)
  })

  it('has what there is, and the words of the server, where it is not whole', async () => {
    const message = 'Trace exceeds maximum size of 1500 bytes, a partial trace is returned'
    const { server, tempo } = await start({
      instead: (url) =>
        url.pathname.startsWith('/api/v2') ? { status: 200, body: partial } : undefined,
    })
    const journal = shopJournal('orders')
    keep(server, journal)
    const url = `${server.url}/api/traces/${idOf(journal.run_id)}`
    const { batches } = JSON.parse(await (await fetch(url)).text())
    const partial = JSON.stringify({
      trace: { resourceSpans: batches },
      status: 'PARTIAL',
      message,
    })
    const { spans, problems } = await tempo.trace(idOf(journal.run_id))
    expect(spans.length).toBeGreaterThan(0)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(message)
  })

  it('shows no secret in the words of the server, not even a part of one', async () => {
    const secret = 'hush/hush "7f3a" and much more'
    for (const before of ['bad token ', 'x'.repeat(290)]) {
      const body = JSON.stringify({ trace: {}, status: 'PARTIAL', message: before + secret })
      const { server } = await start({ instead: () => ({ status: 200, body }) })
      const tempo = open(server.url, { headers: [`authorization=Bearer ${secret}`] })
      const { problems } = await tempo.trace(UNKNOWN)
      tempo.close()
      expect(problems).toEqual([expect.stringContaining(`${before}***`)])
    }
  })

  it('of an older server costs two questions where it is missing, once that is known for a Tempo', async () => {
    const journal = shopJournal('orders')
    const { server, tempo } = await start({ isOlder: true })
    const askedFor = async (traceId: string) => {
      const before = server.requests.length
      await tempo.trace(traceId)
      return server.requests.length - before
    }
    expect([await askedFor(UNKNOWN), await askedFor(UNKNOWN)]).toEqual([3, 2])
    keep(server, journal)
    const traceId = idOf(journal.run_id)
    expect([await askedFor(traceId), await askedFor(traceId)]).toEqual([2, 1])
    expect(await askedFor(UNKNOWN)).toBe(1)
  })

  it('is an error where the server says that the trace is too large for it', async () => {
    const words = 'trace exceeds max size (max bytes: 1500)'
    const { tempo } = await start({
      isOlder: true,
      instead: ({ pathname }) =>
        pathname.startsWith('/api/traces') ? { status: 422, body: words } : undefined,
    })
    await expect(tempo.trace(UNKNOWN)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining(words),
    })
  })

  it.each<[string, Reply]>([
    ['a trace that is a text', { status: 200, body: '{"trace":"none"}' }],
    ['a trace that is not there', { status: 200, body: '{"metrics":{}}' }],
    ['JSON that breaks off', { status: 200, body: '{"trace":{"resourceSpans":[', isCut: true }],
    ['nothing', { status: 200, body: '' }],
    ['a refusal', { status: 400, body: 'trace IDs can only contain hex characters' }],
    ['an error', { status: 500, body: 'too many failed block queries 1 (max 0)' }],
    ["another server's page", NO_SUCH_PAGE],
    ["Jaeger's answer", { status: 404, body: '{"errors":[{"code":404,"msg":"not found"}]}' }],
  ])('is an error, not an unknown trace, where the answer is %s', async (_, reply) => {
    const { tempo, server } = await start({ instead: () => reply })
    await expect(tempo.trace(UNKNOWN)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining(new URL(server.url).host),
    })
  })
})

describe('a search', () => {
  it('covers every second, and every run that was sent within half a window of its end', () => {
    const times = fc.record({
      start: fc.integer({ min: 0, max: 1000 }),
      length: fc.integer({ min: 0, max: 3000 }),
      longest: fc.integer({ min: SHORTEST_WINDOW, max: 500 }),
      shorter: fc.integer({ min: SHORTEST_WINDOW, max: 500 }),
      refusing: fc.nat({ max: 5 }),
    })
    fc.assert(
      fc.property(times, ({ start, length, longest, shorter, refusing }) => {
        const range = { start, end: start + length }
        let allowed = longest
        const windows: { start: number; end: number }[] = []
        let asked = 0
        for (const window of windowsOf(range, () => allowed)) {
          if (asked++ === refusing) allowed = Math.min(allowed, shorter)
          if (window.end - window.start <= allowed) windows.push(window)
          expect(asked).toBeLessThan(10_000)
        }
        const late = Math.floor(allowed / 2)
        for (let ended = range.start; ended <= range.end; ended++) {
          for (const sent of [ended, Math.min(ended + late, range.end)]) {
            const holds = windows.some(({ start, end }) => start <= ended && sent <= end)
            if (!holds) throw new Error(`no window holds ${ended} and ${sent}`)
          }
        }
      }),
      { numRuns: propertyCases(300) },
    )
  })

  it('finds what is in no block yet, however late it was sent', async () => {
    const { server, tempo } = await start()
    keep(server, runOf('late', NOW - 300 * 24 * HOUR))
    const { found } = await find(tempo, NOW - 301 * 24 * HOUR, NOW)
    expect([...found]).toEqual([[idOf('late'), unixNano(NOW - 300 * 24 * HOUR) + 436_857n]])
  })

  it('finds a filed run that was sent within half a window of its end, wherever the windows lie', async () => {
    const { server, tempo } = await start()
    const ages = Array.from({ length: 60 }, (_, i) => (i * 7 + 90) * HOUR)
    for (const age of ages) keep(server, runOf(`${age}`, NOW - age), NOW - age + 84 * HOUR)
    server.file()
    const { found, unseen } = await find(tempo, NOW - 600 * HOUR, NOW)
    expect(ages.filter((age) => !found.has(idOf(`${age}`)))).toEqual([])
    expect(unseen).toHaveLength(1)
    expect(unseen[0]).toContain('more than 84 hours after it ended')
    expect(windowsAskedFor(server).every(({ start, end }) => end - start <= 168 * HOUR)).toBe(true)
  })

  it('finds a run that was sent after the time that is asked for', async () => {
    const { server, tempo } = await start()
    keep(server, runOf('early', NOW - 500 * HOUR), NOW - 430 * HOUR)
    server.file()
    const { found } = await find(tempo, NOW - 501 * HOUR, NOW - 499 * HOUR)
    expect([...found.keys()]).toEqual([idOf('early')])
  })

  it('gives only what ended in the time that is asked for, its first instant included', async () => {
    const { server, tempo } = await start()
    const end = unixNano(NOW - HOUR) + 436_857n
    keep(server, runOf('it', NOW - HOUR))
    const among = async (sinceUnixNano: bigint, untilUnixNano: bigint) =>
      (await find(tempo, 0, 0, { sinceUnixNano, untilUnixNano })).found.size
    expect(await among(end, end + 1n)).toBe(1)
    expect(await among(end + 1n, end + 1000n)).toBe(0)
    expect(await among(end - 1000n, end - 1n)).toBe(0)
  })

  it('gives the ends in the asked time of each of several revisions', async () => {
    const { server, tempo } = await start()
    const [older, newer] = [NOW - 2 * HOUR, NOW - HOUR]
    keep(server, runOf('twice', older), older, 0)
    keep(server, runOf('twice', newer), newer, 1)
    server.file()
    const ends = async (since: number, until: number) => {
      const query = { sinceUnixNano: unixNano(since), untilUnixNano: unixNano(until) }
      const items = await collect(tempo, query)
      expect(idsOf(items)).toEqual(new Set([idOf('twice')]))
      return items.flatMap((item) => (item.kind === 'found' ? [item.endUnixNano] : []))
    }
    const endOf = (ended: number) => unixNano(ended) + 436_857n
    expect(await ends(NOW - 3 * HOUR, NOW - 1.5 * HOUR)).toEqual([endOf(older)])
    expect(await ends(NOW - 1.5 * HOUR, NOW)).toEqual([endOf(newer)])
    expect(await ends(NOW - 3 * HOUR, NOW)).toEqual([endOf(older), endOf(newer)])
  })

  it('puts back the zeros at the front of an id', async () => {
    const { server, tempo } = await start()
    const runId = Array.from({ length: 10_000 }, (_, i) => `run_${i}`).find((id) =>
      idOf(id).startsWith('00'),
    )
    keep(server, runOf(runId ?? '', NOW - 60))
    expect([...(await find(tempo, NOW - HOUR, NOW)).found.keys()]).toEqual([idOf(runId ?? '')])
  })

  it('learns from a refusal how long a window may be, once', async () => {
    const { server, tempo } = await start({ longestWindow: 5400 })
    keep(server, runOf('in time', NOW - 20 * HOUR), NOW - 20 * HOUR + 2700)
    server.file()
    const { found, unseen } = await find(tempo, NOW - 24 * HOUR, NOW)
    expect(found.size).toBe(1)
    expect(unseen.join()).toContain('more than 45 minutes after it ended')
    await find(tempo, NOW - 24 * HOUR, NOW)
    const lengths = windowsAskedFor(server).map(({ start, end }) => end - start)
    expect(lengths.filter((length) => length > 5400)).toHaveLength(1)
    expect(Math.max(...lengths.slice(1))).toBe(5400)
  })

  it('halves the window where the refusal does not say how long it may be', async () => {
    const { server, tempo } = await start({
      instead: ({ searchParams }) =>
        Number(searchParams.get('end')) - Number(searchParams.get('start')) > 7000
          ? { status: 400, body: 'range specified by start and end exceeds the limit' }
          : undefined,
    })
    keep(server, runOf('there', NOW - 20 * HOUR), NOW - 20 * HOUR)
    server.file()
    expect((await find(tempo, NOW - 24 * HOUR, NOW)).found.size).toBe(1)
  })

  it('gives up where no window is short enough', async () => {
    const { tempo } = await start({ longestWindow: 1 })
    await expect(find(tempo, NOW - HOUR, NOW)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  it('finds all of many runs, late ones too, where an answer has room for few', async () => {
    const { server, tempo } = await start({ highestLimit: 7 })
    const ids = Array.from({ length: 300 }, (_, i) => `many_${i}`)
    for (const id of ids) keep(server, runOf(id, NOW - 80 * HOUR), NOW - 2 * HOUR)
    server.file()
    const { found, unseen } = await find(tempo, NOW - 81 * HOUR, NOW)
    expect(ids.filter((id) => !found.has(idOf(id)))).toEqual([])
    expect(unseen).toHaveLength(1)
  })

  it('says so where an answer stays full however it is cut', async () => {
    const { server, tempo } = await start({ highestLimit: 2 })
    for (let i = 0; i < 3; i++) {
      const [page] = journalToTrace(runOf('same', NOW - 60), { namespace: `${i}` })
      if (page !== undefined) server.keep(page.trace)
    }
    const { found, unseen } = await find(tempo, NOW - HOUR, NOW)
    expect(found.size).toBe(2)
    expect(unseen.join()).toContain('have the same journal')
  })

  it.each([
    ['the same', 0],
    ['others', 100],
  ])(
    'is an error after few questions where a server ignores its query and gives %s every time',
    async (_, step) => {
      let asked = 0
      const { server, tempo } = await start({
        instead: () => {
          const first = step * asked++
          const traces = Array.from({ length: 1000 }, (_, i) => foundTrace(first + i))
          return { status: 200, body: JSON.stringify({ traces }) }
        },
      })
      await expect(find(tempo, NOW - HOUR, NOW)).rejects.toMatchObject({
        code: 'UNREACHABLE',
        message: expect.stringContaining('does not obey the query of a search'),
      })
      expect(server.requests.length).toBeLessThan(20)
    },
  )

  it('finds all but a few of crowds with the same journals', async () => {
    const { server, tempo } = await start({ highestLimit: 7 })
    for (const runId of ['one', 'another']) {
      for (let i = 0; i < 20; i++) {
        const [page] = journalToTrace(runOf(runId, NOW - 60), { namespace: `${i}` })
        if (page !== undefined) server.keep(page.trace)
      }
    }
    const alone = Array.from({ length: 40 }, (_, i) => `alone_${i}`)
    for (const id of alone) keep(server, runOf(id, NOW - 60))
    const { found, unseen } = await find(tempo, NOW - HOUR, NOW)
    expect(alone.filter((id) => !found.has(idOf(id)))).toEqual([])
    expect(unseen.join()).toContain('have the same journal')
  })

  it('goes on, and says so, where a search without a window is refused as too long', async () => {
    const { server, tempo } = await start({
      instead: ({ pathname, searchParams }) =>
        pathname === '/api/search' && !searchParams.has('start')
          ? { status: 400, body: 'range specified by start and end exceeds 1h0m0s' }
          : undefined,
    })
    keep(server, runOf('filed', NOW - 60))
    server.file()
    const { found, unseen } = await find(tempo, NOW - HOUR, NOW)
    expect(found.size).toBe(1)
    expect(unseen.join()).toContain('exceeds 1h0m0s')
  })

  it('says so where the server stopped before it had looked everywhere', async () => {
    const { tempo } = await start({ stopsEarly: true })
    const { unseen } = await find(tempo, NOW - 900 * HOUR, NOW)
    expect(unseen.filter((problem) => problem.includes('stopped searching'))).toHaveLength(1)
  })

  it('says that runs sent just now may be missing, and nothing more where one window is enough', async () => {
    const { unseen } = await find((await start()).tempo, NOW - 100 * HOUR, NOW)
    expect(unseen).toEqual([
      "Tempo's search may miss a run that was sent within the last hour; such a run is read by its run_id",
    ])
  })

  it('finds a run in one window up to now, and says what it misses where there is no such window', async () => {
    const { server, tempo } = await start()
    for (const age of [160, 180]) keep(server, runOf(`${age}`, NOW - age * HOUR), NOW)
    server.file()
    const near = await find(tempo, NOW - 161 * HOUR, NOW - 159 * HOUR)
    expect([...near.found.keys()]).toEqual([idOf('160')])
    expect(near.unseen.join()).not.toContain('after it ended')
    const far = await find(tempo, NOW - 181 * HOUR, NOW - 179 * HOUR)
    expect(far.found.size).toBe(0)
    expect(far.unseen.join()).toContain('more than 84 hours after it ended')
    expect(windowsAskedFor(server)).toHaveLength(2)
  })

  it('looks 400 days back, and says to which date', async () => {
    const { server, tempo } = await start()
    const { unseen } = await find(tempo, 0, NOW)
    const oldest = Math.min(...windowsAskedFor(server).map(({ start }) => start))
    expect(Math.abs(oldest - (NOW - 400 * 24 * HOUR))).toBeLessThan(60)
    expect(unseen).toHaveLength(2)
    expect(unseen[0]).toContain(formatTimestamp(unixNano(oldest)))
  })

  it('takes a time in the far future for one that is not over', async () => {
    const { server, tempo } = await start()
    keep(server, runOf('now', NOW - 60), NOW)
    server.file()
    expect((await find(tempo, NOW - HOUR, 4_102_444_800)).found.size).toBe(1)
    expect(Math.max(...windowsAskedFor(server).map(({ end }) => end))).toBeLessThan(2 ** 31)
  })

  it('goes on, and says so, where a server searches in windows only', async () => {
    const { server, tempo } = await start({
      instead: ({ pathname, searchParams }) =>
        pathname === '/api/search' && !searchParams.has('start')
          ? { status: 400, body: 'start is required' }
          : undefined,
    })
    keep(server, runOf('filed', NOW - 60))
    server.file()
    const { found, unseen } = await find(tempo, NOW - HOUR, NOW)
    expect(found.size).toBe(1)
    expect(unseen.join()).toContain('start is required')
  })

  it.each<[string, Reply]>([
    ['a query that is not understood', { status: 400, body: 'invalid TraceQL query: parse error' }],
    ['no search', NO_SUCH_PAGE],
    ['an error', { status: 500, body: 'internal error' }],
    ['JSON that breaks off', { status: 200, body: '{"traces":[{"traceID":"', isCut: true }],
    ['a list that is none', { status: 200, body: '{"traces":{}}' }],
    ['a trace without an id', { status: 200, body: '{"traces":[{}]}' }],
    ['a trace without spans', { status: 200, body: '{"traces":[{"traceID":"1"}]}' }],
    [
      'a time that is none',
      {
        status: 200,
        body: '{"traces":[{"traceID":"1","spanSets":[{"spans":[{"startTimeUnixNano":"soon"}]}]}]}',
      },
    ],
  ])('is an error where the answer is %s', async (_, reply) => {
    const { tempo, server } = await start({ instead: () => reply })
    await expect(find(tempo, NOW - HOUR, NOW)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining(new URL(server.url).host),
    })
  })

  it('takes an answer without a list for an empty one, as Tempo may write it', async () => {
    const { tempo } = await start({ instead: () => ({ status: 200, body: '{"metrics":{}}' }) })
    expect((await find(tempo, NOW - HOUR, NOW)).found.size).toBe(0)
  })

  it('reads the one set of spans of an older server', async () => {
    const body = `{"traces":[{"traceID":"A1","spanSet":{"spans":[{"startTimeUnixNano":"${NOW - 60}000000007","durationNanos":"5"}]}}]}`
    const { tempo } = await start({ instead: () => ({ status: 200, body }) })
    expect([...(await find(tempo, NOW - HOUR, NOW)).found]).toEqual([
      ['a1'.padStart(32, '0'), unixNano(NOW - 60) + 12n],
    ])
  })
})

describe('a query', () => {
  it('has the names and the statuses as conditions, quoted', () => {
    const serviceName = 'rivet'
    const query = tempoQuery(
      { exports: ['a', 'b "c" \\ \n'], statuses: ['failed'], serviceName },
      '0f',
    )
    expect(query).toBe(
      '{ span.rivet.trace.page = 0 && resource.service.name != "rivet-otel-doctor" && (span.rivet.export.name = "a" || span.rivet.export.name = "b \\"c\\" \\\\ \\n") && span.rivet.run.status = "failed" && span.rivet.journal.digest =~ "^0f.*" } | by(span.rivet.journal.digest)',
    )
  })

  it('leaves out what cannot be a condition, so that it asks for more', () => {
    const serviceName = 'rivet'
    const all = tempoQuery({ serviceName }, '')
    expect(tempoQuery({ serviceName, exports: [] }, '')).toBe(all)
    expect(tempoQuery({ serviceName, exports: ['a', 'x'.repeat(2049)] }, '')).toBe(all)
    const many = Array.from({ length: 500 }, (_, i) => `e${i}`)
    expect(tempoQuery({ serviceName, exports: many }, '')).toBe(all)
    // What fits stays.
    expect(tempoQuery({ serviceName, exports: many, statuses: ['failed'] }, '')).toBe(
      tempoQuery({ serviceName, statuses: ['failed'] }, ''),
    )
  })

  it('is never longer than Tempo reads, and has the same conditions for every part of an answer', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { maxLength: 30 })
    const conditions = fc.record({
      exports: texts,
      statuses: texts,
      serviceName: fc.constantFrom('rivet', DOCTOR_SERVICE),
    })
    fc.assert(
      fc.property(conditions, (asked) => {
        const parts = ['', '0', '89abcdef'].map((digits) => tempoQuery(asked, digits))
        for (const query of parts)
          expect(Buffer.byteLength(query)).toBeLessThanOrEqual(MOST_QUERY_BYTES)
        const whole = parts.map((query) =>
          query.replace(
            / && span\.rivet\.journal\.digest =~ "\^\w*\.\*" }(?= \| by\([^"]*$)/,
            ' }',
          ),
        )
        expect(new Set(whole).size).toBe(1)
      }),
    )
  })

  it('keeps a condition that takes all the room there is, and not one that takes a byte more', () => {
    const serviceName = 'rivet'
    const lengthOf = (name: string) =>
      Buffer.byteLength(tempoQuery({ serviceName, exports: [name] }, '01234567'))
    const longest = 'x'.repeat(MOST_QUERY_BYTES - lengthOf(''))
    expect(lengthOf(longest)).toBe(MOST_QUERY_BYTES)
    expect(tempoQuery({ serviceName, exports: [`${longest}x`] }, '')).toBe(
      tempoQuery({ serviceName }, ''),
    )
  })
})
