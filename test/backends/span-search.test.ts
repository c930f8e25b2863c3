import { afterEach, describe, expect, it } from 'vitest'
import { backendSettings } from '../../src/backends/backend-settings.js'
import { openJaeger } from '../../src/backends/jaeger.js'
import type { SpanSearch, SpanSearchItem } from '../../src/backends/span-search.js'
import { openTempo } from '../../src/backends/tempo.js'
import type { Span } from '../../src/trace/trace.js'
import { type JaegerServerOptions, startJaegerServer } from './jaeger-server.js'
import type { Reply } from './reply.js'
import { startTempoServer } from './tempo-server.js'

const NOW = (BigInt(Date.now()) / 1000n) * 1_000_000_000n
const MS = 1_000_000n
const SEARCH: SpanSearch = {
  startUnixNano: NOW,
  endUnixNano: NOW + 200n * MS,
  addresses: ['db1'],
}

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function tempoThatSays(reply: (url: URL) => Reply | undefined) {
  const server = await startTempoServer({ instead: reply })
  const url = `tempo+${server.url}`
  const tempo = openTempo(backendSettings({ url, retryForMs: 0, env: {}, version: '0' }))
  closing.push(() => tempo.close(), server.stop)
  return { tempo, server }
}

async function jaegerWith(options: JaegerServerOptions, env: Record<string, string> = {}) {
  const server = await startJaegerServer(options)
  const url = `jaeger+${server.url}`
  const jaeger = openJaeger(backendSettings({ url, retryForMs: 0, env, version: '0' }))
  closing.push(() => jaeger.close(), server.stop)
  return { jaeger, server }
}

async function all(items: AsyncIterable<SpanSearchItem>) {
  const spans: Span[] = []
  const said = { unseen: [] as string[], problem: [] as string[] }
  for await (const item of items) {
    if (item.kind === 'span') spans.push(item.received.span)
    else if (item.kind !== 'asked') said[item.kind].push(item.problem)
  }
  return { spans, ...said }
}

const json = (value: unknown): Reply => ({ status: 200, body: JSON.stringify(value) })

/** A trace as Tempo's search tells it. */
const foundTrace = (traceID: string, spans: readonly object[]) => ({
  traceID,
  spanSets: spans.map((span) => ({ spans: [span], matched: 1 })),
})
const foundSpan = (spanID: string, attributes: Record<string, unknown> = {}) => ({
  spanID,
  name: 'SELECT',
  startTimeUnixNano: String(NOW),
  durationNanos: '7000000',
  attributes: Object.entries(attributes).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  })),
})

describe('searching a Tempo for spans', () => {
  it('asks for the callers of the server first, in the window and in one for what came late', async () => {
    const { tempo, server } = await tempoThatSays(() => json({ traces: [], metrics: {} }))
    const { spans, unseen, problem } = await all(tempo.spansIn(SEARCH))
    expect({ spans, problem }).toEqual({ spans: [], problem: [] })
    expect(unseen).toEqual([expect.stringMatching(/^Tempo's search may miss spans/)])
    const asked = server.requests.map(({ searchParams }) => Object.fromEntries(searchParams))
    expect(asked).toHaveLength(6)
    expect(asked[0]?.q).toContain('span.server.address = "db1"')
    expect(asked[1]).toMatchObject({
      start: String(NOW / 1_000_000_000n),
      end: String(NOW / 1_000_000_000n + 301n),
      spss: '1',
    })
    for (const { q = '' } of asked) expect(q).toMatch(/\| by\(span:id\) \| select\(/)
  })

  it('reads what was selected, with ids in full', async () => {
    const selected = {
      'service.name': 'api',
      status: 'error',
      kind: 'client',
      statusMessage: 'no',
      'db.name': 'shop',
    }
    const { tempo } = await tempoThatSays(() =>
      json({ traces: [foundTrace('abc', [foundSpan('1', selected)])] }),
    )
    const { spans } = await all(tempo.spansIn(SEARCH))
    expect(spans[0]).toEqual({
      traceId: 'abc'.padStart(32, '0'),
      spanId: '1'.padStart(16, '0'),
      name: 'SELECT',
      kind: 3,
      startTimeUnixNano: NOW,
      endTimeUnixNano: NOW + 7n * MS,
      attributes: { 'db.name': 'shop' },
      events: [],
      links: [],
      status: { code: 2, message: 'no' },
    })
  })

  it('never asks more than it may of a server whose answers are always full', async () => {
    const traces = Array.from({ length: 500 }, (_, i) => foundTrace(`a${i}`, [foundSpan('1')]))
    const { tempo, server } = await tempoThatSays(() => json({ traces }))
    const { unseen } = await all(tempo.spansIn({ ...SEARCH, mostQuestions: 30 }))
    expect(server.requests).toHaveLength(30)
    expect(unseen.join('\n')).toMatch(/of all services only some were looked at/)
    expect(unseen.join('\n')).toMatch(/of the callers of the same server only some/)
  })

  it('learns the limits of the server, and says what it could not look at', async () => {
    const { tempo } = await tempoThatSays(({ searchParams }) => {
      if (Number(searchParams.get('limit')) > 50)
        return { status: 400, body: `limit ${searchParams.get('limit')} exceeds max limit 50` }
      const length = Number(searchParams.get('end')) - Number(searchParams.get('start'))
      if (length > 60)
        return { status: 400, body: 'range specified by start and end exceeds 1m0s. received …' }
      return json({ traces: [foundTrace('abc', [foundSpan('1')])] })
    })
    const { spans, unseen } = await all(tempo.spansIn(SEARCH))
    expect(spans.length).toBeGreaterThan(3)
    expect(unseen.join('\n')).toMatch(/no more than 60 seconds at once/)
  })

  it.each<[string, Reply, RegExp]>([
    ['no JSON', { status: 200, body: '<html>login</html>' }, /no JSON/],
    ['JSON of something else', json({ data: [] }), /not Tempo's/],
    ['a trace that is none', json({ traces: [7] }), /expected an object/],
    [
      'a refusal',
      { status: 400, body: 'parse error' },
      /refuses to search for spans: "parse error"/,
    ],
    ['an older server', { status: 404, body: 'no' }, /404/],
    [
      'an end for ever',
      { status: 400, body: 'range specified by start and end exceeds 0s' },
      /refuses to search/,
    ],
    ['a limit for ever', { status: 400, body: 'limit 1 exceeds max limit 0' }, /refuses to search/],
  ])('is an error for %s', async (_, reply, message) => {
    const { tempo } = await tempoThatSays(() => reply)
    await expect(all(tempo.spansIn(SEARCH))).rejects.toThrow(message)
  })

  it('leaves out a span that cannot be read, says so, and keeps the others', async () => {
    const bad = [
      { ...foundSpan('xyz') },
      { ...foundSpan('2'.repeat(17)) },
      { ...foundSpan('3'), attributes: { a: 1 } },
    ]
    const { tempo } = await tempoThatSays(() => json({ traces: [foundTrace('abc', bad)] }))
    const { spans, problem } = await all(tempo.spansIn(SEARCH))
    expect(new Set(spans.map(({ spanId }) => spanId))).toEqual(new Set(['3'.padStart(16, '0')]))
    expect(problem[0]).toMatch(/a span that the search found cannot be read: traces\[0\]/)
  })
})

function span(traceId: string, members: Partial<Span> = {}): Span {
  return {
    traceId: traceId.padStart(32, '0'),
    spanId: '1'.padStart(16, '0'),
    name: 'SELECT',
    kind: 3,
    startTimeUnixNano: NOW + 10n * MS,
    endTimeUnixNano: NOW + 20n * MS,
    attributes: {},
    events: [],
    links: [],
    ...members,
  }
}

describe('searching a Jaeger for spans', () => {
  it('asks every service, for spans that may have begun before the window', async () => {
    const { jaeger, server } = await jaegerWith({})
    const keep = (service: string, ...spans: Span[]) =>
      server.keep({
        resource: { 'service.name': service },
        scope: { name: '', version: '' },
        spans,
      })
    keep('api', span('a1'))
    keep('web', span('b1', { startTimeUnixNano: NOW - 1_000_000n * MS }))
    keep('old', span('c1', { startTimeUnixNano: NOW - 4_000_000n * MS }))
    keep('rivet', span('d1'))
    keep('rivet-otel-doctor', span('e1'))
    const { spans, unseen, problem } = await all(jaeger.spansIn(SEARCH))
    const found = new Set(spans.map(({ traceId }) => traceId.replace(/^0+/, '')))
    expect(found).toEqual(new Set(['a1', 'b1']))
    expect(problem).toEqual([])
    expect(unseen).toEqual([expect.stringMatching(/^spans that began more than an hour before/)])
    const asked = server.requests
      .slice(1)
      .map(({ searchParams }) => Object.fromEntries(searchParams))
    expect(asked.filter(({ service }) => service === 'rivet')).toEqual([
      expect.objectContaining({ tags: '{"rivet.trace.page":"0"}' }),
    ])
    expect(
      asked.find(({ service, minDuration }) => service === 'api' && minDuration),
    ).toMatchObject({
      minDuration: '1000000us',
      start: String((NOW - 3_600_000n * MS) / 1000n),
    })
    expect(
      asked.find(({ service, maxDuration }) => service === 'api' && maxDuration),
    ).toMatchObject({
      maxDuration: '1000001us',
      start: String((NOW - 1000n * MS) / 1000n),
      end: String((NOW + 200n * MS) / 1000n + 1n),
    })
  })

  it('asks for the callers of the same server where a service has too many spans', async () => {
    const { jaeger, server } = await jaegerWith({})
    for (let i = 1; i <= 3000; i++) {
      const attributes = i === 1700 ? { 'net.peer.name': 'db1' } : {}
      server.keep({
        resource: { 'service.name': 'api' },
        scope: { name: '', version: '' },
        spans: [span(i.toString(16), { attributes })],
      })
    }
    const { spans, unseen } = await all(jaeger.spansIn({ ...SEARCH, mostQuestions: 30 }))
    expect(spans.some(({ attributes }) => attributes['net.peer.name'] === 'db1')).toBe(true)
    expect(unseen.join('\n')).toMatch(/of service "api" only some were looked at/)
    expect(server.requests.length).toBeLessThanOrEqual(31)
  })

  it('names services that it did not ask', async () => {
    const data = Array.from({ length: 300 }, (_, i) => `s${String(i).padStart(3, '0')}`)
    const { jaeger, server } = await jaegerWith({
      instead: ({ pathname }) => (pathname === '/api/services' ? json({ data }) : undefined),
    })
    const { unseen } = await all(jaeger.spansIn(SEARCH))
    expect(unseen[0]).toBe(
      'the server has 300 services, of which 100 were asked; not "s100", "s101", "s102", "s103", "s104" and 195 more',
    )
    expect(server.requests.length).toBeLessThan(240)
  })

  it.each<[string, string, Reply, RegExp]>([
    ['no JSON', '/api/services', { status: 200, body: 'ok' }, /no JSON/],
    ['JSON of something else', '/api/services', json({ status: 'success' }), /no answer of Jaeger/],
    ['a search without data', '/api/traces', json({ data: {} }), /no answer of Jaeger/],
    ['a search that is refused', '/api/traces', { status: 400, body: 'no' }, /400/],
    ['an error of the server', '/api/traces', { status: 500, body: 'no' }, /500/],
  ])('is an error for %s', async (_, path, reply, message) => {
    const { jaeger } = await jaegerWith({
      instead: ({ pathname }) => {
        if (pathname === path) return reply
        return pathname === '/api/services' ? json({ data: ['api'] }) : undefined
      },
    })
    await expect(all(jaeger.spansIn(SEARCH))).rejects.toThrow(message)
  })

  it('finds nothing in a server without services, and leaves out names that are none', async () => {
    for (const data of [null, [], [7, '', null]]) {
      const { jaeger } = await jaegerWith({ instead: () => json({ data, errors: null }) })
      expect((await all(jaeger.spansIn(SEARCH))).spans).toEqual([])
    }
  })
})
