/**
 * Spans of the OpenTelemetry SDK, in memory, as plain spans.
 *
 * Only the SDK's types are needed here, so nothing of it is loaded.
 */
import type { HrTime } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import type { Attributes, AttributeValue, ReceivedSpan, Span } from '../trace/trace.js'

/** The SDK counts the kinds of span from 0, OTLP from 1. */
const OTLP_KIND_OFFSET = 1

/**
 * Takes a span of the SDK for one that was received.
 *
 * @example
 * const spans = inMemoryExporter.getFinishedSpans().map(fromReadableSpan)
 */
export function fromReadableSpan(readable: ReadableSpan): ReceivedSpan {
  const { traceId, spanId } = readable.spanContext()
  const { code, message } = readable.status
  const span: Span = {
    traceId,
    spanId,
    ...(readable.parentSpanContext === undefined
      ? {}
      : { parentSpanId: readable.parentSpanContext.spanId }),
    name: readable.name,
    kind: readable.kind + OTLP_KIND_OFFSET,
    startTimeUnixNano: unixNano(readable.startTime),
    endTimeUnixNano: unixNano(readable.endTime),
    attributes: attributesOf(readable.attributes),
    events: readable.events.map(({ name, time, attributes }) => ({
      name,
      timeUnixNano: unixNano(time),
      attributes: attributesOf(attributes),
    })),
    links: readable.links.map(({ context, attributes }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      attributes: attributesOf(attributes),
    })),
    ...(code === 0 ? {} : { status: message === undefined ? { code } : { code, message } }),
  }
  const { name, version } = readable.instrumentationScope
  return {
    resource: attributesOf(readable.resource.attributes),
    scope: { name, version: version ?? '' },
    span,
  }
}

function unixNano([seconds, nanos]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos)
}

function attributesOf(attributes: object | undefined): Attributes {
  const known: Record<string, AttributeValue> = {}
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined) known[key] = value as AttributeValue
  }
  return known
}
