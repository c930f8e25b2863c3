/**
 * A real OTLP/HTTP receiver on 127.0.0.1 for tests: JSON and protobuf, gzip, HTTP and HTTPS.
 *
 * It records what it takes, and can be told to answer badly.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { decodeRequest, encodeResponse, encodeStatus } from './otlp-messages.js'
import { receivedSpans } from './received-spans.js'

/** How a request is answered; without anything as a receiver does that took it all. */
export interface Answer {
  /** Other than 2xx: nothing of the request is recorded as taken. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of the OTLP answer; nothing of the request is recorded as taken where it is HTML. */
  readonly body?: string | Uint8Array
  /** The message of the OTLP answer, or of the status. */
  readonly message?: string
  readonly rejectedSpans?: number
  /** Waits before the answer. */
  readonly delayMs?: number
  /** Instead of an answer: closes the connection, resets it, says nothing; or closes it in the middle of the body. */
  readonly connection?: 'close' | 'reset' | 'silent' | 'cut'
  /** Answers before the body of the request has come. */
  readonly early?: boolean
}

/** A request that came in whole. */
export interface ReceivedRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** As sent, and after decompression. */
  readonly bytesSent: number
  readonly bytes: number
  readonly spans: readonly ReceivedSpan[]
}

/** A receiver that is running. */
export class OtlpReceiver {
  /** Every request that came in whole, whatever was answered. */
  readonly requests: ReceivedRequest[] = []
  /** The spans of the requests that were answered with 2xx. */
  readonly taken: ReceivedSpan[] = []
  /** How many requests were under way at once at most. */
  mostAtOnce = 0
  port = 0
  /** Decides each answer; told how many requests came before. */
  answer: (before: number) => Answer = () => ({})
  /** Decides by what came; where it gives nothing, {@link answer} did. */
  answerTo: (request: ReceivedRequest) => Answer | undefined = () => undefined
  readonly #server: Server
  readonly #scheme: string
  #atOnce = 0
  #begun = 0

  private constructor(scheme: string, server: Server) {
    this.#scheme = scheme
    this.#server = server
  }

  /** @param port Any that is free where it is 0. */
  static async start(tls?: ServerOptions, port = 0): Promise<OtlpReceiver> {
    const server = tls === undefined ? createServer() : createTlsServer(tls)
    const receiver = new OtlpReceiver(tls === undefined ? 'http' : 'https', server)
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      receiver.#handle(request, response).catch((error: unknown) => {
        response.writeHead(400, { 'content-type': 'text/plain' })
        response.end(`the test receiver cannot read this: ${String(error)}`)
      })
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    receiver.port = (server.address() as AddressInfo).port
    return receiver
  }

  /** The base URL, without a path. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`
  }

  /** Closes the connections that nobody uses at the moment, as servers do after a while. */
  closeIdleConnections(): void {
    this.#server.closeIdleConnections()
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const told = this.answer(this.#begun++)
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce)
    response.on('close', () => this.#atOnce--)
    const type = request.headers['content-type'] ?? ''
    if (told.early) {
      write(response, told, type)
      return
    }
    const received = await receive(request)
    this.requests.push(received)
    const answer = this.answerTo(received) ?? told
    if (answer.delayMs !== undefined) await sleep(answer.delayMs)
    if (answer.connection === 'silent') return
    if (answer.connection === 'close') {
      request.socket.destroy()
      return
    }
    if (answer.connection === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    const { status = 200 } = answer
    const isHtml = answer.body?.toString().startsWith('<') ?? false
    if (status >= 200 && status < 300 && answer.connection === undefined && !isHtml) {
      this.taken.push(...received.spans)
    }
    write(response, answer, type)
  }
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const sent = Buffer.concat(chunks)
  const { headers, url = '' } = request
  const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
  return {
    path: url,
    headers,
    bytesSent: sent.length,
    bytes: body.length,
    spans: receivedSpans(decode(body, headers['content-type'])),
  }
}

function decode(body: Buffer, type: string | undefined): unknown {
  if (type === 'application/x-protobuf') return decodeRequest(body)
  if (type === 'application/json') return JSON.parse(body.toString())
  throw new Error(`content type ${type}`)
}

function write(response: ServerResponse, answer: Answer, type: string): void {
  const { status = 200, headers = {}, connection } = answer
  const body = Buffer.from(answer.body ?? otlpAnswer(answer, type))
  response.writeHead(status, {
    'content-type': answer.body === undefined ? type : 'text/html',
    'content-length': body.length + (connection === 'cut' ? 100 : 0),
    ...headers,
  })
  if (connection === 'cut') response.write(body, () => response.destroy())
  else response.end(body)
}

function otlpAnswer(
  { status = 200, message = '', rejectedSpans = 0 }: Answer,
  type: string,
): Uint8Array | string {
  const isProtobuf = type === 'application/x-protobuf'
  if (status >= 300) {
    return isProtobuf ? encodeStatus(3, message) : JSON.stringify({ code: 3, message })
  }
  return isProtobuf
    ? encodeResponse(rejectedSpans, message)
    : JSON.stringify({
        partialSuccess: {
          ...(rejectedSpans !== 0 && { rejectedSpans: String(rejectedSpans) }),
          ...(message !== '' && { errorMessage: message }),
        },
      })
}
