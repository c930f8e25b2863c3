/**
 * One span as it stands in protobuf.
 *
 * `place` is where a message stands in its request; what is not usable is added to `problems` under
 * that name.
 */

import { EventField, LinkField, SpanField, StatusField } from './otlp-fields.js'
import { readAttribute } from './otlp-protobuf-value.js'
import type { Problems } from './problem-list.js'
import type { ProtobufReader } from './protobuf-reader.js'
import { isZeroId, SPAN_ID_BYTES, TRACE_ID_BYTES } from './span-id.js'
import {
  type AttributeValue,
  type Span,
  type SpanEvent,
  SpanKind,
  type SpanLink,
  type SpanStatus,
  StatusCode,
} from './trace.js'

/** A span while its fields come in; an id is empty until it does. */
interface SpanDraft {
  traceId: string
  spanId: string
  parentSpanId: string
  name: string
  kind: number
  startTimeUnixNano: bigint
  endTimeUnixNano: bigint
  readonly attributes: Record<string, AttributeValue>
  readonly events: SpanEvent[]
  readonly links: (SpanLink | undefined)[]
  status: SpanStatus | undefined
}

/**
 * Reads the span that the reader is in; `undefined`, and a problem, where it has no valid ids.
 *
 * @throws {RivetOtelError} `INVALID_TRACE`, with the offset of the byte that is wrong.
 * @example
 * reader.message('spans', () => readSpan(reader, 'resourceSpans[0].scopeSpans[0].spans[0]', problems))
 */
export function readSpan(
  reader: ProtobufReader,
  place: string,
  problems: Problems,
): Span | undefined {
  const draft: SpanDraft = {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    name: '',
    kind: SpanKind.UNSPECIFIED,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: {},
    events: [],
    links: [],
    status: undefined,
  }
  while (reader.next()) readField(reader, draft, place, problems)
  return finished(draft, place, problems)
}

function readField(
  reader: ProtobufReader,
  span: SpanDraft,
  place: string,
  problems: Problems,
): void {
  switch (reader.field) {
    case SpanField.traceId:
      span.traceId = reader.hex('span.trace_id')
      break
    case SpanField.spanId:
      span.spanId = reader.hex('span.span_id')
      break
    case SpanField.parentSpanId:
      span.parentSpanId = reader.hex('span.parent_span_id')
      break
    case SpanField.name:
      span.name = reader.text('span.name')
      break
    case SpanField.kind:
      span.kind = reader.enum('span.kind')
      break
    case SpanField.startTimeUnixNano:
      span.startTimeUnixNano = reader.fixed64('span.start_time_unix_nano')
      break
    case SpanField.endTimeUnixNano:
      span.endTimeUnixNano = reader.fixed64('span.end_time_unix_nano')
      break
    case SpanField.attributes:
      readAttribute(reader, span.attributes, place, problems)
      break
    case SpanField.events: {
      const inside = `${place}.events[${span.events.length}]`
      span.events.push(reader.message('span.events', () => readEvent(reader, inside, problems)))
      break
    }
    case SpanField.links: {
      const inside = `${place}.links[${span.links.length}]`
      span.links.push(reader.message('span.links', () => readLink(reader, inside, problems)))
      break
    }
    case SpanField.status:
      span.status = reader.message('span.status', readStatus)
      break
    default:
      reader.skip()
  }
}

function readEvent(reader: ProtobufReader, place: string, problems: Problems): SpanEvent {
  const event = { name: '', timeUnixNano: 0n, attributes: {} }
  while (reader.next()) {
    if (reader.field === EventField.name) event.name = reader.text('event.name')
    else if (reader.field === EventField.timeUnixNano)
      event.timeUnixNano = reader.fixed64('event.time_unix_nano')
    else if (reader.field === EventField.attributes)
      readAttribute(reader, event.attributes, place, problems)
    else reader.skip()
  }
  return event
}

function readLink(reader: ProtobufReader, place: string, problems: Problems): SpanLink | undefined {
  const link = { traceId: '', spanId: '', attributes: {} }
  while (reader.next()) {
    if (reader.field === LinkField.traceId) link.traceId = reader.hex('link.trace_id')
    else if (reader.field === LinkField.spanId) link.spanId = reader.hex('link.span_id')
    else if (reader.field === LinkField.attributes)
      readAttribute(reader, link.attributes, place, problems)
    else reader.skip()
  }
  return hasIds(link, place, problems) ? link : undefined
}

function readStatus(reader: ProtobufReader): SpanStatus | undefined {
  let code: number = StatusCode.UNSET
  let message = ''
  while (reader.next()) {
    if (reader.field === StatusField.code) code = reader.enum('status.code')
    else if (reader.field === StatusField.message) message = reader.text('status.message')
    else reader.skip()
  }
  if (message !== '') return { code, message }
  return code === StatusCode.UNSET ? undefined : { code }
}

function finished(
  { parentSpanId, status, ...span }: SpanDraft,
  place: string,
  problems: Problems,
): Span | undefined {
  if (!hasIds(span, place, problems)) return undefined
  const isRoot = isZeroId(parentSpanId)
  if (!isRoot && !isId(parentSpanId, SPAN_ID_BYTES, `${place}.parentSpanId`, problems)) {
    return undefined
  }
  return {
    ...span,
    links: span.links.filter((link) => link !== undefined),
    ...(isRoot ? {} : { parentSpanId }),
    ...(status === undefined ? {} : { status }),
  }
}

function hasIds(
  { traceId, spanId }: { traceId: string; spanId: string },
  place: string,
  problems: Problems,
): boolean {
  return (
    isId(traceId, TRACE_ID_BYTES, `${place}.traceId`, problems) &&
    isId(spanId, SPAN_ID_BYTES, `${place}.spanId`, problems)
  )
}

function isId(id: string, bytes: number, place: string, problems: Problems): boolean {
  if (id.length === 2 * bytes && !isZeroId(id)) return true
  const got = id === '' ? 'nothing' : isZeroId(id) ? 'only zeros' : String(id.length / 2)
  problems.push(`${place}: expected ${bytes} bytes, got ${got}`)
  return false
}
