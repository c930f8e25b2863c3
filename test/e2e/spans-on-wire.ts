/**
 * The spans of an OTLP request in protobuf as the bytes that stand on the wire, not as what they
 * mean: for telling whether one that was sent twice was the very same.
 */
import protobuf from 'protobufjs'

const { root } = protobuf.parse(
  `syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { bytes resource = 1; repeated ScopeSpans scope_spans = 2; }
  message ScopeSpans { bytes scope = 1; repeated bytes spans = 2; }
  message Span { bytes trace_id = 1; bytes span_id = 2; }`,
)
const Request = root.lookupType('Request')
const Span = root.lookupType('Span')

/** A span as it stands in a request. */
export interface SpanOnWire {
  /** Its trace and span id, in hexadecimal digits. */
  readonly id: string
  /** Its bytes, and before them those of its resource and scope. */
  readonly bytes: Uint8Array
}

interface Decoded {
  readonly resourceSpans?: readonly {
    readonly resource?: Uint8Array
    readonly scopeSpans?: readonly {
      readonly scope?: Uint8Array
      readonly spans?: readonly Uint8Array[]
    }[]
  }[]
}

/** The spans of a request, in order. */
export function spansOnWire(body: Uint8Array): SpanOnWire[] {
  const { resourceSpans = [] } = Request.toObject(Request.decode(body)) as Decoded
  return resourceSpans.flatMap(({ resource = EMPTY, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope = EMPTY, spans = [] }) =>
      spans.map((span) => ({ id: idOf(span), bytes: Buffer.concat([resource, scope, span]) })),
    ),
  )
}

const EMPTY = new Uint8Array()

function idOf(span: Uint8Array): string {
  const { traceId, spanId } = Span.toObject(Span.decode(span)) as {
    readonly traceId: Uint8Array
    readonly spanId: Uint8Array
  }
  return `${Buffer.from(traceId).toString('hex')} ${Buffer.from(spanId).toString('hex')}`
}
