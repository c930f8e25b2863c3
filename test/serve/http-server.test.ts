import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { parseJournal } from '../../src/journal/codec.js'
import { RivetOtelError } from '../../src/problem.js'
import { MOST_STREAMS } from '../../src/serve/event-streams.js'
import { listedRun } from '../../src/serve/run-summary.js'
import { smallRun } from '../e2e/small-runs.js'
import { until } from '../e2e/watching.js'
import { serving as answering } from '../http/answering-server.js'
import { SHOP } from '../sources/places.js'
import { connected, eventsOf, runsUntil, serving, talk } from './serving.js'

const RUN = 'orders_20261121T085339.134_11188'
const PATHS = [
  '/',
  '/app.js',
  '/app.css',
  '/healthz',
  '/api/runs',
  `/api/run?run_id=${RUN}`,
  `/report?run_id=${RUN}`,
]

describe('the server', () => {
  it('answers GET, and HEAD with the same headers and no body', async () => {
    const { ask, url } = await serving({ from: SHOP })
    await runsUntil(url, ({ runs }) => runs.length > 11)
    for (const path of PATHS) {
      const [got, head] = [await ask(path), await ask(path, { method: 'HEAD' })]
      expect([path, got.status, head.status]).toEqual([path, 200, 200])
      expect(head.body).toBe('')
      expect(Number(got.headers['content-length'])).toBe(Buffer.byteLength(got.body))
      const withoutDate = ({ date: _, ...others }: typeof got.headers) => others
      expect(withoutDate(head.headers)).toEqual(withoutDate(got.headers))
    }
    const events = await ask('/api/events', { method: 'HEAD' })
    expect([events.status, events.headers['content-type']]).toEqual([200, 'text/event-stream'])
  })

  it('lets nobody frame, guess or keep what it answers', async () => {
    const { ask } = await serving({ from: SHOP })
    for (const path of [...PATHS, '/nothing', '/v1/traces']) {
      const { headers } = await ask(path)
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['cache-control']).toBe('no-store')
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
    const policy = (await ask('/')).headers['content-security-policy']
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toContain('unsafe')
  })

  it('has a page whose files are all its own', async () => {
    const { ask } = await serving({ from: SHOP })
    const { body } = await ask('/')
    const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file)
    expect(files).toEqual(['data:,', '/app.css', '/app.js'])
    expect(body).not.toMatch(/<style|<script>|\son\w+=|style=/)
    expect((await ask('/app.js')).headers['content-type']).toMatch(/^text\/javascript/)
    expect((await ask('/app.css')).headers['content-type']).toMatch(/^text\/css/)
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])(
    'refuses %s',
    async (method) => {
      const { ask } = await serving({ from: SHOP })
      for (const path of [...PATHS, '/api/events']) {
        const { status, headers } = await ask(path, { method, body: 'x' })
        expect([path, status, headers.allow]).toEqual([path, 405, 'GET, HEAD'])
      }
    },
  )

  it.each([
    '/nothing',
    '//',
    '//evil.example/',
    '/../etc/passwd',
    '/%2e%2e/etc/passwd',
    '/app.js/',
    '/APP.JS',
    '/api/runs/../run',
    '/api/runs%00',
    '/.rivet_state.db',
    '/__proto__',
    '/constructor',
    '/\u00e4',
  ])('has no %s, and says what there is', async (path) => {
    const { ask } = await serving({ from: SHOP })
    const { status, body } = await ask(encodeURI(decodeURI(path)))
    expect(status).toBe(404)
    expect(JSON.parse(body).problem).toContain('/api/runs')
    expect(body).not.toContain('passwd')
  })

  it('gives the runs of a place, one of them, and two side by side', async () => {
    const { ask, url } = await serving({ from: SHOP })
    const { runs, location, receiver } = await runsUntil(url, ({ runs }) => runs.length > 11)
    expect([location, receiver]).toEqual([SHOP, null])
    expect(runs[0]?.run_id).toBe(RUN)
    const one = JSON.parse((await ask(`/api/run?run_id=${RUN}`)).body)
    expect(one.summary).toEqual(runs[0])
    expect(one.attempts).toHaveLength(16)
    const other = runs[1]?.run_id ?? ''
    const diff = JSON.parse((await ask(`/api/diff?a=${RUN}&b=${other}`)).body)
    expect([diff.a.run_id, diff.b.run_id]).toEqual([RUN, other])
    const report = await ask(`/report?run_id=${RUN}`)
    expect(report.headers['content-disposition']).toBe(
      `attachment; filename="rivet-report-${RUN}.html"`,
    )
    expect(report.body).toContain(RUN)
  })

  it.each([
    ['/api/run', 400],
    ['/api/run?run_id=', 400],
    ['/api/run?run_id=nobody', 404],
    [`/api/run?run_id=${RUN}&namespace=eu`, 404],
    ['/api/run?run_id=%3Cscript%3E', 404],
    ['/api/run?run_id=%E0%A4%A', 404],
    ['/report?run_id=..%2F..%2Fetc%2Fpasswd', 404],
    ['/api/diff', 400],
    [`/api/diff?a=${RUN}`, 400],
    [`/api/diff?a=${RUN}&b=nobody`, 404],
  ])('answers %s with %i and a problem, as JSON', async (path, expected) => {
    const { ask } = await serving({ from: SHOP })
    const { status, body, headers } = await ask(path)
    expect(status).toBe(expected)
    expect(headers['content-type']).toMatch(/^application\/json/)
    const { problem } = JSON.parse(body)
    expect(problem).toBeTypeOf('string')
    expect(problem).not.toMatch(/\n|at .*\.[jt]s/)
  })

  it('does not repeat a password that somebody asks for', async () => {
    const { ask } = await serving({ from: SHOP })
    const { body } = await ask('/api/run?run_id=postgres://ana:hunter2secret@db/shop')
    expect(body).not.toContain('hunter2secret')
  })

  it('takes no spans where it receives nothing', async () => {
    const { ask } = await serving({ from: SHOP })
    const { status, body } = await ask('/v1/traces', { method: 'POST', body: '{}' })
    expect([status, JSON.parse(body).problem]).toEqual([
      404,
      expect.stringContaining('--no-receive'),
    ])
    expect((await ask('/v1/traces')).headers.allow).toBe('POST')
  })

  it('sends away what is no HTTP, too long, or has too much in front', async () => {
    const { url, ask } = await serving({ from: SHOP })
    expect(await talk(url, '\u0016\u0003\u0001\u0000\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    const long = `GET /?${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    expect(await talk(url, long)).toMatch(/^HTTP\/1\.1 431 /)
    expect((await ask('/healthz')).status).toBe(200)
  })

  it('sends away who does not finish asking', async () => {
    const { url, ask } = await serving({ from: SHOP })
    expect(await talk(url, 'GET /api/runs HTTP/1.1\r\nHost: local')).toMatch(/^HTTP\/1\.1 408 /)
    expect((await ask('/healthz')).status).toBe(200)
  })

  it('reads a few runs at a time, however many are asked for', async () => {
    const { url } = await answering((response) => {
      const isSearch = !/\/traces\//.test(response.req.url ?? '')
      if (isSearch) response.end('{"traces":[]}')
      else setTimeout(() => response.writeHead(404).end(), 50)
    })
    const { ask } = await serving({ from: `tempo+${url}`, retryForMs: 0 })
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => ask(`/api/run?run_id=${RUN}`)),
    )
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].sort()).toEqual([404, 503])
    expect((await ask(`/api/run?run_id=${RUN}`)).status).toBe(404)
  })

  it('cannot listen where something else does, and says what may', async () => {
    const { url } = await serving({ from: SHOP })
    const listen = { host: '127.0.0.1', port: Number(new URL(url).port) }
    const { openHttpServer } = await import('../../src/serve/http-server.js')
    const { EventStreams } = await import('../../src/serve/event-streams.js')
    const streams = new EventStreams()
    const never = openHttpServer({
      listen,
      allowHosts: [],
      parts: Object.create(null),
      streams,
      say: () => {},
    })
    await expect(never).rejects.toThrow(RivetOtelError)
    await expect(never).rejects.toMatchObject({ hint: expect.stringContaining('collector') })
    streams.close()
  })
})

const journal = (name: string) =>
  listedRun({ kind: 'journal', journal: parseJournal(smallRun(name)), where: '' })

describe('the streams of events', () => {
  it('are so many and no more, and one that ends makes room', async () => {
    const { url, ask } = await serving({})
    const sockets = await Promise.all(
      Array.from({ length: MOST_STREAMS }, async () => {
        const socket = await connected(url)
        socket.write('GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
        await once(socket, 'data')
        return socket
      }),
    )
    const refused = await ask('/api/events')
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '10'])
    sockets[0]?.destroy()
    let stream = await eventsOf(url)
    while (stream.response.status !== 200) stream = await eventsOf(url)
    for (const socket of sockets) socket.destroy()
  })

  it('drop a reader that reads nothing, and go on for the others', async () => {
    const { url, index } = await serving({ most: 100_000 })
    const slow = await connected(url)
    slow.pause()
    slow.write('GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const dropped = once(slow, 'close')
    const quick = await eventsOf(url)
    await until(() => quick.text.includes('retry'))
    // What the operating system takes for a reader is some megabytes.
    const one = journal('orders_0')
    for (let i = 0; i < 40_000; i += 500) {
      const names = Array.from({ length: 500 }, (_, j) => `orders_${i + j}`)
      const runs = names.map((name) => ({ ...one, summary: { ...one.summary, run_id: name } }))
      index.put('from', runs)
      await turn()
    }
    await until(() => quick.text.includes('orders_39999'))
    expect(quick.isOver).toBe(false)
    slow.resume()
    await dropped
  })
})
