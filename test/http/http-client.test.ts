import { once } from 'node:events'
import type { ServerOptions } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type HttpRequest, openHttpClient } from '../../src/http/http-client.js'
import type { HttpResult } from '../../src/http/http-result.js'
import type { HttpSettings } from '../../src/http/http-settings.js'
import type { Remedies } from '../../src/http/no-answer.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { closing, nobody, serving, servingTcp, settingsFor } from './answering-server.js'
import { Authority, hasOpenssl } from './certificates.js'

const MAX_ANSWER_BYTES = 1_000_000

interface Sending {
  readonly settings?: Partial<HttpSettings>
  readonly remedies?: Remedies
  readonly request?: Partial<HttpRequest>
}

async function send(
  url: string,
  { settings, remedies, request }: Sending = {},
): Promise<HttpResult> {
  const client = closing(openHttpClient(settingsFor(url, settings), remedies))
  const what = { method: 'GET', url: new URL(url), maxAnswerBytes: MAX_ANSWER_BYTES } as const
  return client.send({ ...what, ...request })
}

async function reasonAt(url: string, sending: Sending = {}) {
  const result = await send(url, sending)
  if (result.kind === 'answered') throw new Error(`it answered ${result.status}`)
  return result
}

function textOf(result: HttpResult): string | undefined {
  return result.kind === 'answered' ? Buffer.from(result.body).toString() : undefined
}

/** Sends one request after another through one client. */
function clientAt(url: string, settings: Partial<HttpSettings> = {}) {
  const client = closing(openHttpClient(settingsFor(url, settings)))
  const request = { method: 'GET', url: new URL(url), maxAnswerBytes: MAX_ANSWER_BYTES } as const
  return () => client.send(request)
}

describe('a request', () => {
  it('is one of its method and path, with the headers of the settings and over them its own', async () => {
    const server = await serving((response) => response.end())
    const settings = { headers: { 'user-agent': 'me', 'x-scope-orgid': 'team 1', accept: 'a/b' } }
    const url = new URL(`${server.url}/in/?q=1`)
    expect(
      await send(server.url, { settings, request: { url, headers: { accept: 'c/d' } } }),
    ).toMatchObject({ status: 200 })
    expect(server.requests).toMatchObject([
      {
        method: 'GET',
        path: '/in/?q=1',
        headers: { 'user-agent': 'me', 'x-scope-orgid': 'team 1', accept: 'c/d' },
      },
    ])
    expect(server.requests[0]?.headers).not.toHaveProperty('content-length')
  })

  it('carries its body as it is, and says how long it is', async () => {
    const receiver = closing(await OtlpReceiver.start())
    const body = [Buffer.from('{"resourceSpans"'), Buffer.from(':[]}')]
    const headers = { 'content-type': 'application/json' }
    const request = { method: 'POST', body, headers } as const
    expect(await send(receiver.url, { request })).toMatchObject({ status: 200 })
    expect(receiver.requests).toMatchObject([
      { bytesSent: 20, headers: { 'content-length': '20', 'content-type': 'application/json' } },
    ])
  })

  it('goes nowhere but to the place that the headers of the settings are for', async () => {
    const server = await serving((response) => response.end())
    const elsewhere = await serving((response) => response.end())
    await expect(send(server.url, { request: { url: new URL(elsewhere.url) } })).rejects.toThrow(
      TypeError,
    )
    expect(elsewhere.requests).toEqual([])
  })

  it('goes over a kept connection', async () => {
    const server = await serving((response) => response.end())
    const sendOne = clientAt(server.url)
    for (let i = 0; i < 3; i++) await sendOne()
    expect(server.requests).toHaveLength(3)
    expect(server.connections()).toBe(1)
  })

  it('goes over a new connection where the kept one is closed as it is used', async () => {
    let connections = 0
    const url = await servingTcp((socket) => {
      connections++
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi')
      socket.once('data', () => socket.destroy())
    })
    const sendOne = clientAt(url)
    expect(textOf(await sendOne())).toBe('hi')
    expect(textOf(await sendOne())).toBe('hi')
    expect(connections).toBe(2)
  })

  it('has all its time from when it has a connection, however long it waited for one', async () => {
    const server = await serving((response) => setTimeout(() => response.end(), 400))
    const sendOne = clientAt(server.url, { concurrency: 1, timeoutMs: 1200 })
    const results = await Promise.all([sendOne(), sendOne(), sendOne(), sendOne()])
    expect(results.map(({ kind }) => kind)).toEqual(Array(4).fill('answered'))
  })
})

describe('an answer', () => {
  it('comes back with its status, headers and body, whatever they are', async () => {
    const server = await serving((response) =>
      response.writeHead(418, { 'x-a': 'b' }).end('teapot'),
    )
    const result = await send(server.url)
    expect(result).toMatchObject({ kind: 'answered', status: 418, headers: { 'x-a': 'b' } })
    expect(result).toMatchObject({ isCutOff: false })
    expect(textOf(result)).toBe('teapot')
  })

  it('that redirects is not followed', async () => {
    const server = await serving((response) =>
      response.writeHead(307, { location: '/elsewhere' }).end(),
    )
    expect(await send(server.url)).toMatchObject({ status: 307 })
    expect(server.requests).toHaveLength(1)
  })

  it('is read up to the limit, also when it never ends', async () => {
    const url = await servingTcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n')
      const more = () => {
        while (socket.writable && socket.write(Buffer.alloc(100_000, 'x')));
        socket.once('drain', more)
      }
      more()
    })
    const result = await send(url)
    expect(result).toMatchObject({ kind: 'answered', isCutOff: true })
    expect(textOf(result)).toHaveLength(MAX_ANSWER_BYTES)
  })

  it('that is just as long as the limit is whole', async () => {
    const server = await serving((response) => response.end('12345'))
    const result = await send(server.url, { request: { maxAnswerBytes: 5 } })
    expect(result).toMatchObject({ isCutOff: false })
    expect(textOf(result)).toBe('12345')
  })

  it('in gzip is unpacked', async () => {
    const server = await serving((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed')),
    )
    expect(textOf(await send(server.url))).toBe('packed')
  })

  it('in gzip that would be larger than the limit is left out', async () => {
    const bomb = gzipSync(Buffer.alloc(MAX_ANSWER_BYTES + 1, 'x'))
    expect(bomb.length).toBeLessThan(10_000)
    const server = await serving((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    const result = await send(server.url)
    expect(result).toMatchObject({ kind: 'answered', isCutOff: true })
    expect(textOf(result)).toBe('')
    const much = Buffer.concat([gzipSync('a'), Buffer.alloc(MAX_ANSWER_BYTES)])
    const other = await serving((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(much),
    )
    expect(await send(other.url)).toMatchObject({ kind: 'answered', isCutOff: true })
  })

  it.each([['no gzip at all'], [gzipSync('x'.repeat(1000)).subarray(0, 20)]])(
    'that is said to be gzip and is not is none: %j',
    async (body) => {
      const server = await serving((response) =>
        response.writeHead(200, { 'content-encoding': 'GZIP' }).end(body),
      )
      const { reason, mayPass } = await reasonAt(server.url)
      expect(reason).toContain('its answer is said to be gzip and cannot be unpacked')
      expect(mayPass).toBe(false)
    },
  )

  it('without a body has nothing to be unpacked', async () => {
    const server = await serving((response) =>
      response.writeHead(404, { 'content-encoding': 'gzip' }).end(),
    )
    expect(await send(server.url)).toMatchObject({ kind: 'answered', status: 404 })
  })

  it('that comes before the request is sent to its end counts', async () => {
    const receiver = closing(await OtlpReceiver.start())
    receiver.answer = () => ({ status: 413, body: 'too large', early: true })
    const request = { method: 'POST', body: [Buffer.alloc(300_000)] } as const
    const settings = { timeoutMs: 5000 }
    expect(await send(receiver.url, { settings, request })).toMatchObject({ status: 413 })
  })

  it.each(['content-length: 100\r\n\r\nhello', 'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'])(
    'that breaks off is none: %j',
    async (rest) => {
      const url = await servingTcp((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`))
      expect(await reasonAt(url)).toEqual({
        kind: 'unreachable',
        reason: 'the answer broke off in the middle',
        mayPass: true,
        isSent: true,
      })
    },
  )

  it('that does not come in time is none', async () => {
    const server = await serving(() => {})
    expect(await reasonAt(server.url, { settings: { timeoutMs: 50 } })).toEqual({
      kind: 'unreachable',
      reason: 'no answer within 50 ms (--timeout allows more)',
      mayPass: true,
      isSent: true,
    })
  })

  it('that came in time counts, also where this process was too busy to read it', async () => {
    const server = new Worker(
      `const { createServer } = require('node:http')
      const { parentPort } = require('node:worker_threads')
      const server = createServer((request, response) => setTimeout(() => response.end('hello'), 20))
      server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
      { eval: true },
    )
    try {
      const [port] = await once(server, 'message')
      const result = send(`http://127.0.0.1:${port}`, { settings: { timeoutMs: 150 } })
      await sleep(5)
      // From here on the clock is looked at before the connection.
      await new Promise((resolve) => setImmediate(resolve))
      const busyUntil = performance.now() + 400
      while (performance.now() < busyUntil);
      expect(textOf(await result)).toBe('hello')
    } finally {
      await server.terminate()
    }
  })

  it('that begins in time and does not end in time is none', async () => {
    const url = await servingTcp((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello'),
    )
    const { reason } = await reasonAt(url, { settings: { timeoutMs: 50 } })
    expect(reason).toContain('no answer within 50 ms')
  })

  it('that is no HTTP is none, and trying again would not help', async () => {
    const http2Settings = '\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00'
    const url = await servingTcp((socket) => socket.end(http2Settings, 'latin1'))
    const reason = 'what answers there does not speak HTTP/1.1'
    expect(await reasonAt(url)).toMatchObject({ kind: 'unreachable', reason, mayPass: false })
    const remedies = { port: 'it is usually on port 4318' }
    expect(await reasonAt(url, { remedies })).toMatchObject({
      reason: `${reason}; it is usually on port 4318`,
    })
  })
})

describe('nobody answers when', () => {
  it('nothing listens', async () => {
    const url = await nobody()
    const expected = {
      kind: 'unreachable',
      reason: 'nothing listens there (connection refused)',
      mayPass: true,
    }
    expect(await reasonAt(url)).toEqual(expected)
    expect(await reasonAt(url.replace('127.0.0.1', 'localhost'))).toEqual(expected)
  })

  it('the connection ends before it is secure: then nothing was sent', async () => {
    const url = await servingTcp((socket) => socket.destroy())
    const noAnswer = await reasonAt(url.replace('http:', 'https:'))
    expect(noAnswer).toMatchObject({ kind: 'unreachable', mayPass: true })
    expect(noAnswer.isSent).toBeUndefined()
    expect(await reasonAt(url)).toMatchObject({ kind: 'unreachable', isSent: true })
  })

  it('the host name is not known', async () => {
    const { reason, mayPass } = await reasonAt('http://no-such-host.invalid:4318')
    expect(reason).toMatch(
      /^the host name no-such-host\.invalid (is not known|could not be looked)/,
    )
    expect(mayPass).toBe(true)
  })

  it('the connection is closed instead, and a large request may be why', async () => {
    const url = await servingTcp((socket) => socket.destroy())
    const { reason } = await reasonAt(url)
    expect(reason).toBe('the connection was closed before an answer came')
    const request = { method: 'POST', body: [Buffer.alloc(1_000_004)] } as const
    const remedies = { largeRequest: 'send less' }
    const large = await reasonAt(url, { request, remedies })
    expect(large.reason).toBe(
      'the connection was closed before an answer came (a request of 1000004 bytes may be too large there; send less)',
    )
  })
})

describe.runIf(hasOpenssl)('over TLS', () => {
  const ours = new Authority('ours')
  const theirs = new Authority('theirs')
  const host = ours.sign('IP:127.0.0.1,DNS:localhost')
  const trusting = { settings: { tls: { ca: ours.authority.cert } } }
  const tls = (options: ServerOptions) => serving((response) => response.end(), options)

  it('the authority in the file is trusted', async () => {
    const server = await tls(host)
    expect(await send(server.url, trusting)).toMatchObject({ kind: 'answered', status: 200 })
    expect(server.requests).toHaveLength(1)
  })

  it('an unknown authority is an error that says which option mends it', async () => {
    const server = await tls(host)
    const { reason, mayPass } = await reasonAt(server.url)
    expect(reason).toContain('from an authority that is not trusted here')
    expect(reason).toMatch(/ with --certificate$/)
    expect(mayPass).toBe(false)
    const other = await reasonAt(server.url, { settings: { tls: { ca: theirs.authority.cert } } })
    expect(other.reason).toContain('not from the authority in the file of --certificate')
    const remedies = { certificate: '--certificate (A_VARIABLE)' }
    expect((await reasonAt(server.url, { remedies })).reason).toContain('(A_VARIABLE)')
    expect(server.requests).toHaveLength(0)
  })

  it('a self-signed certificate is an error that says which option mends it', async () => {
    const { reason } = await reasonAt((await tls(theirs.authority)).url)
    expect(reason).toContain('its certificate is self-signed')
  })

  it('a certificate that has expired is an error', async () => {
    const server = await tls(ours.sign('IP:127.0.0.1', ['-days', '-1']))
    const { reason } = await reasonAt(server.url, trusting)
    expect(reason).toBe('its certificate has expired; the server needs a new one')
  })

  it('a certificate of another host is an error', async () => {
    const server = await tls(ours.sign('DNS:example.com'))
    const { reason } = await reasonAt(server.url, trusting)
    expect(reason).toBe(
      'its certificate is for another host than 127.0.0.1; use the name that is in it',
    )
  })

  it('a server that speaks plain HTTP is an error that says so', async () => {
    const server = await serving((response) => response.end())
    const { reason } = await reasonAt(server.url.replace('http:', 'https:'))
    expect(reason).toBe('it does not speak TLS there; is it an http:// endpoint?')
  })

  it('a client certificate is shown, and its lack is an error that says so', async () => {
    const client = ours.sign('email:client@example.com')
    const { cert, key } = host
    const asks = { cert, key, ca: ours.authority.cert, requestCert: true, rejectUnauthorized: true }
    const server = await tls(asks)
    const own = { tls: { ca: ours.authority.cert, cert: client.cert, key: client.key } }
    expect(await send(server.url, { settings: own })).toMatchObject({ status: 200 })
    const { reason, mayPass } = await reasonAt(server.url, trusting)
    expect(reason).toContain('it asks for a client certificate that it trusts')
    expect(reason).toContain('--client-certificate and --client-key')
    expect(mayPass).toBe(false)
  })
})
