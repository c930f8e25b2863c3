/**
 * A small HTTP server beside a watcher: `/livez`, `/readyz` and `/metrics`, for Kubernetes, load
 * balancers and Prometheus.
 *
 * It only answers GET and HEAD, knows no user and no TLS, and tells no secret. Whatever somebody
 * sends to it, the watcher goes on.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type GuardedServer,
  guardedServer,
  hostIn,
  isLoopback,
  type ListenAddress,
  type ServerLimits,
} from '../http/listening.js'
import type { Verdict, WatchHealth } from './watch-health.js'
import type { WatchMetrics } from './watch-metrics.js'

/** What a server tells, and where. */
export interface WatchServerOptions {
  readonly listen: ListenAddress
  readonly health: Pick<WatchHealth, 'alive' | 'ready'>
  readonly metrics: Pick<WatchMetrics, 'text' | 'contentType'>
  /** Told of what goes wrong with it later. */
  readonly say: (message: string) => void
}

/** Nobody who asks needs more. */
const LIMITS: ServerLimits = {
  connections: 100,
  headers: 50,
  headerBytes: 8 * 1024,
  requestMs: 10_000,
  idleMs: 30_000,
}
const ANOTHER_WATCHER = 'Another watcher may run; give this one another port with --listen.'

const PLAIN = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

/**
 * Starts the server.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it cannot listen there.
 * @example
 * const server = await openWatchServer({ listen: { host: '127.0.0.1', port: 9464 }, health, metrics, say })
 * await server.close()
 */
export function openWatchServer(options: WatchServerOptions): Promise<GuardedServer> {
  return guardedServer({
    listen: options.listen,
    takenHint: ANOTHER_WATCHER,
    limits: LIMITS,
    say: (reason) => options.say(`the server of --listen: ${reason}`),
    answer: (request, response) =>
      answer(request, options)
        .then((answered) => send(request, response, answered))
        .catch(() => void response.destroy()),
  })
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

async function answer(
  { method, url = '', headers }: IncomingMessage,
  { listen: { host }, health, metrics }: WatchServerOptions,
): Promise<Answer> {
  // A page of somebody else's in a browser here may give its own name this machine's address.
  if (isLoopback(host) && !isLoopback(hostIn(headers.host)))
    return plain(403, 'only this machine is answered, under the name localhost or 127.0.0.1')
  const page = PAGES.get(url.split('?', 1)[0] ?? '')
  if (page === undefined) return plain(404, 'not found; there are /livez, /readyz and /metrics')
  if (method !== 'GET' && method !== 'HEAD')
    return { ...plain(405, 'expected GET or HEAD'), headers: { allow: 'GET, HEAD' } }
  switch (page) {
    case 'index':
      return plain(200, 'rivet-otel watch: /livez, /readyz, /metrics')
    case 'alive':
    case 'ready':
      return judged(health[page]())
    case 'metrics':
      return metrics.text().then(
        (body) => ({ status: 200, type: metrics.contentType, body }),
        () => plain(500, 'the metrics could not be put together'),
      )
  }
}

const PAGES = new Map<string, 'index' | 'alive' | 'ready' | 'metrics'>([
  ['/', 'index'],
  ['/livez', 'alive'],
  ['/readyz', 'ready'],
  ['/metrics', 'metrics'],
])

function judged({ isWell, reasons }: Verdict): Answer {
  const body = JSON.stringify({ status: isWell ? 'ok' : 'failing', reasons })
  return { status: isWell ? 200 : 503, type: JSON_TYPE, body: `${body}\n` }
}

function plain(status: number, text: string): Answer {
  return { status, type: PLAIN, body: `${text}\n` }
}

function send(request: IncomingMessage, response: ServerResponse, answered: Answer): void {
  const { status, type, body, headers } = answered
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
