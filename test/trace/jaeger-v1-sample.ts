/**
 * A trace of everything that Jaeger spells in its own way in its v1 JSON. What Jaeger made of it is
 * `test/fixtures/jaeger-v1/sample.json`; `jaeger-v1-json.real.ts` keeps that true.
 */
import { type Span, SpanKind, StatusCode, type Trace } from '../../src/trace/trace.js'
import { bareSpan, everyValue } from './sample-traces.js'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const elsewhere = '3980a43af77f0e0d7a6d79d2ca3bf3d5'
const rootId = bareSpan.spanId
const start = bareSpan.startTimeUnixNano

/** A double that JSON cannot say makes Jaeger answer with an error, for a search that finds the trace too. */
const {
  nan: _nan,
  infinite: _infinite,
  'negative infinite': _negative,
  ...valuesOfJson
} = everyValue

const span = (id: number, more: Partial<Span>): Span => ({
  ...bareSpan,
  traceId,
  spanId: id.toString(16).padStart(16, '0'),
  ...more,
})

/** The trace as it was sent. */
export const jaegerV1Sample: Trace = {
  resource: {
    'service.name': 'rivet',
    'host.count': 2,
    empty: '',
    list: ['a', 1],
    bytes: new Uint8Array([1, 255]),
    big: 9223372036854775807n,
    nothing: null,
  },
  scope: { name: 'rivet-otel', version: '1' },
  spans: [
    { ...bareSpan, traceId, attributes: valuesOfJson },
    span(1, {
      name: 'a client that failed 表 \u0000',
      kind: SpanKind.CLIENT,
      parentSpanId: rootId,
      endTimeUnixNano: start + 1n,
      events: [
        { name: 'rivet.file_written', timeUnixNano: start + 1n, attributes: valuesOfJson },
        { name: '', timeUnixNano: start + 999n, attributes: {} },
        { name: 'named', timeUnixNano: start + 1999n, attributes: { event: 'its own' } },
        { name: 'numbered', timeUnixNano: start + 1999n, attributes: { event: 7 } },
      ],
      links: [
        { traceId: elsewhere, spanId: rootId, attributes: { a: 1 } },
        { traceId, spanId: '14c3013abf96a3fb', attributes: {} },
      ],
      status: { code: StatusCode.ERROR, message: 'connection lost: 表' },
    }),
    span(2, {
      name: '',
      kind: SpanKind.UNSPECIFIED,
      parentSpanId: '00000000000000ab',
      endTimeUnixNano: start + 142n,
      status: { code: StatusCode.OK },
    }),
    span(3, {
      name: 'a server that failed without a word',
      kind: SpanKind.SERVER,
      endTimeUnixNano: start + 143n,
      status: { code: StatusCode.ERROR },
    }),
    span(4, {
      name: 'a producer with words',
      kind: SpanKind.PRODUCER,
      endTimeUnixNano: start + 1143n,
      status: { code: StatusCode.UNSET, message: 'only words' },
    }),
    span(5, {
      name: 'a consumer with attributes of those names',
      kind: SpanKind.CONSUMER,
      attributes: { error: false, 'otel.library.name': 'old', 'otel.status_code': 'mine' },
    }),
    span(6, {
      name: 'child of two',
      parentSpanId: rootId,
      links: [
        { traceId, spanId: 'b36d1caeb2e67c8f', attributes: { 'opentracing.ref_type': 'child_of' } },
        { traceId: elsewhere, spanId: rootId, attributes: { 'opentracing.ref_type': 'child_of' } },
      ],
    }),
    span(7, {
      name: 'linked to its parent',
      parentSpanId: rootId,
      links: [{ traceId, spanId: rootId, attributes: {} }],
    }),
  ],
}
