/**
 * Spans from the JSON of Jaeger's older API, `/api/traces/ID`, as far as a journal needs them.
 *
 * It is for tests only: it trusts what it reads. Times are microseconds there, so the nanoseconds
 * below are 0 here, and a duration is cut too.
 */
import { type JsonObject, type JsonValue, setMember } from '../../src/json/lossless.js'
import type { Attributes, ReceivedSpan, Span, SpanEvent } from '../../src/trace/trace.js'

const NANOS_PER_MICRO = 1000n

/** The spans of the first trace of an answer. */
export function spansOfJaegerV1(answer: JsonValue): ReceivedSpan[] {
  const { data } = answer as unknown as { data: readonly { spans: readonly V1Span[] }[] }
  return (data[0]?.spans ?? []).map(toReceivedSpan)
}

interface V1Span {
  readonly traceID: string
  readonly spanID: string
  readonly operationName: string
  readonly references: readonly { refType: string; traceID: string; spanID: string }[]
  /** Microseconds since 1970. */
  readonly startTime: number
  /** Microseconds. */
  readonly duration: number
  readonly tags: readonly V1Tag[]
  readonly logs: readonly { timestamp: number; fields: readonly V1Tag[] }[]
}

interface V1Tag {
  readonly key: string
  readonly type: string
  readonly value: JsonValue
}

function toReceivedSpan(span: V1Span): ReceivedSpan {
  const { 'otel.scope.name': name, 'otel.scope.version': version, ...attributes } = read(span.tags)
  return {
    resource: {},
    scope: { name: String(name ?? ''), version: String(version ?? '') },
    span: { ...parentOf(span), ...partsOf(span), attributes },
  }
}

function partsOf(span: V1Span): Omit<Span, 'attributes' | 'parentSpanId'> {
  const startTimeUnixNano = BigInt(span.startTime) * NANOS_PER_MICRO
  return {
    traceId: span.traceID,
    spanId: span.spanID,
    name: span.operationName,
    kind: 1,
    startTimeUnixNano,
    endTimeUnixNano: startTimeUnixNano + BigInt(span.duration) * NANOS_PER_MICRO,
    events: span.logs.map(toEvent),
    links: [],
  }
}

function parentOf({ traceID, references }: V1Span): Pick<Span, 'parentSpanId'> {
  const parent = references.find(
    ({ refType, traceID: other }) => refType === 'CHILD_OF' && other === traceID,
  )
  return parent === undefined ? {} : { parentSpanId: parent.spanID }
}

function toEvent({ timestamp, fields }: V1Span['logs'][number]): SpanEvent {
  const { event, ...attributes } = read(fields)
  return {
    name: String(event ?? ''),
    timeUnixNano: BigInt(timestamp) * NANOS_PER_MICRO,
    attributes,
  }
}

function read(tags: readonly V1Tag[]): Attributes {
  const attributes: Record<string, JsonValue> = {}
  for (const { key, value } of tags) setMember(attributes, key, value)
  return attributes as JsonObject
}
