/**
 * Where a server of ours listens, what it bears with, and what is said where it cannot listen.
 *
 * It knows nothing of what the server answers.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { RivetOtelError, reasonOf } from '../problem.js'

/** An address to listen at. */
export interface ListenAddress {
  /** An IP address, without brackets, or a name. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

/**
 * An address as a URL.
 *
 * @example
 * urlOf({ host: '::1', port: 9464 }) // 'http://[::1]:9464'
 */
export function urlOf({ host, port }: ListenAddress): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

/**
 * Whether a name or an address, without brackets, is this machine alone.
 *
 * @example
 * isLoopback('127.0.0.1') // true
 */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * The name in a Host header, in lower case, without port and brackets; `localhost` where there is no
 * header: a client that sends none is no browser.
 *
 * @example
 * hostIn('[::1]:9464') // '::1'
 */
export function hostIn(header: string | undefined): string {
  if (header === undefined) return 'localhost'
  return header
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[|\]$/g, '')
}

/** What a server bears with, and what it does. */
export interface GuardedServerOptions {
  readonly listen: ListenAddress
  /** What to do where something else listens there. */
  readonly takenHint: string
  readonly limits: ServerLimits
  /** Answers; never throws. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Told of what goes wrong with the server later. */
  readonly say: (reason: string) => void
}

/** What nobody who means well passes. */
export interface ServerLimits {
  readonly connections: number
  readonly headers: number
  readonly headerBytes: number
  /** How long a whole request may take to come in, in ms. */
  readonly requestMs: number
  /** How long one may read nothing of its answer, or send nothing, in ms; whoever waits for the answer may. */
  readonly idleMs: number
}

/** A server that listens. */
export interface GuardedServer {
  /** Without a path. */
  readonly url: string
  /** Ends it at once, and every connection with it. */
  close(): Promise<void>
}

const HEADERS_MS = 5_000
const KEPT_MS = 5_000
const CHECK_EVERY_MS = 2_000

/**
 * Starts a server that slow, silent and many clients do not hold up.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it cannot listen there.
 * @example
 * const server = await guardedServer({ listen: { host: '127.0.0.1', port: 0 }, takenHint, limits, answer, say })
 * await server.close()
 */
export async function guardedServer(options: GuardedServerOptions): Promise<GuardedServer> {
  const { listen, takenHint, limits, answer, say } = options
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: HEADERS_MS,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: KEPT_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
  })
  server.maxConnections = limits.connections
  server.maxHeadersCount = limits.headers
  server.timeout = limits.idleMs
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    response.setTimeout(0)
    void answer(request, response).finally(() => {
      if (!response.writableFinished) response.setTimeout(limits.idleMs)
    })
  })
  const url = urlOf(await listenAt(server, listen, takenHint))
  server.on('error', (error) => say(reasonOf(error)))
  return { url, close: () => endServer(server) }
}

async function listenAt(
  server: Server,
  address: ListenAddress,
  takenHint: string,
): Promise<ListenAddress> {
  try {
    server.listen(address)
    await once(server, 'listening')
  } catch (error) {
    throw unusable(address, error, takenHint)
  }
  const { port } = server.address() as AddressInfo
  return { host: address.host, port }
}

async function endServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

const NO_SUCH_ADDRESS = 'Give 127.0.0.1 for this machine alone, 0.0.0.0 for all of its addresses.'

const WHY: Readonly<Record<string, readonly [why: string, hint?: string]>> = {
  EADDRINUSE: ['something else listens there'],
  EACCES: ['it is not permitted', 'Ports below 1024 are for root; expected one above.'],
  EADDRNOTAVAIL: ['this machine does not have that address', NO_SUCH_ADDRESS],
  ENOTFOUND: ['no such name is known', NO_SUCH_ADDRESS],
}

function unusable(address: ListenAddress, error: unknown, takenHint: string): RivetOtelError {
  const { code = '' } = error as NodeJS.ErrnoException
  const [why, known] = WHY[code] ?? [reasonOf(error)]
  const hint = code === 'EADDRINUSE' ? takenHint : known
  return new RivetOtelError('INVALID_CONFIGURATION', `cannot listen at ${urlOf(address)}: ${why}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}
