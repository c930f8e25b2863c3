import { describe, expect, it } from 'vitest'
import type { OtlpFlags } from '../../src/delivery/otlp-flags.js'
import { otlpRequest } from '../../src/delivery/otlp-request.js'
import { openHttpClient } from '../../src/http/http-client.js'
import { manyPages, send } from '../contracts/delivery-contract.js'
import { nobody, serving, servingTcp } from '../http/answering-server.js'
import { Authority, hasOpenssl } from '../http/certificates.js'
import { answering, open } from './receiving.js'
import { target } from './target.js'

async function post(endpoint: string, flags: OtlpFlags, body: Uint8Array) {
  const settings = target(endpoint, flags)
  const client = openHttpClient(settings)
  const result = await client.send(await otlpRequest(settings, [body]))
  client.close()
  return result
}

describe('a request', () => {
  it('is one POST with the headers of the settings, its size and its type', async () => {
    const receiver = await answering({})
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
    expect(receiver.requests[0]?.headers).not.toHaveProperty('accept-encoding')
  })

  it('is compressed where the settings say so', async () => {
    const receiver = await answering({})
    const body = Buffer.from(`{"resourceSpans":[]${' '.repeat(10_000)}}`)
    await post(receiver.url, { compression: 'gzip', protocol: 'http/json' }, body)
    const [request] = receiver.requests
    expect(request?.headers['content-encoding']).toBe('gzip')
    expect(request?.bytes).toBe(body.length)
    expect(request?.bytesSent).toBeLessThan(200)
  })

  it('reads an answer up to 1 MB', async () => {
    const server = await serving((response) => response.end(Buffer.alloc(1_000_001)))
    const result = await post(server.url, {}, new Uint8Array())
    expect(result.kind === 'answered' && result.body.length).toBe(1_000_000)
  })
})

describe('what to do about a failed connection is said in the terms of OTLP:', () => {
  async function problemAt(url: string): Promise<string | undefined> {
    const [outcome] = await send(open(url), manyPages(1))
    return outcome?.problem?.message
  }

  it('nothing where nothing listens', async () => {
    const url = await nobody()
    expect(await problemAt(url)).toBe(
      `${url}/v1/traces: nothing listens there (connection refused)`,
    )
  })

  it('which ports are usual', async () => {
    const http2Settings = '\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00'
    const url = await servingTcp((socket) => socket.end(http2Settings, 'latin1'))
    expect(await problemAt(url)).toBe(
      `${url}/v1/traces: what answers there does not speak HTTP/1.1; OTLP over HTTP is usually on port 4318, gRPC on 4317`,
    )
  })

  it('what makes requests smaller', async () => {
    const url = await servingTcp((socket) => socket.destroy())
    const [page] = manyPages(1)
    const [span] = page?.trace.spans ?? []
    if (page === undefined || span === undefined) throw new Error('a span was expected')
    const large = { ...span, attributes: { text: 'x'.repeat(1_000_000) } }
    const pages = [{ ...page, trace: { ...page.trace, spans: [large] } }]
    const [outcome] = await send(open(url), pages)
    expect(outcome?.problem?.message).toMatch(
      /: the connection was closed before an answer came \(a request of \d{7} bytes may be too large there; --max-request-bytes makes them smaller\)$/,
    )
  })

  it.runIf(hasOpenssl)('which flag and variable name an authority', async () => {
    const host = new Authority('ours').sign('IP:127.0.0.1')
    const server = await serving((response) => response.end(), host)
    expect(await problemAt(server.url)).toContain(
      "name that authority's file with --certificate (OTEL_EXPORTER_OTLP_CERTIFICATE)",
    )
  })
})

it.runIf(hasOpenssl)('a key of another certificate is refused before anything is sent', () => {
  const ours = new Authority('ours')
  const [client, host] = [ours.sign('email:client@example.com'), ours.sign('IP:127.0.0.1')]
  const mixed = { clientCertificate: client.certFile, clientKey: host.keyFile }
  expect(() => target('https://127.0.0.1', mixed)).toThrow(/--client-key: .* cannot be used/)
})
