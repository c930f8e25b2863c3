/**
 * Spans as Jaeger's v1 JSON: what the real one makes of them, for tests without it.
 *
 * It knows no warnings, which Jaeger adds, and no doubles that JSON cannot say, for which Jaeger
 * answers with an error.
 */
import { isJsonObject, type JsonValue, stringifyJson } from '../../src/json/lossless.js'
import { objectsIn } from '../../src/trace/json-fields.js'
import {
  type Attributes,
  type AttributeValue,
  type ReceivedSpan,
  type Span,
  SpanKind,
  StatusCode,
} from '../../src/trace/trace.js'

interface Tag {
  readonly [member: string]: JsonValue
  readonly key: string
  readonly type: string
  readonly value: JsonValue
}

const KINDS = new Map<number, string>([
  [SpanKind.INTERNAL, 'internal'],
  [SpanKind.SERVER, 'server'],
  [SpanKind.CLIENT, 'client'],
  [SpanKind.PRODUCER, 'producer'],
  [SpanKind.CONSUMER, 'consumer'],
])

/** The answer for spans of one trace. */
export function asJaegerV1(spans: readonly ReceivedSpan[]): { readonly [key: string]: JsonValue } {
  const processes: Record<string, JsonValue> = {}
  const ids = new Map<string, string>()
  const listed = spans.map(({ resource, scope, span }) => {
    const { 'service.name': serviceName = 'missing-service-name', ...rest } = resource
    const process = { serviceName: String(serviceName), tags: sorted(tagsOf(rest)) }
    const text = stringifyJson(process)
    const id = ids.get(text) ?? `p${ids.size + 1}`
    ids.set(text, id)
    processes[id] = process
    const tags = [
      ...textTag('otel.scope.name', scope.name),
      ...textTag('otel.scope.version', scope.version),
    ]
    return { ...spanOf(span, tags), processID: id, warnings: null }
  })
  const traceID = shortTraceId(spans[0]?.span.traceId ?? '')
  const trace = { traceID, spans: listed, processes, warnings: null }
  return { data: [trace], total: 0, limit: 0, offset: 0, errors: null }
}

function spanOf(span: Span, scope: readonly Tag[]): { readonly [key: string]: JsonValue } {
  const { startTimeUnixNano: start, endTimeUnixNano: end } = span
  return {
    traceID: shortTraceId(span.traceId),
    spanID: span.spanId,
    operationName: span.name,
    references: referencesOf(span),
    startTime: micros(start),
    duration: micros(end - start),
    tags: sorted([...scope, ...tagsOf(span.attributes), ...kindAndStatus(span)]),
    logs: span.events.map(({ name, timeUnixNano, attributes }) => ({
      timestamp: micros(timeUnixNano),
      fields: [
        ...(attributes.event === undefined ? textTag('event', name) : []),
        ...sorted(tagsOf(attributes)),
      ],
    })),
  }
}

/** A link to the parent replaces the reference to the parent. */
function referencesOf({ traceId, parentSpanId, links }: Span): JsonValue {
  const reference = (refType: string, trace: string, spanID: string) => ({
    refType,
    traceID: shortTraceId(trace),
    spanID,
  })
  const linked = links.map((link) => {
    const isChild = link.attributes['opentracing.ref_type'] === 'child_of'
    return reference(isChild ? 'CHILD_OF' : 'FOLLOWS_FROM', link.traceId, link.spanId)
  })
  if (parentSpanId === undefined) return linked
  const isParent = (i: number) => links[i]?.traceId === traceId && links[i]?.spanId === parentSpanId
  const parent =
    linked.findLast((_, i) => isParent(i)) ?? reference('CHILD_OF', traceId, parentSpanId)
  return [parent, ...linked.filter((_, i) => !isParent(i))]
}

function kindAndStatus({ kind, status }: Span): Tag[] {
  const code =
    status?.code === StatusCode.ERROR ? 'ERROR' : status?.code === StatusCode.OK ? 'OK' : ''
  return [
    ...textTag('span.kind', KINDS.get(kind) ?? ''),
    ...textTag('otel.status_code', code),
    ...(code === 'ERROR' ? [{ key: 'error', type: 'bool', value: true }] : []),
    ...textTag('otel.status_description', status?.message ?? ''),
  ]
}

function textTag(key: string, value: string): Tag[] {
  return value === '' ? [] : [{ key, type: 'string', value }]
}

function tagsOf(attributes: Attributes): Tag[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, ...typed(value) }))
}

function typed(value: AttributeValue): { readonly type: string; readonly value: JsonValue } {
  if (typeof value === 'boolean') return { type: 'bool', value }
  if (typeof value === 'bigint') return { type: 'int64', value: value.toString() }
  if (typeof value === 'number') {
    const isInt = Number.isSafeInteger(value) && !Object.is(value, -0)
    return { type: isInt ? 'int64' : 'float64', value }
  }
  if (value instanceof Uint8Array) {
    return {
      type: 'binary',
      value: value.length === 0 ? null : Buffer.from(value).toString('base64'),
    }
  }
  if (typeof value === 'string') return { type: 'string', value }
  return { type: 'string', value: value === null ? '' : stringifyJson(value as JsonValue) }
}

/** By key, as Go compares texts: by their bytes. */
function sorted(tags: readonly Tag[]): Tag[] {
  return [...tags].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
}

function micros(nanos: bigint): number {
  return Number(nanos / 1000n)
}

/** One of 64 bits has 16 digits. */
function shortTraceId(traceId: string): string {
  return traceId.startsWith('0'.repeat(16)) ? traceId.slice(16) : traceId
}

/** The first trace of an answer with its spans by id and without warnings, so that two can be compared. */
export function comparable(answer: JsonValue): unknown {
  const [trace] = objectsIn(isJsonObject(answer) ? answer.data : undefined, 'data', [])
  const spans = [...objectsIn(trace?.[0].spans, 'spans', [])].map(([span]) => span)
  return {
    ...trace?.[0],
    spans: Object.fromEntries(spans.map((span) => [span.spanID, { ...span, warnings: null }])),
  }
}
