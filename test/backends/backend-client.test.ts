import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type BackendClientOptions, openBackendClient } from '../../src/backends/backend-client.js'
import { type BackendFlags, backendSettings } from '../../src/backends/backend-settings.js'
import { RivetOtelError } from '../../src/problem.js'
import { closing, nobody, serving, servingTcp } from '../http/answering-server.js'
import { Authority, hasOpenssl } from '../http/certificates.js'

const TRACE = '/api/v2/traces/0af7651916cd43dd8448eb211c80319c'

interface Opening {
  readonly flags?: Omit<BackendFlags, 'url'>
  readonly options?: BackendClientOptions
}

/** A client that tries nothing again unless the flags say so. */
function clientAt(url: string, { flags, options }: Opening = {}) {
  const from = { url: `tempo+${url}`, retryForMs: 0, ...flags, env: {}, version: '1.2.3' }
  return closing(openBackendClient(backendSettings(from), options))
}

async function problemAt(url: string, opening: Opening = {}): Promise<RivetOtelError> {
  try {
    await clientAt(url, opening).getJson(TRACE)
  } catch (error) {
    if (error instanceof RivetOtelError) return error
    throw error
  }
  throw new Error('no error came')
}

type Answer = (response: ServerResponse, before: number) => unknown

async function problemAfter(answer: Answer, opening: Opening = {}) {
  const server = await serving(answer)
  const { code, message, hint } = await problemAt(server.url, opening)
  expect(code).toBe('UNREACHABLE')
  expect(message.startsWith(`tempo+${server.url}`)).toBe(true)
  return { message: message.replace(server.url, 'URL'), hint, requests: server.requests }
}

/** A clock that only sleeping turns on. */
function clock() {
  let at = 0
  const waits: number[] = []
  const options = {
    now: () => at,
    random: () => 0.5,
    sleep: async (ms: number) => {
      waits.push(ms)
      at += ms
    },
  }
  return { options, waits }
}

describe('a question', () => {
  it('is a GET below the base path, with the headers and parameters, and asks for JSON in gzip', async () => {
    const server = await serving((response) => response.end('{}'))
    const flags = { headers: ['x-a=b'], tenant: 'team' }
    const url = server.url.replace('//', '//me:pw@')
    await clientAt(`${url}/base/?key=1`, { flags }).getJson('/api/search', {
      q: '{ .a = "b&c" }',
      limit: '20',
    })
    expect(server.requests).toMatchObject([
      {
        method: 'GET',
        path: '/base/api/search?key=1&q=%7B+.a+%3D+%22b%26c%22+%7D&limit=20',
        headers: {
          accept: 'application/json',
          'accept-encoding': 'gzip',
          authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
          'user-agent': 'rivet-otel/1.2.3',
          'x-a': 'b',
          'x-scope-orgid': 'team',
        },
      },
    ])
  })

  it('goes to the root where the location has no path', async () => {
    const server = await serving((response) => response.end('{}'))
    await clientAt(server.url).getJson(TRACE)
    expect(server.requests[0]?.path).toBe(TRACE)
  })
})

describe('an answer', () => {
  it('comes as JSON with exact integers', async () => {
    const server = await serving((response) => response.end('{"rows":9223372036854775807}'))
    expect(await clientAt(server.url).getJson(TRACE)).toEqual({
      status: 200,
      value: { rows: 9223372036854775807n },
      words: '',
    })
  })

  it('is the same when it comes in gzip', async () => {
    const packed = gzipSync(JSON.stringify({ text: 'x'.repeat(100_000) }))
    const server = await serving((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
    )
    const { value } = await clientAt(server.url).getJson(TRACE)
    expect(value).toEqual({ text: 'x'.repeat(100_000) })
  })

  it.each<[number, string, string, unknown, string]>([
    [404, 'text/plain', '404 page not found\n', undefined, '404 page not found'],
    [404, 'text/plain', '', undefined, ''],
    [
      404,
      'application/json',
      '{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}',
      { data: null, errors: [{ code: 404, msg: 'trace not found' }] },
      'trace not found',
    ],
    [
      404,
      'text/plain',
      '{"error":{"httpCode":404,"message":"No traces found"}}',
      { error: { httpCode: 404, message: 'No traces found' } },
      'No traces found',
    ],
    [
      400,
      'text/plain; charset=utf-8',
      'range specified by start and end exceeds 168h0m0s',
      undefined,
      'range specified by start and end exceeds 168h0m0s',
    ],
  ])(
    'of %i (%s) is one, with the words of the server: %j',
    async (status, type, body, value, words) => {
      const server = await serving((response) =>
        response.writeHead(status, { 'content-type': type }).end(body),
      )
      expect(await clientAt(server.url).getJson(TRACE)).toEqual({ status, value, words })
    },
  )

  it('is waited for where the server asks for that, and that is said', async () => {
    const said: string[] = []
    const { options, waits } = clock()
    const server = await serving((response, before) =>
      before === 0
        ? response.writeHead(429, { 'retry-after': '3' }).end()
        : response.end('{"ok":true}'),
    )
    const client = clientAt(server.url, {
      flags: { retryForMs: 10_000 },
      options: { ...options, onRetry: (message) => said.push(message) },
    })
    expect((await client.getJson(TRACE)).value).toEqual({ ok: true })
    expect(waits).toEqual([3000])
    expect(said).toEqual([`tempo+${server.url}: answered 429; trying again in 3 s`])
  })
})

describe('what is no usable answer is an error:', () => {
  const PORTS = "Jaeger's query API is usually on port 16686, Tempo's on 3200"

  it('nothing listens there', async () => {
    const url = await nobody()
    const { code, message, hint } = await problemAt(url)
    expect(code).toBe('UNREACHABLE')
    expect(message).toBe(`tempo+${url}: nothing listens there (connection refused)`)
    expect(hint).toBe(
      `Check the address, and that the server runs; ${PORTS}. --retry-for tries for longer.`,
    )
  })

  it('the host name is not known', async () => {
    const { message } = await problemAt('http://no-such-host.invalid:3200')
    expect(message).toMatch(/^tempo\+http:\/\/no-such-host\.invalid:3200: the host name /)
  })

  it('none comes in time', async () => {
    const { message } = await problemAfter(() => {}, { flags: { timeoutMs: 50 } })
    expect(message).toBe('tempo+URL: no answer within 50 ms (--timeout allows more)')
  })

  it('it comes too slowly', async () => {
    const drip: Answer = (response) => {
      response.write('[1')
      const timer = setInterval(() => response.write(',1'), 20)
      response.on('close', () => clearInterval(timer))
    }
    const { message } = await problemAfter(drip, { flags: { timeoutMs: 150 } })
    expect(message).toBe('tempo+URL: no answer within 150 ms (--timeout allows more)')
  })

  it('it is cut short in the middle', async () => {
    const url = await servingTcp((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"trace":{}}'),
    )
    const { message } = await problemAt(url)
    expect(message).toBe(`tempo+${url}: the answer broke off in the middle`)
  })

  it('it is no HTTP', async () => {
    const url = await servingTcp((socket) => socket.end('SSH-2.0-x\r\n'))
    const { message, hint } = await problemAt(url)
    expect(message).toBe(`tempo+${url}: what answers there does not speak HTTP/1.1; ${PORTS}`)
    expect(hint).toBeUndefined()
  })

  it.each<[number, string, RegExp]>([
    [401, 'no org id', /^Check the credentials in --header, RIVET_OTEL_READ_HEADERS or the URL, /],
    [403, 'not yours', /, and --tenant where the server has tenants\.$/],
    [405, '', /^Is it the address of the server's query API/],
    [429, 'slower', /^It may answer later; --retry-for tries for longer\.$/],
    [500, 'internal', /^The server's own log says more\.$/],
    [503, 'busy', /^It may answer later; --retry-for tries for longer\.$/],
  ])('an answer of %i', async (status, body, expected) => {
    const { message, hint, requests } = await problemAfter((response) =>
      response.writeHead(status).end(body),
    )
    const said = body === '' ? '' : `: "${body}"`
    expect(message).toBe(`tempo+URL answered GET ${TRACE} with ${status}${said}`)
    expect(hint).toMatch(expected)
    expect(requests).toHaveLength(1)
  })

  it('an answer of 401, which names the flag that the headers came from', async () => {
    const { hint } = await problemAfter((response) => response.writeHead(401).end(), {
      flags: { headersFlag: '--read-header' },
    })
    expect(hint).toMatch(
      /^Check the credentials in --read-header, RIVET_OTEL_READ_HEADERS or the URL, /,
    )
  })

  it.each([204, 206, 304, 410])('an answer of %i, which says nothing useful', async (status) => {
    const { message } = await problemAfter((response) => response.writeHead(status).end())
    expect(message).toContain(`answered GET ${TRACE} with ${status}`)
  })

  it('a server that is busy for ever, once the time for that is over', async () => {
    const { options, waits } = clock()
    const busy: Answer = (response) => response.writeHead(503).end()
    const opening = { flags: { retryForMs: 10_000 }, options }
    const { message, requests } = await problemAfter(busy, opening)
    expect(message).toBe(`tempo+URL answered GET ${TRACE} with 503`)
    expect(waits).toEqual([1000, 2000, 4000])
    expect(requests).toHaveLength(4)
  })

  it('a redirect, which is not followed', async () => {
    const { message, hint, requests } = await problemAfter((response) =>
      response.writeHead(302, { location: 'https://login.example.com/in?token=s3cret' }).end(),
    )
    expect(message).toBe(
      `tempo+URL answered GET ${TRACE} with 302 and points to https://login.example.com/in; redirects are not followed`,
    )
    expect(hint).toBe('Name that place as the location if it is the right one.')
    expect(requests).toHaveLength(1)
  })

  it.each([200, 400, 404])('a page for people, with %i', async (status) => {
    const { message, hint } = await problemAfter((response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>\n<h1>Sign in'),
    )
    expect(message).toContain(`answered GET ${TRACE} with ${status}`)
    expect(message).toContain('<html> <h1>Sign in')
    expect(hint).toContain('and not of a login page or a proxy?')
  })

  it('nothing with 200', async () => {
    const { message } = await problemAfter((response) => response.end())
    expect(message).toBe(`tempo+URL answered GET ${TRACE} with 200 and nothing; expected JSON`)
  })

  it.each<[string, string | Buffer]>([
    ['half an object', '{"trace":{"resourceSpans":['],
    ['half a surrogate pair', '{"a":"\\ud800"}'],
    ['two documents', '{}{}'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('%s', async (_, body) => {
    const { message } = await problemAfter((response) => response.end(body))
    expect(message).toMatch(
      /^tempo\+URL answered GET \S+ with 200 and something that is no JSON: ".*" \(.+\)$/,
    )
  })

  it('an answer over the limit, also when it is small in gzip', async () => {
    const options = { maxAnswerBytes: 1000 }
    const text = JSON.stringify('x'.repeat(1000))
    const plain = await problemAfter((response) => response.end(text), { options })
    expect(plain.message).toBe(
      `tempo+URL answered GET ${TRACE} with 200 and more than 1000 bytes, which is more than is read`,
    )
    const packed = await problemAfter(
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text)),
      { options },
    )
    expect(packed.message).toBe(plain.message)
    const server = await serving((response) => response.end(text))
    const enough = clientAt(server.url, { options: { maxAnswerBytes: text.length } })
    expect((await enough.getJson(TRACE)).status).toBe(200)
  })

  it('gzip that cannot be unpacked', async () => {
    const { message } = await problemAfter((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('{}'),
    )
    expect(message).toContain('its answer is said to be gzip and cannot be unpacked')
  })
})

describe.runIf(hasOpenssl)('over TLS', () => {
  const ours = new Authority('ours')
  const host = ours.sign('IP:127.0.0.1')

  it('an authority of one’s own is trusted where it is named', async () => {
    const server = await serving((response) => response.end('{}'), host)
    const flags = { certificate: ours.authority.certFile }
    expect((await clientAt(server.url, { flags }).getJson(TRACE)).status).toBe(200)
  })

  it('an unknown authority is an error that says which flag mends it, and no variable', async () => {
    const server = await serving((response) => response.end('{}'), host)
    const { message, hint } = await problemAt(server.url)
    expect(message).toBe(
      `tempo+${server.url}: its certificate is self-signed or from an authority that is not trusted here; name that authority's file with --certificate`,
    )
    expect(hint).toBeUndefined()
  })
})

describe('no secret is in any message', () => {
  const base64 = Buffer.from('user:pass/Secret').toString('base64')
  const echo = `url-Secret key-Secret pass/Secret pass%2FSecret ${base64} tenant-Secret`
  const asJson = { 'content-type': 'application/json' }

  it.each<[string, Answer]>([
    ['401', (response) => response.writeHead(401).end(echo)],
    ['400', (response) => response.writeHead(400).end(echo)],
    ['404', (response) => response.writeHead(404, asJson).end(JSON.stringify({ error: echo }))],
    ['500', (response) => response.writeHead(500).end(echo)],
    ['503', (response) => response.writeHead(503).end(echo)],
    [
      '302',
      (response) => response.writeHead(302, { location: `http://x/key-Secret?${base64}` }).end(),
    ],
    ['a page', (response) => response.end(`<html>${echo}`)],
    ['broken JSON', (response) => response.end(`{"${echo}`)],
    ['a broken answer', (response) => response.writeHead(200, { 'x-echo': echo }).destroy()],
    ['silence', () => {}],
  ])('after %s that repeats it', async (_, answer) => {
    const server = await serving(answer)
    const said: unknown[] = []
    const client = clientAt(
      `${server.url.replace('//', '//user:pass%2FSecret@')}/base?key=url-Secret`,
      {
        flags: {
          headers: ['x-api-key=key-Secret'],
          tenant: 'tenant-Secret',
          timeoutMs: 300,
          retryForMs: 3000,
        },
        options: { ...clock().options, onRetry: (message) => said.push(message) },
      },
    )
    said.push(client.location)
    try {
      said.push((await client.getJson(TRACE)).words)
    } catch (error) {
      if (!(error instanceof RivetOtelError)) throw error
      said.push(error.message, error.hint, String(error.cause))
    }
    expect(server.requests[0]).toMatchObject({
      path: `/base${TRACE}?key=url-Secret`,
      headers: { authorization: `Basic ${base64}`, 'x-api-key': 'key-Secret' },
    })
    expect(said.length).toBeGreaterThan(1)
    expect(JSON.stringify(said)).not.toMatch(new RegExp(`Secret|${base64}`))
  })
})
