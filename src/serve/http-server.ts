/**
 * The HTTP server of `serve`: the page, its data, its events, and the receiver, on one port.
 *
 * It changes nothing but what is sent to the receiver, knows no user and no TLS, and whatever somebody
 * sends to it, it goes on.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type GuardedServer,
  guardedServer,
  type ListenAddress,
  type ServerLimits,
} from '../http/listening.js'
import { type AllowedHosts, refusalOf } from './access.js'
import { type Answer, refused, send } from './answer.js'
import type { EventStreams } from './event-streams.js'
import type { Receiver } from './receiver/receiver.js'
import { EVENTS_PATH, PATHS, ROUTES, type RouteParts, TRACES_PATH, wrong } from './routes.js'

/** What a server serves, and where. */
export interface HttpServerOptions {
  readonly listen: ListenAddress
  /** Names under which it is also reached. */
  readonly allowHosts: readonly string[]
  readonly parts: Omit<RouteParts, 'receiver'>
  readonly streams: EventStreams
  readonly receiver?: Receiver | undefined
  /** Told of what goes wrong with it. */
  readonly say: (message: string) => void
}

/** A server that is running. */
export interface HttpServer extends GuardedServer {
  /** When somebody last asked for something, in ms of `performance.now()`. */
  askedAt(): number
}

/** What is sent may be large; events come more often than one may be idle. */
const LIMITS: ServerLimits = {
  connections: 256,
  headers: 100,
  headerBytes: 16 * 1024,
  requestMs: 60_000,
  idleMs: 40_000,
}
const WILDCARDS = ['0.0.0.0', '::']
const PORT_TAKEN =
  'An OpenTelemetry collector, or another rivet-otel serve, may listen there; give another port with --listen, for example --listen 4319.'

/**
 * Starts the server.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it cannot listen there.
 * @example
 * const server = await openHttpServer({ listen: { host: '127.0.0.1', port: 4318 }, allowHosts: [], parts, streams, say })
 */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { listen, allowHosts, streams, receiver, say } = options
  const allowed = new Set(
    [...allowHosts, ...(WILDCARDS.includes(listen.host) ? [] : [listen.host])].map((host) =>
      host.toLowerCase(),
    ),
  )
  let askedAt = Number.NEGATIVE_INFINITY
  const server = await guardedServer({
    listen,
    takenHint: PORT_TAKEN,
    limits: LIMITS,
    say: (reason) => say(`the server: ${reason}`),
    async answer(request, response) {
      if (request.method === 'GET') askedAt = performance.now()
      const told = receiver && { url: `${server.url}${TRACES_PATH}`, file: receiver.location }
      const parts = { ...options.parts, receiver: told ?? null }
      try {
        await handle(request, response, { allowed, parts, streams, receiver })
      } catch (error) {
        if (response.headersSent || response.destroyed) response.destroy()
        else send(request, response, wrong(error))
      }
    },
  })
  return { ...server, askedAt: () => askedAt }
}

interface Handling extends Pick<HttpServerOptions, 'streams' | 'receiver'> {
  readonly allowed: AllowedHosts
  readonly parts: RouteParts
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { allowed, parts, streams, receiver }: Handling,
): Promise<void> {
  const { method = '', url = '' } = request
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  const route = ROUTES.get(path)
  const refusal = refusalOf(request, allowed, route?.isOpenToLinks === true)
  if (refusal !== undefined) return refuse(refused(refusal.status, refusal.problem))
  if (path === TRACES_PATH) {
    if (method !== 'POST') return refuse(notAllowed('POST'))
    if (receiver !== undefined) return receiver.handle(request, response)
    return refuse(
      refused(404, 'nothing is received here: the server was started with --no-receive'),
    )
  }
  const isEvents = path === EVENTS_PATH
  if (route === undefined && !isEvents)
    return refuse(refused(404, `there is no such path; there are ${PATHS.join(', ')}`))
  if (method !== 'GET' && method !== 'HEAD') return refuse(notAllowed('GET, HEAD'))
  if (route === undefined) return listenToEvents()
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  send(request, response, await route.answer(query, parts, gone.signal))

  function refuse(answer: Answer): void {
    // What it still has to send is not read.
    response.shouldKeepAlive = false
    send(request, response, answer)
  }

  function listenToEvents(): void {
    if (method === 'HEAD') {
      send(request, response, { status: 200, type: 'text/event-stream', body: '' })
    } else if (streams.hasRoom) streams.add(response)
    else
      refuse(refused(503, 'too many pages are open already; close some', { 'retry-after': '10' }))
  }
}

function notAllowed(allow: string): Answer {
  return refused(405, `expected ${allow.replace(', ', ' or ')}`, { allow })
}
