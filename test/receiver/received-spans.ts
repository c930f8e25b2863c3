/** What a receiver decoded, as plain spans; the shapes of OTLP/JSON and of protobufjs in one place. */
import type { Attributes, AttributeValue, ReceivedSpan, Span } from '../../src/trace/trace.js'

interface Value {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string | number
  readonly doubleValue?: number
  readonly arrayValue?: { readonly values?: readonly Value[] }
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] }
  readonly bytesValue?: string | Uint8Array
}

interface KeyValue {
  readonly key: string
  readonly value?: Value
}

type Id = string | Uint8Array

interface WireSpan {
  readonly traceId: Id
  readonly spanId: Id
  readonly parentSpanId?: Id
  readonly name: string
  readonly kind?: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes?: readonly KeyValue[]
  readonly events?: readonly {
    readonly name: string
    readonly timeUnixNano: string
    readonly attributes?: readonly KeyValue[]
  }[]
  readonly links?: readonly {
    readonly traceId: Id
    readonly spanId: Id
    readonly attributes?: readonly KeyValue[]
  }[]
  readonly status?: { readonly code?: number; readonly message?: string }
}

interface WireRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] }
    readonly scopeSpans?: readonly {
      readonly scope?: { readonly name?: string; readonly version?: string }
      readonly spans?: readonly WireSpan[]
    }[]
  }[]
}

/** The spans of a decoded request, in order. */
export function receivedSpans(request: unknown): ReceivedSpan[] {
  const { resourceSpans = [] } = request as WireRequest
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        resource: toAttributes(resource?.attributes),
        scope: { name: scope?.name ?? '', version: scope?.version ?? '' },
        span: toSpan(span),
      })),
    ),
  )
}

function toSpan(span: WireSpan): Span {
  const parent = span.parentSpanId === undefined ? '' : toHex(span.parentSpanId, 8)
  const { code = 0, message = '' } = span.status ?? {}
  return {
    traceId: toHex(span.traceId, 16),
    spanId: toHex(span.spanId, 8),
    ...(parent !== '' && { parentSpanId: parent }),
    name: span.name,
    kind: span.kind ?? 0,
    startTimeUnixNano: BigInt(span.startTimeUnixNano),
    endTimeUnixNano: BigInt(span.endTimeUnixNano),
    attributes: toAttributes(span.attributes),
    events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
      name,
      timeUnixNano: BigInt(timeUnixNano),
      attributes: toAttributes(attributes),
    })),
    links: (span.links ?? []).map(({ traceId, spanId, attributes }) => ({
      traceId: toHex(traceId, 16),
      spanId: toHex(spanId, 8),
      attributes: toAttributes(attributes),
    })),
    ...((code !== 0 || message !== '') && {
      status: { code, ...(message !== '' && { message }) },
    }),
  }
}

function toHex(id: Id, bytes: number): string {
  const hex = typeof id === 'string' ? id : Buffer.from(id).toString('hex')
  if (hex !== '' && !new RegExp(`^[0-9a-f]{${bytes * 2}}$`).test(hex)) {
    throw new Error(`an id of ${bytes} bytes was expected, got ${hex}`)
  }
  return hex
}

function toAttributes(list: readonly KeyValue[] = []): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, toValue(value)]))
}

function toValue(value: Value = {}): AttributeValue {
  if (value.stringValue !== undefined) return value.stringValue
  if (value.boolValue !== undefined) return value.boolValue
  if (value.intValue !== undefined) return toInteger(value.intValue)
  if (value.doubleValue !== undefined) return value.doubleValue
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(toValue)
  if (value.kvlistValue !== undefined) return toAttributes(value.kvlistValue.values)
  if (value.bytesValue === undefined) return null
  return typeof value.bytesValue === 'string'
    ? Buffer.from(value.bytesValue, 'base64')
    : value.bytesValue
}

function toInteger(text: string | number): number | bigint {
  if (typeof text === 'number' && !Number.isSafeInteger(text)) {
    throw new Error(`the integer ${text} was sent as a number and is no longer exact`)
  }
  const integer = BigInt(text)
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer
}
