/**
 * Pages into request bodies of a limited size.
 *
 * Pages go in the order in which they come, as many into one request as fit. A page that is too
 * large for one request is cut between spans. A span that is larger than the settings allow is left
 * out and named; the spans beside it are sent. One that is larger than what the receiver was found
 * to take goes alone.
 */
import {
  type EncodedSpans,
  type SpanEncodingName,
  sentPage,
  type TracePage,
} from '../mapping/page.js'
import type { Span } from '../trace/trace.js'
import type { PageOutcome } from './delivery.js'
import { FLAGS } from './otlp-flags.js'
import { PageProgress } from './page-progress.js'
import type { RequestLimit } from './request-limit.js'
import { type SpanEncoding, spanEncoding } from './span-encoding.js'

/** The spans of one page in one request. */
export interface Share {
  readonly progress: PageProgress
  /** How many spans. */
  readonly spans: number
  /** Its first span, for messages about a share of one; read back from what is sent. */
  first(): { readonly name: string; readonly spanId: string } | undefined
}

/** A request that is ready to be sent. */
export interface PackedRequest {
  /** Before compression. */
  readonly bytes: number
  readonly shares: readonly Share[]
  /** The body, in pieces. */
  body(): readonly Uint8Array[]
  /** Its shares in two requests; none where there is one share only. */
  halves(): readonly PackedRequest[]
  /** The same in two requests, of which a single share is cut between its spans; none for one span. */
  smaller(): readonly PackedRequest[]
  /** Each share in a request of its own. */
  apart(): readonly PackedRequest[]
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
 * @param limit How large a body may be, before compression; it may change between requests.
 * @param whenDone Told the outcome of each page as soon as all its spans are settled.
 * @example
 * const limit = new RequestLimit(4_000_000)
 * for (const request of packer('protobuf', limit, done).add(page)) await post(Buffer.concat(request.body()))
 */
export function packer(
  encoding: SpanEncodingName,
  limit: RequestLimit,
  whenDone: (outcome: PageOutcome) => void,
): RequestPacker {
  return new Packer(spanEncoding(encoding), limit, whenDone)
}

/** Spans of one page, encoded. They are kept as bytes alone: as objects they take several times as much. */
class Part implements Share {
  readonly progress: PageProgress
  readonly spans: number
  readonly encoded: Uint8Array
  readonly #encoding: SpanEncoding

  constructor(progress: PageProgress, spans: number, encoded: Uint8Array, encoding: SpanEncoding) {
    this.progress = progress
    this.spans = spans
    this.encoded = encoded
    this.#encoding = encoding
  }

  first(): Span | undefined {
    return this.#encoding.decode(this.encoded)?.spans[0]
  }

  /** Its spans in two parts; none where it has one, or cannot be read back. */
  halves(): readonly Part[] {
    const trace = this.spans < 2 ? undefined : this.#encoding.decode(this.encoded)
    if (trace === undefined) return []
    return inTwo(trace.spans).map((spans) => {
      const encoded = this.#encoding.encode({ ...trace, spans })
      return new Part(this.progress, spans.length, encoded, this.#encoding)
    })
  }
}

class Packer implements RequestPacker {
  readonly #encoding: SpanEncoding
  readonly #limit: RequestLimit
  readonly #whenDone: (outcome: PageOutcome) => void
  #open: Part[] = []
  #bytes: number

  constructor(
    encoding: SpanEncoding,
    limit: RequestLimit,
    whenDone: (outcome: PageOutcome) => void,
  ) {
    this.#encoding = encoding
    this.#limit = limit
    this.#whenDone = whenDone
    this.#bytes = encoding.around
  }

  *add(page: TracePage): Generator<PackedRequest> {
    const progress = new PageProgress(sentPage(page), this.#whenDone)
    const whole = page.encoded && this.#asItCame(page.encoded, progress)
    const parts = whole ? [whole] : this.#fitting(page, page.trace.spans, progress)
    for (const part of parts) {
      const bytes = this.#bytesOf(part)
      if (this.#bytes + bytes > this.#limit.now) yield* this.rest()
      this.#open.push(part)
      this.#bytes += bytes
    }
  }

  *rest(): Generator<PackedRequest> {
    if (this.#open.length === 0) return
    const open = this.#open
    this.#open = []
    this.#bytes = this.#encoding.around
    yield this.#request(open)
  }

  #request(open: readonly Part[]): PackedRequest {
    const halves = () => (open.length < 2 ? [] : inTwo(open).map((half) => this.#request(half)))
    return {
      bytes: open.reduce((sum, part) => sum + this.#bytesOf(part), this.#encoding.around),
      shares: open,
      body: () => this.#encoding.join(open.map(({ encoded }) => encoded)),
      halves,
      smaller: () => {
        const [only, ...others] = open
        if (only === undefined || others.length > 0) return halves()
        return only.halves().map((half) => this.#request([half]))
      },
      apart: () => open.map((part) => this.#request([part])),
    }
  }

  /** The page as one part, where it came in the encoding of the requests and fits one of them. */
  #asItCame({ encoding, bytes, page }: EncodedSpans, progress: PageProgress): Part | undefined {
    if (encoding !== this.#encoding.name) return undefined
    const part = new Part(progress, page.spans, bytes, this.#encoding)
    return this.#aloneBytes(part) <= this.#limit.now ? part : undefined
  }

  /** Spans of a page in parts that each fit a request: one if it fits, else those of two halves. */
  *#fitting(page: TracePage, spans: readonly Span[], progress: PageProgress): Generator<Part> {
    const encoded = this.#encoding.encode({ ...page.trace, spans })
    const part = new Part(progress, spans.length, encoded, this.#encoding)
    const whole = this.#aloneBytes(part)
    const [only, ...others] = spans
    if (whole <= this.#limit.now) {
      yield part
    } else if (others.length > 0) {
      for (const half of inTwo(spans)) yield* this.#fitting(page, half, progress)
    } else if (whole <= this.#limit.most) {
      yield part
    } else if (only !== undefined) {
      this.#leaveOut(only, this.#bytesOf(part), progress)
    }
  }

  /** What a request has with nothing else in it. */
  #aloneBytes(part: Part): number {
    return this.#encoding.around + this.#bytesOf(part)
  }

  #bytesOf({ encoded }: Part): number {
    return encoded.byteLength + this.#encoding.behindEach
  }

  #leaveOut(span: Span, bytes: number, progress: PageProgress): void {
    const message =
      `span "${span.name}" (${span.spanId}) of run ${progress.page.runId} has ${bytes} bytes and was not sent: ` +
      `a request has at most ${this.#limit.most} (${FLAGS.maxRequestBytes})`
    progress.settle({ unsent: 1, problem: { kind: 'too_large', message } })
  }
}

function inTwo<T>(list: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(list.length / 2)
  return [list.slice(0, middle), list.slice(middle)]
}
