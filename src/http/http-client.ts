/**
 * Exchanges over HTTP or HTTPS with one place: a request, and what came of it.
 *
 * It keeps connections alive, limits the time of a whole exchange and the size of the answer, and
 * unpacks an answer in gzip. It does not retry, follow redirects, or know what the bytes mean. It
 * never throws for what the network does, and sends the headers of the settings nowhere else.
 */
import {
  type AgentOptions,
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Headers } from './headers.js'
import type { HttpAnswer, HttpResult, NoAnswer } from './http-result.js'
import type { HttpSettings } from './http-settings.js'
import { noAnswerBecauseOf, noAnswerInTime, type Remedies } from './no-answer.js'
import { unpacked } from './unpack.js'

/** What is sent. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** At the scheme, host and port of the settings. */
  readonly url: URL
  /** They go over the headers of the settings. */
  readonly headers?: Headers
  /** As it goes over the wire, in pieces that are sent one behind the other. */
  readonly body?: readonly Uint8Array[]
  /** The most bytes of the answer's body that are kept. */
  readonly maxAnswerBytes: number
}

/** Something that talks to one place. */
export interface HttpClient {
  /** Sends a request and waits for the whole answer. */
  send(request: HttpRequest): Promise<HttpResult>
  /**
   * Lets go of the connections. What is under way then, or begun later, ends at once without an
   * answer, as something that will not pass.
   */
  close(): void
}

/**
 * Opens connections to the place of the settings, when they are needed.
 *
 * @param remedies What mends a failed connection to this kind of place.
 * @throws {TypeError} from `send`, for a URL at another place than that of the settings.
 * @example
 * const client = openHttpClient(settings)
 * const result = await client.send({ method: 'GET', url: settings.url, maxAnswerBytes: 1_000_000 })
 * if (result.kind === 'unreachable') console.error(result.reason)
 */
export function openHttpClient(settings: HttpSettings, remedies: Remedies = {}): HttpClient {
  const agent = agentFor(settings, { keepAlive: true, maxSockets: settings.concurrency })
  const place: Place = { settings, remedies, isClosed: false }
  return {
    async send(request) {
      if (place.isClosed) return CLOSED
      if (request.url.origin !== settings.url.origin) {
        throw new TypeError(`a request to another place than ${settings.location}`)
      }
      const first = await exchange(place, agent, request)
      // A server may close a kept connection just as it is used again; that is no failure of it.
      const result =
        first === 'stale' ? await exchange(place, agentFor(settings, {}), request) : first
      if (result === 'stale') throw new Error('a connection that is new cannot be stale')
      if (first === 'stale' && result.kind === 'unreachable') return sentBefore(result)
      return result.kind === 'answered' ? unpacked(result, request.maxAnswerBytes) : result
    },
    close() {
      place.isClosed = true
      agent.destroy()
    },
  }
}

/** It may as well have closed the kept connection because of what it was sent. */
function sentBefore(noAnswer: NoAnswer): NoAnswer {
  return noAnswer === CLOSED ? noAnswer : { ...noAnswer, isSent: true }
}

const CLOSED: NoAnswer = {
  kind: 'unreachable',
  reason: 'the connection was closed here',
  mayPass: false,
}

/** Whom a client talks to, and what to advise where that fails. */
interface Place {
  readonly settings: HttpSettings
  readonly remedies: Remedies
  /** Whether we closed it ourselves. */
  isClosed: boolean
}

function agentFor(settings: HttpSettings, options: AgentOptions): HttpAgent | HttpsAgent {
  return settings.url.protocol === 'https:'
    ? new HttpsAgent({ ...options, ...settings.tls })
    : new HttpAgent(options)
}

const connectedSockets = new WeakSet<Socket>()

function exchange(
  place: Place,
  agent: HttpAgent | HttpsAgent,
  { maxAnswerBytes, ...what }: HttpRequest,
): Promise<HttpResult | 'stale'> {
  const { settings, remedies } = place
  return new Promise((resolve) => {
    const request = begin(settings, agent, what)
    const bytes = bytesIn(what.body ?? [])
    let answering = false
    let isConnected = false
    let timer: NodeJS.Timeout | undefined
    let isSettled = false
    const settle = (result: HttpResult | 'stale') => {
      isSettled = true
      clearTimeout(timer)
      resolve(result)
      if (!request.writableFinished) request.destroy()
    }
    const none = (noAnswer: NoAnswer): NoAnswer =>
      isConnected ? { ...noAnswer, isSent: true } : noAnswer
    // Until it has a connection a request waits for others, each of which has its own limit.
    request.on('socket', (socket) => {
      const connected = settings.url.protocol === 'https:' ? 'secureConnect' : 'connect'
      // One that waited for its turn gets a socket that another one connected, and is not told so.
      if (request.reusedSocket || connectedSockets.has(socket)) isConnected = true
      else
        socket.once(connected, () => {
          connectedSockets.add(socket)
          isConnected = true
        })
      timer = setTimeout(() => {
        // A busy process may be late to read an answer that came in time: what is there counts.
        setImmediate(() => {
          if (isSettled) return
          settle(none(noAnswerInTime(settings)))
          request.destroy()
        })
      }, settings.timeoutMs)
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      // An answer may come before the request is sent to its end; then the answer is what counts.
      if (answering) return
      if (place.isClosed) return settle(CLOSED)
      const closed = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      settle(
        closed && request.reusedSocket
          ? 'stale'
          : none(noAnswerBecauseOf(error, settings, { bytes, remedies })),
      )
    })
    request.on('response', (response) => {
      answering = true
      collect(response, request, { settle, maxAnswerBytes, place })
    })
    // Together, so that many small pieces are no packets of their own.
    request.cork()
    for (const piece of what.body ?? []) request.write(piece)
    request.uncork()
    request.end()
  })
}

function bytesIn(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

function begin(
  settings: HttpSettings,
  agent: HttpAgent | HttpsAgent,
  { method, url, headers, body }: Omit<HttpRequest, 'maxAnswerBytes'>,
): ClientRequest {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return send(url, {
    method,
    agent,
    headers: {
      ...settings.headers,
      ...headers,
      ...(body && { 'content-length': bytesIn(body) }),
    },
  })
}

function collect(
  response: IncomingMessage,
  request: ClientRequest,
  to: {
    settle(result: HttpResult): void
    readonly maxAnswerBytes: number
    readonly place: Place
  },
): void {
  const chunks: Buffer[] = []
  let bytes = 0
  const answered = (isCutOff: boolean): HttpAnswer => {
    const { statusCode: status = 0, headers } = response
    const body = Buffer.concat(chunks).subarray(0, to.maxAnswerBytes)
    return { kind: 'answered', status, headers, body, isCutOff }
  }
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes <= to.maxAnswerBytes) return
    to.settle(answered(true))
    request.destroy()
  })
  response.on('end', () => to.settle(answered(false)))
  response.on('error', () => {})
  response.on('close', () => {
    const reason = 'the answer broke off in the middle'
    const brokenOff = { kind: 'unreachable', reason, mayPass: true, isSent: true } as const
    to.settle(to.place.isClosed ? CLOSED : brokenOff)
  })
}
