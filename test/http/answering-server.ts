/** Real HTTP servers on 127.0.0.1 that answer as told, for tests; all are closed after each test. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { afterEach } from 'vitest'
import type { HttpSettings } from '../../src/http/http-settings.js'

/** A request that came in. */
export interface CameIn {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingMessage['headers']
}

/** A server that is running. */
export interface AnsweringServer {
  /** Without a path. */
  readonly url: string
  readonly requests: readonly CameIn[]
  /** How many connections were made. */
  connections(): number
}

const toClose: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of toClose.splice(0).reverse()) await each.close()
})

/** Closes something after the test. */
export function closing<T extends { close(): unknown }>(each: T): T {
  toClose.push(each)
  return each
}

/** A server; its answers are told how many requests came before. */
export async function serving(
  answer: (response: ServerResponse, before: number) => unknown,
  tls?: ServerOptions,
): Promise<AnsweringServer> {
  const requests: CameIn[] = []
  let connections = 0
  const server = tls === undefined ? createServer() : createTlsServer(tls)
  server.on('request', ({ method, url, headers }: IncomingMessage, response: ServerResponse) => {
    requests.push({ method, path: url, headers })
    answer(response, requests.length - 1)
  })
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing({
    close() {
      server.closeAllConnections()
      server.close()
    },
  })
  const { port } = server.address() as AddressInfo
  const scheme = tls === undefined ? 'http' : 'https'
  return { url: `${scheme}://127.0.0.1:${port}`, requests, connections: () => connections }
}

/** A server of bare TCP that does this when something is sent to it; gives its URL. */
export async function servingTcp(answer: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing(server)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The URL of a place where nothing listens. */
export async function nobody(): Promise<string> {
  const server = createTcpServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

/** Settings of a place; nothing is tried again unless they say so. */
export function settingsFor(url: string, settings: Partial<HttpSettings> = {}): HttpSettings {
  return {
    url: new URL(url),
    location: url,
    headers: {},
    timeoutMs: 10_000,
    tls: {},
    concurrency: 4,
    retryForMs: 0,
    ...settings,
  }
}
