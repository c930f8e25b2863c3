/**
 * Spans as the SDK's exporters take them.
 *
 * Only types of the SDK are imported, so nothing of it is loaded here. Integers that the SDK cannot
 * carry (beyond ±(2^53 − 1), where a `bigint` becomes an empty value) go as decimal text, which the
 * importer takes for an integer; so does a list with one of them. Values that the mapping never
 * writes and the SDK has no type for (bytes, objects, mixed lists, null) go as JSON text.
 */
import type { HrTime, Attributes as SdkAttributes, SpanContext } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { type JsonValue, stringifyJson } from '../json/lossless.js'
import { isValueList } from '../trace/attribute-value.js'
import type { Attributes, AttributeValue, Span, Trace } from '../trace/trace.js'

type SdkResource = ReadableSpan['resource']
type SdkValue = NonNullable<SdkAttributes[string]>

/**
 * Turns the spans of a trace into the SDK's.
 *
 * @example
 * exporter.export(toReadableSpans(page.trace), ({ code }) => console.log(code))
 */
export function toReadableSpans({ resource, scope, spans }: Trace): ReadableSpan[] {
  const shared = { resource: toResource(toAttributes(resource)), instrumentationScope: scope }
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
    attributes: toAttributes(span.attributes),
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      time: toHrTime(timeUnixNano),
      attributes: toAttributes(attributes),
    })),
    links: span.links.map((link) => ({
      context: contextOf(link),
      attributes: toAttributes(link.attributes),
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

function toHrTime(nanos: bigint): HrTime {
  return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)]
}

function toResource(attributes: SdkAttributes): SdkResource {
  return {
    attributes,
    merge: (other) => toResource({ ...attributes, ...other?.attributes }),
    getRawAttributes: () => Object.entries(attributes),
  }
}

function toAttributes(attributes: Attributes): SdkAttributes {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, toValue(value)]))
}

function toValue(value: AttributeValue): SdkValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' || typeof value === 'bigint') return toNumber(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return (isValueList(value) ? toList(value) : undefined) ?? stringifyJson(toJson(value))
}

function toNumber(value: number | bigint): number | string {
  if (typeof value === 'number' && !Number.isInteger(value)) return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(BigInt(value))
}

/** The SDK's lists have one type of items; `undefined` for a list that has several. */
function toList(list: readonly AttributeValue[]): SdkValue | undefined {
  if (list.every((item) => typeof item === 'string')) return [...list]
  if (list.every((item) => typeof item === 'boolean')) return [...list]
  if (!list.every((item) => typeof item === 'number' || typeof item === 'bigint')) return undefined
  const numbers = list.map(toNumber)
  return numbers.every((item) => typeof item === 'number') ? numbers : numbers.map(String)
}

function toJson(value: AttributeValue): JsonValue {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (isValueList(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
}
