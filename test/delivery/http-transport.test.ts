import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { HttpResult } from '../../src/delivery/http-result.js'
import { openHttpTransport } from '../../src/delivery/http-transport.js'
import type { OtlpFlags } from '../../src/delivery/otlp-flags.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { Authority, hasOpenssl } from './certificates.js'
import { target } from './target.js'

const NOTHING = new Uint8Array()
const toClose: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of toClose.splice(0).reverse()) await each.close()
})

function closing<T extends { close(): unknown }>(each: T): T {
  toClose.push(each)
  return each
}

async function startReceiver(...tls: Parameters<typeof OtlpReceiver.start>) {
  return closing(await OtlpReceiver.start(...tls))
}

/** A server of bare TCP that does this when something is sent to it. */
async function startServing(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing(server)
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

async function post(url: string, flags: OtlpFlags = {}, body = NOTHING): Promise<HttpResult> {
  return closing(openHttpTransport(target(url, flags))).post(body)
}

async function reasonAt(url: string, flags: OtlpFlags = {}, body = NOTHING) {
  const result = await post(url, flags, body)
  if (result.kind === 'answered') throw new Error(`it answered ${result.status}`)
  return result
}

describe('a request', () => {
  it('is one POST with the headers of the settings, its size and its type', async () => {
    const receiver = await startReceiver()
    const flags = { headers: ['x-scope-orgid=team 1', 'User-Agent=me'], protocol: 'http/json' }
    const body = Buffer.from('{"resourceSpans":[]}')
    expect(await post(`${receiver.url}/in/`, flags, body)).toMatchObject({ status: 200 })
    expect(receiver.requests).toHaveLength(1)
    expect(receiver.requests[0]).toMatchObject({
      path: '/in/v1/traces',
      bytesSent: 20,
      headers: {
        'content-length': '20',
        'content-type': 'application/json',
        'user-agent': 'me',
        'x-scope-orgid': 'team 1',
      },
    })
    expect(receiver.requests[0]?.headers).not.toHaveProperty('content-encoding')
  })

  it('is compressed where the settings say so', async () => {
    const receiver = await startReceiver()
    const body = Buffer.from(`{"resourceSpans":[]${' '.repeat(10_000)}}`)
    await post(receiver.url, { compression: 'gzip', protocol: 'http/json' }, body)
    const [request] = receiver.requests
    expect(request?.headers['content-encoding']).toBe('gzip')
    expect(request?.bytes).toBe(body.length)
    expect(request?.bytesSent).toBeLessThan(200)
  })

  it('goes over a kept connection, and over a new one where that was closed meanwhile', async () => {
    const receiver = await startReceiver()
    const transport = closing(openHttpTransport(target(receiver.url)))
    await transport.post(NOTHING)
    await transport.post(NOTHING)
    receiver.closeIdleConnections()
    expect(await transport.post(NOTHING)).toMatchObject({ kind: 'answered', status: 200 })
    expect(receiver.requests).toHaveLength(3)
  })
})

describe('an answer', () => {
  it('comes back with its status, headers and body, whatever they are', async () => {
    const receiver = await startReceiver()
    receiver.answer = () => ({ status: 418, headers: { 'x-a': 'b' }, body: 'teapot' })
    const result = await post(receiver.url)
    expect(result).toMatchObject({ kind: 'answered', status: 418, headers: { 'x-a': 'b' } })
    expect(result.kind === 'answered' && Buffer.from(result.body).toString()).toBe('teapot')
  })

  it('that redirects is not followed', async () => {
    const receiver = await startReceiver()
    receiver.answer = () => ({ status: 307, headers: { location: '/elsewhere' }, body: '' })
    expect(await post(receiver.url)).toMatchObject({ status: 307 })
    expect(receiver.requests).toHaveLength(1)
  })

  it('is read up to 1 MB, also when it never ends', async () => {
    const url = await startServing((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n')
      const more = () => {
        while (socket.writable && socket.write(Buffer.alloc(100_000, 'x')));
        socket.once('drain', more)
      }
      more()
    })
    const result = await post(url)
    expect(result.kind === 'answered' && result.body.length).toBe(1_000_000)
  })

  it('that comes before the request is sent to its end counts', async () => {
    const receiver = await startReceiver()
    receiver.answer = () => ({ status: 413, body: 'too large', early: true })
    const flags = { timeoutMs: 5000 }
    expect(await post(receiver.url, flags, Buffer.alloc(300_000))).toMatchObject({ status: 413 })
  })

  it('that breaks off is none', async () => {
    const receiver = await startReceiver()
    receiver.answer = () => ({ connection: 'cut' })
    expect(await reasonAt(receiver.url)).toEqual({
      kind: 'unreachable',
      reason: 'the answer broke off in the middle',
      mayPass: true,
    })
  })

  it('that does not come in time is none', async () => {
    const receiver = await startReceiver()
    receiver.answer = () => ({ delayMs: 60_000 })
    expect(await reasonAt(receiver.url, { timeoutMs: 50 })).toEqual({
      kind: 'unreachable',
      reason: 'no answer within 50 ms (--timeout allows more)',
      mayPass: true,
    })
  })

  it('that begins in time and does not end in time is none', async () => {
    const url = await startServing((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello'),
    )
    const { reason } = await reasonAt(url, { timeoutMs: 50 })
    expect(reason).toContain('no answer within 50 ms')
  })

  it('that is no HTTP is none, and trying again would not help', async () => {
    const http2Settings = '\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00'
    const url = await startServing((socket) => socket.end(http2Settings, 'latin1'))
    expect(await reasonAt(url)).toEqual({
      kind: 'unreachable',
      reason:
        'what answers there does not speak HTTP/1.1; OTLP over HTTP is usually on port 4318, gRPC on 4317',
      mayPass: false,
    })
  })
})

describe('nobody answers when', () => {
  it('nothing listens', async () => {
    const receiver = await OtlpReceiver.start()
    await receiver.close()
    const expected = {
      kind: 'unreachable',
      reason: 'nothing listens there (connection refused)',
      mayPass: true,
    }
    expect(await reasonAt(receiver.url)).toEqual(expected)
    expect(await reasonAt(`http://localhost:${receiver.port}`)).toEqual(expected)
  })

  it('the host name is not known', async () => {
    const { reason, mayPass } = await reasonAt('http://no-such-host.invalid:4318')
    expect(reason).toMatch(
      /^the host name no-such-host\.invalid (is not known|could not be looked)/,
    )
    expect(mayPass).toBe(true)
  })

  it('the connection is closed instead, and a large request may be why', async () => {
    const receiver = await startReceiver()
    receiver.answer = () => ({ connection: 'close' })
    const { reason } = await reasonAt(receiver.url)
    expect(reason).toBe('the connection was closed before an answer came')
    const body = Buffer.concat([Buffer.of(0x12, 0xc0, 0x84, 0x3d), Buffer.alloc(1_000_000)])
    const large = await reasonAt(receiver.url, {}, body)
    expect(large.reason).toContain('a request of 1000004 bytes may be too large there')
    expect(large.reason).toContain('--max-request-bytes')
  })
})

describe.runIf(hasOpenssl)('over TLS', () => {
  const ours = new Authority('ours')
  const theirs = new Authority('theirs')
  const host = ours.sign('IP:127.0.0.1,DNS:localhost')
  const trusting = { certificate: ours.authority.certFile }

  it('the authority in the file is trusted', async () => {
    const receiver = await startReceiver(host)
    expect(await post(receiver.url, trusting)).toMatchObject({ kind: 'answered', status: 200 })
    expect(receiver.requests).toHaveLength(1)
  })

  it('an unknown authority is an error that says which option mends it', async () => {
    const receiver = await startReceiver(host)
    const { reason, mayPass } = await reasonAt(receiver.url)
    expect(reason).toContain('from an authority that is not trusted here')
    expect(reason).toContain('--certificate (OTEL_EXPORTER_OTLP_CERTIFICATE)')
    expect(mayPass).toBe(false)
    const other = await reasonAt(receiver.url, { certificate: theirs.authority.certFile })
    expect(other.reason).toContain('not from the authority in the file of --certificate')
    expect(receiver.requests).toHaveLength(0)
  })

  it('a self-signed certificate is an error that says which option mends it', async () => {
    const receiver = await startReceiver(theirs.authority)
    const { reason } = await reasonAt(receiver.url)
    expect(reason).toContain('its certificate is self-signed')
  })

  it('a certificate that has expired is an error', async () => {
    const receiver = await startReceiver(ours.sign('IP:127.0.0.1', ['-days', '-1']))
    const { reason } = await reasonAt(receiver.url, trusting)
    expect(reason).toBe('its certificate has expired; the server needs a new one')
  })

  it('a certificate of another host is an error', async () => {
    const receiver = await startReceiver(ours.sign('DNS:example.com'))
    const { reason } = await reasonAt(receiver.url, trusting)
    expect(reason).toBe(
      'its certificate is for another host than 127.0.0.1; use the name that is in it',
    )
  })

  it('a server that speaks plain HTTP is an error that says so', async () => {
    const receiver = await startReceiver()
    const { reason } = await reasonAt(receiver.url.replace('http:', 'https:'))
    expect(reason).toBe('it does not speak TLS there; is it an http:// endpoint?')
  })

  it('a client certificate is shown, and its lack is an error that says so', async () => {
    const client = ours.sign('email:client@example.com')
    const { cert, key } = host
    const asks = { cert, key, ca: ours.authority.cert, requestCert: true, rejectUnauthorized: true }
    const receiver = await startReceiver(asks)
    const own = { ...trusting, clientCertificate: client.certFile, clientKey: client.keyFile }
    expect(await post(receiver.url, own)).toMatchObject({ kind: 'answered', status: 200 })
    const { reason, mayPass } = await reasonAt(receiver.url, trusting)
    expect(reason).toContain('it asks for a client certificate that it trusts')
    expect(reason).toContain('--client-certificate and --client-key')
    expect(mayPass).toBe(false)
  })

  it('a key of another certificate is refused before anything is sent', () => {
    const client = ours.sign('email:client@example.com')
    const mixed = { clientCertificate: client.certFile, clientKey: host.keyFile }
    expect(() => target('https://127.0.0.1', mixed)).toThrow(/--client-key: .* cannot be used/)
  })
})
