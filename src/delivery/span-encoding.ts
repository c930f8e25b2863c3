/**
 * The two encodings of OTLP/HTTP, as a request is put together from them: a part holds spans of one
 * page, a body holds parts. What was encoded can be read back, so that spans need not be kept as well.
 */
import { parseJson } from '../json/lossless.js'
import type { EncodedSpans, SpanEncodingName, TracePage } from '../mapping/page.js'
import type { DecodedSpans } from '../trace/decoded-spans.js'
import {
  decodeOtlpJson,
  encodeResourceSpansJsonBytes,
  joinJsonRequest,
} from '../trace/otlp-json.js'
import { decodeOtlpProtobuf, encodeResourceSpansProtobuf } from '../trace/otlp-protobuf.js'
import type { Trace } from '../trace/trace.js'

/** How spans become the body of a request, and parts of a body spans again. */
export interface SpanEncoding {
  readonly name: SpanEncodingName
  /** The spans as a part of a body. */
  encode(trace: Trace): Uint8Array
  /** What {@link encode} was given; `undefined` where it cannot be read back, as spans without valid ids. */
  decode(part: Uint8Array): Trace | undefined
  /** The bytes that a body has around its parts. */
  readonly around: number
  /** The bytes that a body has behind each part. */
  readonly behindEach: number
  /** A body of these parts, in pieces: what stands around and between them, and they themselves. */
  join(parts: readonly Uint8Array[]): readonly Uint8Array[]
}

/**
 * The encoding of this name.
 *
 * @example
 * const encoding = spanEncoding('protobuf')
 * const body = Buffer.concat(encoding.join(traces.map(encoding.encode))) // of POST /v1/traces
 */
export function spanEncoding(name: SpanEncodingName): SpanEncoding {
  return name === 'json' ? JSON_ENCODING : PROTOBUF_ENCODING
}

/**
 * A page whose spans were encoded before, by {@link SpanEncoding.encode}. They are read back where
 * somebody asks for them.
 *
 * @example
 * encodedPage({ encoding: 'protobuf', bytes, page: sentPage(page) }).trace.spans.length
 */
export function encodedPage(encoded: EncodedSpans): TracePage {
  const { encoding, bytes, page } = encoded
  const { traceId, spans, ...name } = page
  return {
    ...name,
    encoded,
    get trace() {
      const trace = spanEncoding(encoding).decode(bytes)
      if (trace?.spans.length === spans) return trace
      throw new Error(`the ${spans} spans of trace ${traceId} cannot be read back`)
    },
  }
}

const PROTOBUF_ENCODING: SpanEncoding = {
  name: 'protobuf',
  encode: encodeResourceSpansProtobuf,
  decode: (part) => traceOf(decodeOtlpProtobuf(part)),
  around: 0,
  behindEach: 0,
  join: (parts) => parts,
}

const [BEFORE_PARTS, BEHIND_PARTS] = joinJsonRequest(['|']).split('|').map(Buffer.from) as [
  Buffer,
  Buffer,
]
const COMMA = Buffer.from(',')

const JSON_ENCODING: SpanEncoding = {
  name: 'json',
  encode: encodeResourceSpansJsonBytes,
  decode: (part) =>
    traceOf(decodeOtlpJson(parseJson(joinJsonRequest([Buffer.from(part).toString()])))),
  // There is no comma behind the last part.
  around: BEFORE_PARTS.length + BEHIND_PARTS.length - COMMA.length,
  behindEach: COMMA.length,
  join: (parts) => [
    BEFORE_PARTS,
    ...parts.flatMap((part, i) => (i === 0 ? [part] : [COMMA, part])),
    BEHIND_PARTS,
  ],
}

/** They came from one trace, so they have one resource and one scope. */
function traceOf({ spans, problems }: DecodedSpans): Trace | undefined {
  const [first] = spans
  if (first === undefined || problems.length > 0) return undefined
  return { resource: first.resource, scope: first.scope, spans: spans.map(({ span }) => span) }
}
