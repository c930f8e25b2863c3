/**
 * One POST over HTTP or HTTPS, and what came of it.
 *
 * It compresses, keeps connections alive, and limits the time of the whole exchange and the size of
 * the answer. It does not retry, follow redirects, or know what the bytes mean. It never throws for
 * what the network does.
 */
import {
  type AgentOptions,
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { HttpResult, HttpTransport } from './http-result.js'
import { noAnswerBecauseOf, noAnswerInTime } from './no-answer.js'
import type { OtlpSettings } from './otlp-settings.js'

const MAX_ANSWER_BYTES = 1_000_000

const compress = promisify(gzip)

/**
 * Opens connections to the endpoint of the settings, when they are needed.
 *
 * @example
 * const answer = await openHttpTransport(settings).post(body)
 * if (answer.kind === 'unreachable') console.error(answer.reason)
 */
export function openHttpTransport(settings: OtlpSettings): HttpTransport {
  const agent = agentFor(settings, { keepAlive: true, maxSockets: settings.concurrency })
  return {
    async post(body) {
      const packed = settings.compression === 'gzip' ? await compress(body) : body
      const first = await exchange(settings, agent, packed)
      if (first !== 'stale') return first
      // A server may close a kept connection just as it is used again; that is no failure of it.
      const second = await exchange(settings, agentFor(settings, {}), packed)
      if (second === 'stale') throw new Error('a connection that is new cannot be stale')
      return second
    },
    close: () => agent.destroy(),
  }
}

function agentFor(settings: OtlpSettings, options: AgentOptions): HttpAgent | HttpsAgent {
  return settings.url.protocol === 'https:'
    ? new HttpsAgent({ ...options, ...settings.tls })
    : new HttpAgent(options)
}

function exchange(
  settings: OtlpSettings,
  agent: HttpAgent | HttpsAgent,
  body: Uint8Array,
): Promise<HttpResult | 'stale'> {
  return new Promise((resolve) => {
    const request = begin(settings, agent, body.byteLength)
    let answering = false
    const settle = (result: HttpResult | 'stale') => {
      clearTimeout(timer)
      resolve(result)
      if (!request.writableFinished) request.destroy()
    }
    const timer = setTimeout(() => {
      settle(noAnswerInTime(settings))
      request.destroy()
    }, settings.timeoutMs)

    request.on('error', (error: NodeJS.ErrnoException) => {
      // An answer may come before the request is sent to its end; then the answer is what counts.
      if (answering) return
      const closed = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      settle(
        closed && request.reusedSocket
          ? 'stale'
          : noAnswerBecauseOf(error, settings, body.byteLength),
      )
    })
    request.on('response', (response) => {
      answering = true
      collect(response, request, settle)
    })
    request.end(body)
  })
}

function begin(
  settings: OtlpSettings,
  agent: HttpAgent | HttpsAgent,
  bytes: number,
): ClientRequest {
  const send = settings.url.protocol === 'https:' ? httpsRequest : httpRequest
  return send(settings.url, {
    method: 'POST',
    agent,
    headers: {
      ...settings.headers,
      'content-type': `application/${settings.encoding === 'json' ? 'json' : 'x-protobuf'}`,
      'content-length': bytes,
      ...(settings.compression === 'gzip' && { 'content-encoding': 'gzip' }),
    },
  })
}

function collect(
  response: IncomingMessage,
  request: ClientRequest,
  settle: (result: HttpResult) => void,
): void {
  const chunks: Buffer[] = []
  let bytes = 0
  const answered = () => {
    const { statusCode: status = 0, headers } = response
    const body = Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES)
    settle({ kind: 'answered', status, headers, body })
  }
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes <= MAX_ANSWER_BYTES) return
    answered()
    request.destroy()
  })
  response.on('end', answered)
  response.on('error', () => {})
  response.on('close', () => {
    settle({ kind: 'unreachable', reason: 'the answer broke off in the middle', mayPass: true })
  })
}
