import { SpanKind as ApiSpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { describe, expect, test } from 'vitest'
import { parseJson } from '../../src/json/lossless.js'
import {
  decodeOtlpJson,
  encodeResourceSpansJson,
  joinJsonRequest,
} from '../../src/trace/otlp-json.js'
import { decodeOtlpProtobuf, encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { chunkId, rootId, traceId } from './sample-traces.js'

/** Three spans of two instrumentation scopes, made and ended by the SDK itself. */
async function spansOfTheSdk(): Promise<ReadableSpan[]> {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'rivet', 'process.pid': 7 }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('rivet-otel', '1')
  const startTime: [number, number] = [1795251219, 134436857]
  const root = tracer.startSpan('export 表', {
    startTime,
    kind: ApiSpanKind.CLIENT,
    links: [
      {
        context: { traceId, spanId: rootId, traceFlags: TraceFlags.SAMPLED },
        attributes: { a: 1 },
      },
      { context: { traceId, spanId: chunkId, traceFlags: TraceFlags.NONE } },
    ],
  })
  root.setAttributes({
    text: 'orders 🧯',
    'empty text': '',
    int: 25_000,
    'negative int': -3,
    'large int': Number.MIN_SAFE_INTEGER,
    double: 0.25,
    yes: true,
    no: false,
    texts: ['a', '', 'é'],
    ints: [1, -2],
    'empty list': [],
  })
  root.addEvent('rivet.retry_attempted', { attempt: 1, reason: 'timeout' }, [1795251219, 134436858])
  root.setStatus({ code: SpanStatusCode.ERROR, message: 'no disk' })
  root.end([1795251229, 999999999])
  tracer.startSpan('plain', { startTime }).end([1795251219, 134436858])
  provider.getTracer('other').startSpan('other', { startTime, root: true }).end(startTime)
  await provider.forceFlush()
  return exporter.getFinishedSpans()
}

/** What the spans say, read off the SDK's own objects. */
function expected(spans: readonly ReadableSpan[]): ReceivedSpan[] {
  return spans.map((span) => ({
    resource: { 'service.name': 'rivet', 'process.pid': 7 },
    scope: {
      name: span.instrumentationScope.name,
      version: span.instrumentationScope.version ?? '',
    },
    span: {
      ...idsOf(span.spanContext()),
      name: span.name,
      kind: span.kind + 1,
      startTimeUnixNano: nanos(span.startTime),
      endTimeUnixNano: nanos(span.endTime),
      attributes: span.attributes as ReceivedSpan['resource'],
      events: span.events.map(({ name, time, attributes = {} }) => ({
        name,
        timeUnixNano: nanos(time),
        attributes: attributes as ReceivedSpan['resource'],
      })),
      links: span.links.map(({ context, attributes = {} }) => ({
        ...idsOf(context),
        attributes: attributes as ReceivedSpan['resource'],
      })),
      ...(span.status.code !== SpanStatusCode.UNSET && {
        status: { code: span.status.code, message: span.status.message ?? '' },
      }),
    },
  }))
}

function idsOf({ traceId, spanId }: { traceId: string; spanId: string }) {
  return { traceId, spanId }
}

function nanos([seconds, rest]: readonly [number, number]): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(rest)
}

function bytesFrom(serialized: Uint8Array | undefined): Uint8Array {
  if (serialized === undefined) throw new Error('the serializer gave nothing')
  return serialized
}

describe('what the OpenTelemetry SDK writes', () => {
  test('is decoded from protobuf', async () => {
    const spans = await spansOfTheSdk()
    const bytes = bytesFrom(ProtobufTraceSerializer.serializeRequest(spans))
    expect(decodeOtlpProtobuf(bytes)).toEqual({ spans: expected(spans), problems: [] })
  })

  test('is decoded from JSON', async () => {
    const spans = await spansOfTheSdk()
    const bytes = bytesFrom(JsonTraceSerializer.serializeRequest(spans))
    expect(decodeOtlpJson(parseJson(Buffer.from(bytes).toString()))).toEqual({
      spans: expected(spans),
      problems: [],
    })
  })

  test('goes on through both encodings', async () => {
    const spans = expected(await spansOfTheSdk())
    const traces = spans.map(({ resource, scope, span }) => ({ resource, scope, spans: [span] }))
    const json = joinJsonRequest(traces.map(encodeResourceSpansJson))
    expect(decodeOtlpJson(parseJson(json)).spans).toEqual(spans)
    const bytes = Buffer.concat(traces.map(encodeResourceSpansProtobuf))
    expect(decodeOtlpProtobuf(bytes).spans).toEqual(spans)
  })
})
