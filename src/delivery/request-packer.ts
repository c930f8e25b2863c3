/**
 * Pages into request bodies of a limited size.
 *
 * Pages go in the order in which they come, as many into one request as fit. A page that is too
 * large for one request is cut between spans. A span that is too large by itself is left out and
 * named; the spans beside it are sent.
 */
import type { TracePage } from '../mapping/page.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../trace/otlp-json.js'
import { encodeResourceSpansProtobuf } from '../trace/otlp-protobuf.js'
import type { Span, Trace } from '../trace/trace.js'
import type { PageOutcome } from './delivery.js'
import { FLAGS } from './otlp-flags.js'
import { PageProgress } from './page-progress.js'

/** The spans of one page in one request. */
export interface Share {
  readonly progress: PageProgress
  readonly spans: number
}

/** A request that is ready to be sent. */
export interface PackedRequest {
  /** Before compression. */
  readonly bytes: number
  readonly shares: readonly Share[]
  /** Builds the body; it is not kept. */
  body(): Uint8Array
  /** The same parts in two requests; none where there is one part only. */
  halves(): readonly PackedRequest[]
}

/** Packs pages into requests. */
export interface RequestPacker {
  /** Takes a page; gives the requests that are full now. */
  add(page: TracePage): Generator<PackedRequest>
  /** Gives the request that is not full, if there is one. */
  rest(): Generator<PackedRequest>
}

/**
 * A packer for one stream of pages.
 *
 * @param maxBytes The most bytes of one body, before compression.
 * @param whenDone Told the outcome of each page as soon as all its spans are settled.
 * @example
 * for (const request of packer('protobuf', 4_000_000, done).add(page)) await post(request.body())
 */
export function packer(
  encoding: 'protobuf' | 'json',
  maxBytes: number,
  whenDone: (outcome: PageOutcome) => void,
): RequestPacker {
  return encoding === 'json'
    ? new Packer(JSON_PARTS, maxBytes, whenDone)
    : new Packer(PROTOBUF_PARTS, maxBytes, whenDone)
}

/** How parts become a body. */
interface Parts<Part> {
  encode(trace: Trace): Part
  /** What a part takes in a body, with what stands between it and the next. */
  bytesOf(part: Part): number
  /** What a body has around its parts. */
  readonly around: number
  join(parts: readonly Part[]): Uint8Array
}

const JSON_PARTS: Parts<string> = {
  encode: encodeResourceSpansJson,
  bytesOf: (part) => Buffer.byteLength(part) + 1,
  around: Buffer.byteLength(joinJsonRequest([])) - 1,
  join: (parts) => Buffer.from(joinJsonRequest(parts)),
}

const PROTOBUF_PARTS: Parts<Uint8Array> = {
  encode: encodeResourceSpansProtobuf,
  bytesOf: (part) => part.byteLength,
  around: 0,
  join: (parts) => Buffer.concat(parts),
}

/** Spans of one page that wait for a request. */
interface OpenPart<Part> {
  readonly part: Part
  readonly share: Share
}

class Packer<Part> implements RequestPacker {
  readonly #parts: Parts<Part>
  readonly #maxBytes: number
  readonly #whenDone: (outcome: PageOutcome) => void
  #open: OpenPart<Part>[] = []
  #bytes: number

  constructor(parts: Parts<Part>, maxBytes: number, whenDone: (outcome: PageOutcome) => void) {
    this.#parts = parts
    this.#maxBytes = maxBytes
    this.#whenDone = whenDone
    this.#bytes = parts.around
  }

  *add(page: TracePage): Generator<PackedRequest> {
    const progress = new PageProgress(page, this.#whenDone)
    for (const { part, bytes, spans } of this.#fitting(page.trace, progress)) {
      if (this.#bytes + bytes > this.#maxBytes) yield* this.rest()
      this.#open.push({ part, share: { progress, spans } })
      this.#bytes += bytes
    }
  }

  *rest(): Generator<PackedRequest> {
    if (this.#open.length === 0) return
    const open = this.#open
    this.#open = []
    this.#bytes = this.#parts.around
    yield this.#request(open)
  }

  #request(open: readonly OpenPart<Part>[]): PackedRequest {
    const middle = Math.ceil(open.length / 2)
    return {
      bytes: open.reduce((sum, { part }) => sum + this.#parts.bytesOf(part), this.#parts.around),
      shares: open.map(({ share }) => share),
      body: () => this.#parts.join(open.map(({ part }) => part)),
      halves: () =>
        open.length < 2
          ? []
          : [open.slice(0, middle), open.slice(middle)].map((half) => this.#request(half)),
    }
  }

  /** A trace in parts that each fit a request: one if it fits, else those of its two halves. */
  *#fitting(
    trace: Trace,
    progress: PageProgress,
  ): Generator<{ part: Part; bytes: number; spans: number }> {
    const part = this.#parts.encode(trace)
    const bytes = this.#parts.bytesOf(part)
    const { spans } = trace
    if (this.#parts.around + bytes <= this.#maxBytes) {
      yield { part, bytes, spans: spans.length }
    } else if (spans.length > 1) {
      const half = Math.ceil(spans.length / 2)
      yield* this.#fitting({ ...trace, spans: spans.slice(0, half) }, progress)
      yield* this.#fitting({ ...trace, spans: spans.slice(half) }, progress)
    } else {
      for (const span of spans) this.#leaveOut(span, bytes, progress)
    }
  }

  #leaveOut(span: Span, bytes: number, progress: PageProgress): void {
    const message =
      `span "${span.name}" (${span.spanId}) of run ${progress.page.runId} has ${bytes} bytes and was not sent: ` +
      `a request has at most ${this.#maxBytes} (${FLAGS.maxRequestBytes})`
    progress.settle({ unsent: 1, problem: { kind: 'too_large', message } })
  }
}
