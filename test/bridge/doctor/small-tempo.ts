/**
 * A small server that takes OTLP and gives traces back as a Tempo does, and that loses or changes
 * whatever it is told to. It finds nothing by search.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { encodeResourceSpansJson } from '../../../src/trace/otlp-json.js'
import type { ReceivedSpan } from '../../../src/trace/trace.js'
import { type LocalServer, startLocalServer } from '../../http/local-server.js'
import { decodeRequest, encodeResponse, encodeStatus } from '../../receiver/otlp-messages.js'
import { receivedSpans } from '../../receiver/received-spans.js'

/** A server that is running. */
export class SmallTempo {
  /** What becomes of a span that it accepts; nothing where it is lost. */
  keep: (received: ReceivedSpan) => ReceivedSpan | undefined = (received) => received
  /** What it answers instead, by method and path: a status and words. */
  refuse: (
    request: IncomingMessage,
    bytes: number,
  ) => { status: number; words: string } | undefined = () => undefined
  /** Whether it gives a trace, or knows nothing of it this time; told how often it was asked before. */
  shows: (spans: readonly ReceivedSpan[], askedBefore: number) => boolean = () => true
  /** What it answers to `/status/config`; 404 where it is absent. */
  config: string | undefined
  /** Every span that came, also where it was lost. */
  readonly came: ReceivedSpan[] = []
  readonly #kept = new Map<string, ReceivedSpan[]>()
  readonly #asked = new Map<string, number>()
  readonly #server: LocalServer

  private constructor(server: LocalServer) {
    this.#server = server
  }

  static async start(): Promise<SmallTempo> {
    const server = await startLocalServer((request, response) => {
      tempo.#handle(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error))
      })
    })
    const tempo = new SmallTempo(server)
    return tempo
  }

  /** Its address for both directions, without a path. */
  get url(): string {
    return this.#server.url
  }

  close(): Promise<void> {
    return this.#server.stop()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const sent = Buffer.concat(chunks)
    const refusal = this.refuse(request, sent.length)
    const path = (request.url ?? '').replace(/\?.*/, '')
    if (refusal !== undefined) {
      const isOtlp = path === '/v1/traces'
      const body = isOtlp ? encodeStatus(3, refusal.words) : refusal.words
      const type = isOtlp ? 'application/x-protobuf' : 'text/plain'
      response.writeHead(refusal.status, { 'content-type': type }).end(body)
    } else if (path === '/v1/traces') {
      const isGzip = request.headers['content-encoding'] === 'gzip'
      for (const received of receivedSpans(decodeRequest(isGzip ? gunzipSync(sent) : sent))) {
        this.#take(received)
      }
      response
        .writeHead(200, { 'content-type': 'application/x-protobuf' })
        .end(encodeResponse(0, ''))
    } else {
      const answer = this.#answerTo(path)
      if (answer === undefined) response.writeHead(404).end('404 page not found')
      else response.writeHead(200).end(answer)
    }
  }

  #take(received: ReceivedSpan): void {
    this.came.push(received)
    const kept = this.keep(received)
    if (kept === undefined) return
    const { traceId } = kept.span
    this.#kept.set(traceId, [...(this.#kept.get(traceId) ?? []), kept])
  }

  #answerTo(path: string): string | undefined {
    const traceId = /^\/api\/v2\/traces\/(\w+)$/.exec(path)?.[1]
    if (traceId !== undefined) {
      const askedBefore = this.#asked.get(traceId) ?? 0
      this.#asked.set(traceId, askedBefore + 1)
      const kept = this.#kept.get(traceId) ?? []
      const parts = (this.shows(kept, askedBefore) ? kept : []).map(({ resource, scope, span }) =>
        encodeResourceSpansJson({ resource, scope, spans: [span] }),
      )
      return `{"trace":{"resourceSpans":[${parts.join(',')}]}}`
    }
    switch (path) {
      case '/api/search':
        return '{"traces":[],"metrics":{}}'
      case '/api/echo':
        return 'echo'
      case '/status/config':
        return this.config
      default:
        return undefined
    }
  }
}
