/**
 * Pages into request bodies of a limited size.
 *
 * Pages go in the order in which they come, as many into one request as fit. A page that is too
 * large for one request is cut between spans. A span that is larger than the settings allow is left
 * out and named; the spans beside it are sent. One that is larger than what the receiver was found
 * to take goes alone.
 */
import type { TracePage } from '../mapping/page.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../trace/otlp-json.js'
import { encodeResourceSpansProtobuf } from '../trace/otlp-protobuf.js'
import type { Span, Trace } from '../trace/trace.js'
import type { PageOutcome } from './delivery.js'
import { FLAGS } from './otlp-flags.js'
import { PageProgress } from './page-progress.js'
import type { RequestLimit } from './request-limit.js'

/** The spans of one page in one request. */
export interface Share {
  readonly progress: PageProgress
  readonly spans: readonly Span[]
}

/** A request that is ready to be sent. */
export interface PackedRequest {
  /** Before compression. */
  readonly bytes: number
  readonly shares: readonly Share[]
  /** Builds the body; it is not kept. */
  body(): Uint8Array
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
 * for (const request of packer('protobuf', limit, done).add(page)) await post(request.body())
 */
export function packer(
  encoding: 'protobuf' | 'json',
  limit: RequestLimit,
  whenDone: (outcome: PageOutcome) => void,
): RequestPacker {
  return encoding === 'json'
    ? new Packer(JSON_PARTS, limit, whenDone)
    : new Packer(PROTOBUF_PARTS, limit, whenDone)
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

/** Spans of one page, encoded. */
interface OpenPart<Part> {
  readonly part: Part
  readonly share: Share
}

class Packer<Part> implements RequestPacker {
  readonly #parts: Parts<Part>
  readonly #limit: RequestLimit
  readonly #whenDone: (outcome: PageOutcome) => void
  #open: OpenPart<Part>[] = []
  #bytes: number

  constructor(parts: Parts<Part>, limit: RequestLimit, whenDone: (outcome: PageOutcome) => void) {
    this.#parts = parts
    this.#limit = limit
    this.#whenDone = whenDone
    this.#bytes = parts.around
  }

  *add(page: TracePage): Generator<PackedRequest> {
    const progress = new PageProgress(page, this.#whenDone)
    for (const part of this.#fitting({ progress, spans: page.trace.spans })) {
      const bytes = this.#parts.bytesOf(part.part)
      if (this.#bytes + bytes > this.#limit.now) yield* this.rest()
      this.#open.push(part)
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
    const halves = () => (open.length < 2 ? [] : inTwo(open).map((half) => this.#request(half)))
    return {
      bytes: open.reduce((sum, { part }) => sum + this.#parts.bytesOf(part), this.#parts.around),
      shares: open.map(({ share }) => share),
      body: () => this.#parts.join(open.map(({ part }) => part)),
      halves,
      smaller: () => {
        const [only, ...others] = open
        if (only === undefined || others.length > 0) return halves()
        const { progress, spans } = only.share
        if (spans.length < 2) return []
        return inTwo(spans).map((half) => this.#request([this.#encoded(progress, half)]))
      },
      apart: () => open.map((part) => this.#request([part])),
    }
  }

  /** Spans of a page in parts that each fit a request: one if it fits, else those of two halves. */
  *#fitting({ progress, spans }: Share): Generator<OpenPart<Part>> {
    const encoded = this.#encoded(progress, spans)
    const bytes = this.#parts.bytesOf(encoded.part)
    const whole = this.#parts.around + bytes
    const [only, ...others] = spans
    if (whole <= this.#limit.now) {
      yield encoded
    } else if (others.length > 0) {
      for (const half of inTwo(spans)) yield* this.#fitting({ progress, spans: half })
    } else if (whole <= this.#limit.most) {
      yield encoded
    } else if (only !== undefined) {
      this.#leaveOut(only, bytes, progress)
    }
  }

  #encoded(progress: PageProgress, spans: readonly Span[]): OpenPart<Part> {
    const part = this.#parts.encode({ ...progress.page.trace, spans })
    return { part, share: { progress, spans } }
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
