/**
 * The OTLP/HTTP receiver of `serve`: what is posted to `/v1/traces` goes into a file of OTLP JSON lines.
 *
 * It keeps whatever spans it is sent, of any service. It knows no user, no TLS and no page: who may ask is
 * for the server that hands requests on to it.
 *
 * Source of the rules: the OTLP specification 1.x, "OTLP/HTTP".
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SpanItem } from '../../backends/backend.js'
import { openOtlpJsonFile } from '../../backends/otlp-file.js'
import { RivetOtelError, reasonOf } from '../../problem.js'
import { type Kept, KeptTraces } from './kept-traces.js'
import { type OtlpAnswer, refusal, send, taken } from './otlp-answer.js'
import { ACCEPTED_ENCODINGS, isReadableEncoding, Room, readBody } from './request-body.js'
import { readSent } from './sent-body.js'

/** How much a receiver takes upon itself. */
export interface ReceiverLimits {
  /** The most bytes of one request, as sent and after decompression. */
  readonly bodyBytes: number
  /** The most bytes of requests that wait or come in at one time; beyond, senders are asked to wait. */
  readonly queueBytes: number
  /** How long one request may take to come in, in ms. */
  readonly bodyMs: number
  /** From how many bytes of the file on its size is told of, once. */
  readonly largeFileBytes: number
}

/** The limits where nothing else is said; the size is that of the collector. */
const RECEIVER_LIMITS: ReceiverLimits = {
  bodyBytes: 20 * 1024 * 1024,
  queueBytes: 64 * 1024 * 1024,
  bodyMs: 30_000,
  largeFileBytes: 1_000_000_000,
}

/** How much larger than a body a line may be: protobuf as JSON is some three times as large, hostile text six. */
const LINE_FACTOR = 4

/** What a receiver is opened with. */
export interface ReceiverOptions {
  /** The file; it is made with its first line. */
  readonly file: string
  readonly limits?: Partial<ReceiverLimits>
  /** Told of what goes wrong and of damage that was mended, one sentence each. */
  readonly say: (message: string) => void
}

/** A run of which spans came. */
export interface ReceivedRun {
  readonly namespace: string
  readonly runId: string
}

/** A receiver that is open. */
export interface Receiver {
  /** The file. */
  readonly location: string
  /** Answers a request to `/v1/…`, whatever its method and path; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Tells which runs got spans that the file lacked, once they are on the disk; gives back how to stop it. */
  onRuns(listener: (runs: readonly ReceivedRun[]) => void): () => void
  /** Everything that the file holds, read anew. */
  spans(): AsyncIterable<SpanItem>
  /** Keeps what came in whole, then lets go of the file. */
  close(): Promise<void>
}

/**
 * Opens a receiver. Of a large file it goes on reading which spans are there; requests wait for that.
 *
 * @throws {RivetOtelError} `INVALID_SOURCE` where the file is something else, `UNWRITABLE` where it
 *   cannot be written.
 * @example
 * const receiver = await openReceiver({ file: 'rivet-traces.otlp.jsonl', say: console.error })
 * createServer((request, response) => void receiver.handle(request, response))
 */
export async function openReceiver(options: ReceiverOptions): Promise<Receiver> {
  const receiver = new FileReceiver(options)
  await receiver.open()
  return receiver
}

const TRACES = '/v1/traces'
/** Senders that may try for some seconds alone give up at once where they are told to wait for longer. */
const RETRY_SOON = { 'retry-after': '1' }

/** How long somebody may go on sending what nobody reads, in ms. */
const LEFTOVER_MS = 5_000

type Encoding = 'json' | 'protobuf'

const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  ['application/json', 'json'],
  ['application/x-protobuf', 'protobuf'],
])

class FileReceiver implements Receiver {
  readonly location: string
  readonly #limits: ReceiverLimits
  readonly #say: (message: string) => void
  readonly #room: Room
  readonly #kept: KeptTraces
  readonly #listeners = new Set<(runs: readonly ReceivedRun[]) => void>()
  /** What was said last of a file that cannot be written: it is said once until it can. */
  #complaint = ''
  #isClosed = false

  constructor({ file, limits = {}, say }: ReceiverOptions) {
    this.location = file
    this.#limits = { ...RECEIVER_LIMITS, ...limits }
    this.#say = say
    this.#room = new Room(this.#limits.queueBytes)
    this.#kept = new KeptTraces(file, {
      say,
      told: (runs) => this.#tell(runs),
      lineBytes: LINE_FACTOR * this.#limits.bodyBytes,
      largeBytes: this.#limits.largeFileBytes,
    })
  }

  async open(): Promise<void> {
    await this.#kept.open()
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: OtlpAnswer | undefined
    try {
      answer = await this.#answer(request)
    } catch (error) {
      this.#say(`a request could not be answered: ${reasonOf(error)}`)
      answer = refusal('json', 500, 'the receiver failed; what it says about it stands in its log')
    }
    endLater(request)
    if (answer !== undefined) send(response, answer)
  }

  onRuns(listener: (runs: readonly ReceivedRun[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  spans(): AsyncIterable<SpanItem> {
    return openOtlpJsonFile(this.location).spans()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#kept.close()
  }

  /** None, where the client is gone. */
  async #answer(request: IncomingMessage): Promise<OtlpAnswer | undefined> {
    const { method, url = '', headers } = request
    const path = url.split('?', 1)[0]
    const encoding = ENCODINGS.get(mediaType(headers['content-type']))
    if (path !== TRACES) {
      return refusal(encoding, 404, `this receiver keeps traces alone; expected ${TRACES}`)
    }
    if (method !== 'POST') return refusal(encoding, 405, 'expected POST', { allow: 'POST' })
    if (encoding === undefined) {
      return refusal(encoding, 415, `expected ${[...ENCODINGS.keys()].join(' or ')}`)
    }
    const packing = (headers['content-encoding'] ?? '').trim().toLowerCase()
    if (!isReadableEncoding(packing)) {
      return refusal(encoding, 415, `expected a content encoding of ${ACCEPTED_ENCODINGS}`, {
        'accept-encoding': ACCEPTED_ENCODINGS,
      })
    }
    return await this.#take(request, encoding, packing)
  }

  async #take(
    request: IncomingMessage,
    encoding: Encoding,
    packing: string,
  ): Promise<OtlpAnswer | undefined> {
    const { bodyBytes: most, bodyMs: ms } = this.#limits
    const body = await readBody(request, packing, { most, ms, room: this.#room })
    switch (body.kind) {
      case 'body':
        return await this.#keep(body.bytes, encoding)
      case 'gone':
        return undefined
      case 'too large':
        return refusal(encoding, 413, `expected at most ${most} bytes, also after decompression`)
      case 'no room':
        return refusal(encoding, 429, 'too much comes in at once; send it again', RETRY_SOON)
      case 'too slow':
        return refusal(encoding, 408, `expected the whole request within ${ms / 1000} s`, {
          connection: 'close',
        })
      case 'broken':
        return refusal(encoding, 400, `the body is not ${body.encoding}, as its header says`)
    }
  }

  async #keep(bytes: Uint8Array, encoding: Encoding): Promise<OtlpAnswer> {
    try {
      if (this.#isClosed) return refusal(encoding, 503, 'the receiver ends', RETRY_SOON)
      return this.#answerTo(await this.#kept.add(() => readSent(bytes, encoding)), encoding)
    } finally {
      this.#room.giveBack(bytes.length)
    }
  }

  #answerTo(kept: Kept, encoding: Encoding): OtlpAnswer {
    switch (kept.kind) {
      case 'kept':
        this.#complaint = ''
        return taken(encoding, kept.rejected, kept.problem)
      case 'unreadable':
        if (!(kept.error instanceof RivetOtelError)) throw kept.error
        return refusal(encoding, 400, kept.error.message)
      case 'unwritable': {
        const complaint = reasonOf(kept.error)
        if (complaint !== this.#complaint) this.#say(`traces are not kept: ${complaint}`)
        this.#complaint = complaint
        return refusal(encoding, 503, 'the file of this receiver cannot be written now', RETRY_SOON)
      }
    }
  }

  #tell(runs: readonly ReceivedRun[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(runs)
      } catch (error) {
        this.#say(`runs that came in could not be told of: ${reasonOf(error)}`)
      }
    }
  }
}

/** What still comes of a request that is answered already is thrown away, for a while. */
function endLater(request: IncomingMessage): void {
  if (request.complete) return
  const timer = setTimeout(() => request.destroy(), LEFTOVER_MS)
  request.on('close', () => clearTimeout(timer)).resume()
}

/** Without parameters, such as the charset: JSON is UTF-8 always. */
function mediaType(header = ''): string {
  return (header.split(';', 1)[0] ?? '').trim().toLowerCase()
}
