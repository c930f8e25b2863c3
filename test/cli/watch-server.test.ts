import { once } from 'node:events'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { parseListenAddress } from '../../src/cli/listen-address.js'
import { WatchHealth } from '../../src/cli/watch-health.js'
import { WatchMetrics } from '../../src/cli/watch-metrics.js'
import { openWatchServer, type WatchServerOptions } from '../../src/cli/watch-server.js'
import { RivetOtelError } from '../../src/problem.js'
import { closing } from '../http/answering-server.js'
import { readExposition } from './exposition.js'

const MINUTE = 60_000

const asked = (host: string) => `GET /livez HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`

async function serve(options: Partial<WatchServerOptions> = {}) {
  const said: string[] = []
  const server = closing(
    await openWatchServer({
      listen: { host: '127.0.0.1', port: 0 },
      health: new WatchHealth(5000),
      metrics: new WatchMetrics(),
      say: (message) => said.push(message),
      ...options,
    }),
  )
  return { server, said, ask: (path: string, method = 'GET') => ask(server.url, path, method) }
}

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends the path as it is, which `fetch` would not. */
function ask(url: string, path: string, method: string): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const host = hostname.replace(/^\[|\]$/g, '')
    const asked = request({ host, port, path, method, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body })
      })
    })
    asked.on('error', reject).end()
  })
}

/** A connection as it comes; what the server says until it hangs up. */
async function talk(url: string, bytes: string): Promise<string> {
  const socket = await connected(url)
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
  socket.on('error', () => {})
  socket.write(bytes)
  await closed(socket)
  return answer
}

/** `once` would take a reset connection for a failure. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
}

async function connected(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

describe('the server of a watcher', () => {
  it('says its address once, and three pages', async () => {
    const { server, said, ask } = await serve()
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(said).toEqual([])
    const index = await ask('/')
    expect(index).toMatchObject({
      status: 200,
      body: 'rivet-otel watch: /livez, /readyz, /metrics\n',
    })
    for (const path of index.body.match(/\/[a-z]+/g) ?? [])
      expect((await ask(path)).status).not.toBe(404)
  })

  it('gives the metrics as Prometheus reads them', async () => {
    const { status, headers, body } = await (await serve()).ask('/metrics?name[]=up')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(headers['cache-control']).toBe('no-store')
    expect(readExposition(body).size).toBeGreaterThan(15)
  })

  it('answers HEAD as GET, without a body', async () => {
    const { ask } = await serve()
    for (const path of ['/', '/livez', '/readyz', '/metrics']) {
      const [get, head] = [await ask(path), await ask(path, 'HEAD')]
      expect([head.status, head.body]).toEqual([get.status, ''])
      expect(head.headers['content-type']).toBe(get.headers['content-type'])
    }
  })

  it('knows no other page and no other method', async () => {
    const { ask } = await serve()
    const paths = [
      '/metrics/',
      '/Metrics',
      '//livez',
      '/..',
      '/%6civez',
      '/constructor',
      '/__proto__',
    ]
    for (const path of paths) expect((await ask(path)).status, path).toBe(404)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, headers } = await ask('/metrics', method)
      expect([status, headers.allow], method).toEqual([405, 'GET, HEAD'])
    }
  })

  it('says that it could not, where the metrics cannot be put together', async () => {
    const text = () => Promise.reject(new Error('password=hunter2'))
    const { ask } = await serve({ metrics: { text, contentType: 'text/plain' } })
    const { status, body } = await ask('/metrics')
    expect(status).toBe(500)
    expect(body).not.toContain('hunter2')
    expect((await ask('/')).status).toBe(200)
  })

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'a header that is too long',
      `GET / HTTP/1.1\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
    ],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /^HTTP\/1\.1 400 /],
  ])('refuses %s, and goes on', async (_, bytes, expected) => {
    const { server, ask } = await serve()
    expect(await talk(server.url, bytes)).toMatch(expected)
    expect((await ask('/')).status).toBe(200)
  })

  it('goes on when connections break in the middle', async () => {
    const { server, ask } = await serve()
    for (const bytes of ['', 'GET /met', 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n']) {
      const socket = await connected(server.url)
      socket.on('error', () => {})
      socket.write(bytes)
      socket.resetAndDestroy()
    }
    expect((await ask('/metrics')).status).toBe(200)
  })

  it('ends at once, with connections that are kept and requests that are not finished', async () => {
    const { server } = await serve()
    const kept = await connected(server.url)
    kept.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(kept, 'data')
    const unfinished = await connected(server.url)
    unfinished.write('GET / HTTP/1.1\r\n')
    const ends = [kept, unfinished].map((socket) => {
      socket.on('error', () => {})
      return closed(socket)
    })
    await server.close()
    await Promise.all(ends)
    await expect(ask(server.url, '/', 'GET')).rejects.toThrow('ECONNREFUSED')
  })

  it('says what to do where it cannot listen', async () => {
    const other = closing(createTcpServer().listen(0, '127.0.0.1'))
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const refused = await serve({ listen: { host: '127.0.0.1', port } }).catch((error) => error)
    expect(refused).toBeInstanceOf(RivetOtelError)
    expect(refused).toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: `cannot listen at http://127.0.0.1:${port}: something else listens there`,
      hint: expect.stringContaining('--listen'),
    })
    const away = await serve({ listen: { host: '192.0.2.1', port: 0 } }).catch((error) => error)
    expect(away.message).toContain('this machine does not have that address')
  })

  it('listens where IPv6 is meant', async () => {
    const opened = await serve({ listen: parseListenAddress('--listen', '[::1]:0') }).catch(
      (error) => error,
    )
    if (opened instanceof RivetOtelError) {
      console.warn(`UNCHECKED: listening at ::1, ${opened.message}`)
      return
    }
    expect(opened.server.url).toMatch(/^http:\/\/\[::1\]:\d+$/)
    expect((await opened.ask('/')).status).toBe(200)
  })
})

describe('/livez', () => {
  it('is well while something is heard of the watcher, and says why not', async () => {
    let now = 0
    const health = new WatchHealth(5000, () => now)
    const { ask } = await serve({ health })
    now = 5 * MINUTE
    expect(await ask('/livez')).toMatchObject({
      status: 200,
      body: '{"status":"ok","reasons":[]}\n',
    })
    now += 1
    const { status, body, headers } = await ask('/livez')
    expect([status, headers['content-type']]).toEqual([503, 'application/json; charset=utf-8'])
    expect(JSON.parse(body)).toEqual({
      status: 'failing',
      reasons: ['nothing was heard of the watcher for 300 s; expected a look at least every 300 s'],
    })
    health.observe({ kind: 'look', waiting: 0 })
    expect((await ask('/livez')).status).toBe(200)
  })

  it('waits for ten looks where they are seldom', () => {
    let now = 0
    const health = new WatchHealth(MINUTE, () => now)
    now = 10 * MINUTE
    expect(health.alive().isWell).toBe(true)
    now += 1
    expect(health.alive().isWell).toBe(false)
  })

  it('is well in a look that takes hours, while runs go out', () => {
    let now = 0
    const health = new WatchHealth(5000, () => now)
    for (let minute = 0; minute < 120; minute++) {
      now += MINUTE
      health.observe({ kind: 'run', run: { where: 'row', result: 'empty', problem: 'none' } })
      expect(health.alive().isWell).toBe(true)
    }
  })
})

describe('the name that a client asks for', () => {
  it.each(['localhost', 'localhost:9464', '127.0.0.1:9464', '[::1]:9464'])(
    'may be %s',
    async (host) => {
      const { server } = await serve()
      expect(await talk(server.url, asked(host))).toMatch(/^HTTP\/1\.1 200 /)
    },
  )

  it.each(['evil.example', 'evil.example:9464', '127.0.0.1.evil.example', 'localhost.evil', ''])(
    'is refused as %j by a server of this machine alone',
    async (host) => {
      const { server } = await serve()
      expect(await talk(server.url, asked(host))).toMatch(/^HTTP\/1\.1 403 /)
    },
  )

  it('is of no interest to a server that is there for others', async () => {
    const { server } = await serve({ listen: { host: '0.0.0.0', port: 0 } })
    expect(await talk(server.url, asked('10.1.2.3:9464'))).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('/readyz', () => {
  it('is not ready before the state database was looked at', async () => {
    const health = new WatchHealth(5000)
    const { ask } = await serve({ health })
    expect((await ask('/readyz')).status).toBe(503)
    health.observe({ kind: 'look', waiting: 0 })
    expect((await ask('/readyz')).status).toBe(200)
  })

  it('says why the source or the target is not there, without a secret or what a terminal obeys', async () => {
    const health = new WatchHealth(5000)
    const { ask } = await serve({ health })
    health.observe({
      ...{ kind: 'source', isThere: false },
      problem: 'cannot reach postgres://ana:hunter2@db/shop',
    })
    health.observe({ kind: 'target', isThere: false, problem: '503 \u001b[31m\n' })
    health.observe({ kind: 'look', waiting: 1 })
    const { status, body } = await ask('/readyz')
    expect(status).toBe(503)
    expect(JSON.parse(body).reasons).toEqual([
      'the state database cannot be read: cannot reach postgres://ana:***@db/shop',
      'runs cannot be delivered: 503 \\x1b[31m\\n',
    ])
    expect((await ask('/livez')).status).toBe(200)
    health.observe({ kind: 'source', isThere: true })
    expect((await ask('/readyz')).status).toBe(503)
    health.observe({ kind: 'target', isThere: true })
    expect((await ask('/readyz')).status).toBe(200)
  })
})

describe('the address of --listen', () => {
  it.each([
    ['9464', '127.0.0.1', 9464],
    [':9464', '127.0.0.1', 9464],
    ['127.0.0.1:9464', '127.0.0.1', 9464],
    ['[::1]:9464', '::1', 9464],
    ['[::]:9464', '::', 9464],
    ['0.0.0.0:9464', '0.0.0.0', 9464],
    ['localhost:0', 'localhost', 0],
    ['127.0.0.1:65535', '127.0.0.1', 65_535],
  ])('%s', (text, host, port) => {
    expect(parseListenAddress('--listen', text)).toEqual({ host, port })
  })

  it.each([
    '',
    ':',
    'localhost',
    '127.0.0.1:',
    '::1:9464',
    '[::1]',
    '[x]:1',
    '127.0.0.1:65536',
    '1:2:3',
    'http://a:1',
    'a b:1',
    '-1',
    '9464/metrics',
    '\u001b[31m:1',
    '\u001b:1',
  ])('is not %j', (text) => {
    const parse = () => parseListenAddress('--listen', text)
    expect(parse).toThrow(RivetOtelError)
    expect(parse).toThrow(/^--listen .*: expected an address like/)
    expect(parse).not.toThrow('\u001b')
  })
})
