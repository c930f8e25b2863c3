/**
 * Spans as the SDK's exporters take them.
 *
 * Only types of the SDK are imported, so nothing of it is loaded here.
 */
import type { Attributes as SdkAttributes, SpanContext } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { toHrTime, toSdkAttributes } from '../trace/sdk-attributes.js'
import type { Span, Trace } from '../trace/trace.js'

type SdkResource = ReadableSpan['resource']

/**
 * Turns the spans of a trace into the SDK's.
 *
 * @example
 * exporter.export(toReadableSpans(page.trace), ({ code }) => console.log(code))
 */
export function toReadableSpans({ resource, scope, spans }: Trace): ReadableSpan[] {
  const shared = { resource: toResource(toSdkAttributes(resource)), instrumentationScope: scope }
  return spans.map((span) => ({ ...shared, ...toReadableSpan(span) }))
}

function toReadableSpan(span: Span): Omit<ReadableSpan, 'resource' | 'instrumentationScope'> {
  const { startTimeUnixNano, endTimeUnixNano, parentSpanId } = span
  const context = contextOf(span)
  return {
    name: span.name,
    // The SDK counts kinds from INTERNAL and has none for unspecified.
    kind: Math.max(0, span.kind - 1),
    spanContext: () => context,
    ...(parentSpanId !== undefined && {
      parentSpanContext: contextOf({ traceId: span.traceId, spanId: parentSpanId }),
    }),
    startTime: toHrTime(startTimeUnixNano),
    endTime: toHrTime(endTimeUnixNano),
    duration: toHrTime(endTimeUnixNano - startTimeUnixNano),
    status: span.status ?? { code: 0 },
    attributes: toSdkAttributes(span.attributes),
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      time: toHrTime(timeUnixNano),
      attributes: toSdkAttributes(attributes),
    })),
    links: span.links.map((link) => ({
      context: contextOf(link),
      attributes: toSdkAttributes(link.attributes),
    })),
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

function contextOf({ traceId, spanId }: Pick<Span, 'traceId' | 'spanId'>): SpanContext {
  return { traceId, spanId, traceFlags: 1 }
}

function toResource(attributes: SdkAttributes): SdkResource {
  return {
    attributes,
    merge: (other) => toResource({ ...attributes, ...other?.attributes }),
    getRawAttributes: () => Object.entries(attributes),
  }
}
