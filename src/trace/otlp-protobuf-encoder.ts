/**
 * A trace as OTLP in protobuf.
 *
 * Everything is written in reverse, because the writer grows towards the front. Fields that have
 * protobuf's default and are no part of a oneof are left out, as every protobuf library does.
 */
import { isOtlpInt, isValueList } from './attribute-value.js'
import {
  AnyValueField,
  EventField,
  KeyValueField,
  LinkField,
  ListField,
  RequestField,
  ResourceField,
  ResourceSpansField,
  ScopeField,
  ScopeSpansField,
  SpanField,
  StatusField,
} from './otlp-fields.js'
import { checkedInt64, checkedUnixNano, MAX_VALUE_DEPTH, oneLevelDeeper } from './otlp-limits.js'
import { ProtobufWriter } from './protobuf-writer.js'
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from './span-id.js'
import type {
  Attributes,
  AttributeValue,
  InstrumentationScope,
  Span,
  SpanEvent,
  SpanLink,
  SpanStatus,
  Trace,
} from './trace.js'

/** A guess that most traces stay under; a larger one makes the buffer grow. */
const BYTES_PER_SPAN = 640
const BYTES_BESIDE_SPANS = 4096

/**
 * Encodes a trace as an `ExportTraceServiceRequest` with one `ResourceSpans`. Requests can be joined
 * by putting their bytes one behind the other. Equal traces give equal bytes.
 *
 * @throws {RangeError} where an integer, a time, an id or the nesting of a value is more than OTLP
 *   can hold.
 * @example
 * const request = Buffer.concat(traces.map(encodeResourceSpansProtobuf)) // body of POST /v1/traces
 */
export function encodeResourceSpansProtobuf(trace: Trace): Uint8Array {
  const writer = new ProtobufWriter(BYTES_BESIDE_SPANS + BYTES_PER_SPAN * trace.spans.length)
  writeScopeSpans(writer, trace)
  const end = writer.length
  writeAttributes(writer, ResourceField.attributes, trace.resource)
  writer.message(ResourceSpansField.resource, end)
  writer.message(RequestField.resourceSpans, 0)
  return writer.finish()
}

function writeScopeSpans(writer: ProtobufWriter, { scope, spans }: Trace): void {
  const end = writer.length
  for (let i = spans.length - 1; i >= 0; i--) writeSpan(writer, spans[i] as Span)
  writeScope(writer, scope)
  writer.message(ResourceSpansField.scopeSpans, end)
}

function writeScope(writer: ProtobufWriter, { name, version }: InstrumentationScope): void {
  const end = writer.length
  if (version !== '') writer.text(ScopeField.version, version)
  if (name !== '') writer.text(ScopeField.name, name)
  writer.message(ScopeSpansField.scope, end)
}

function writeSpan(writer: ProtobufWriter, span: Span): void {
  const end = writer.length
  if (span.status !== undefined) writeStatus(writer, span.status)
  const { events, links } = span
  for (let i = links.length - 1; i >= 0; i--) writeLink(writer, links[i] as SpanLink)
  for (let i = events.length - 1; i >= 0; i--) writeEvent(writer, events[i] as SpanEvent)
  writeAttributes(writer, SpanField.attributes, span.attributes)
  writer.fixed64(SpanField.endTimeUnixNano, checkedUnixNano(span.endTimeUnixNano))
  writer.fixed64(SpanField.startTimeUnixNano, checkedUnixNano(span.startTimeUnixNano))
  if (span.kind !== 0) writer.int64(SpanField.kind, span.kind)
  if (span.name !== '') writer.text(SpanField.name, span.name)
  if (span.parentSpanId !== undefined)
    writer.hex(SpanField.parentSpanId, span.parentSpanId, SPAN_ID_BYTES)
  writer.hex(SpanField.spanId, span.spanId, SPAN_ID_BYTES)
  writer.hex(SpanField.traceId, span.traceId, TRACE_ID_BYTES)
  writer.message(ScopeSpansField.spans, end)
}

function writeStatus(writer: ProtobufWriter, { code, message = '' }: SpanStatus): void {
  const end = writer.length
  if (code !== 0) writer.int64(StatusField.code, code)
  if (message !== '') writer.text(StatusField.message, message)
  writer.message(SpanField.status, end)
}

function writeLink(writer: ProtobufWriter, link: SpanLink): void {
  const end = writer.length
  writeAttributes(writer, LinkField.attributes, link.attributes)
  writer.hex(LinkField.spanId, link.spanId, SPAN_ID_BYTES)
  writer.hex(LinkField.traceId, link.traceId, TRACE_ID_BYTES)
  writer.message(SpanField.links, end)
}

function writeEvent(writer: ProtobufWriter, event: SpanEvent): void {
  const end = writer.length
  writeAttributes(writer, EventField.attributes, event.attributes)
  if (event.name !== '') writer.text(EventField.name, event.name)
  writer.fixed64(EventField.timeUnixNano, checkedUnixNano(event.timeUnixNano))
  writer.message(SpanField.events, end)
}

/** Attributes, and the members of a kvlist: both are a list of `KeyValue`. */
function writeAttributes(
  writer: ProtobufWriter,
  field: number,
  attributes: Attributes,
  levels = MAX_VALUE_DEPTH,
): void {
  const keys = Object.keys(attributes)
  const values = Object.values(attributes)
  for (let i = keys.length - 1; i >= 0; i--) {
    const end = writer.length
    writeValue(writer, KeyValueField.value, values[i] as AttributeValue, levels)
    writer.frequentText(KeyValueField.key, keys[i] as string)
    writer.message(field, end)
  }
}

function writeValue(
  writer: ProtobufWriter,
  field: number,
  value: AttributeValue,
  levels: number,
): void {
  const end = writer.length
  switch (typeof value) {
    case 'string':
      writer.text(AnyValueField.stringValue, value)
      break
    case 'boolean':
      writer.int64(AnyValueField.boolValue, value ? 1 : 0)
      break
    case 'number':
      if (isOtlpInt(value)) writer.int64(AnyValueField.intValue, value)
      else writer.double(AnyValueField.doubleValue, value)
      break
    case 'bigint':
      writer.int64(AnyValueField.intValue, checkedInt64(value))
      break
    default:
      if (value !== null) writeCompound(writer, value, levels)
  }
  writer.message(field, end)
}

function writeCompound(
  writer: ProtobufWriter,
  value: Uint8Array | readonly AttributeValue[] | Attributes,
  levels: number,
): void {
  if (value instanceof Uint8Array) {
    writer.bytes(AnyValueField.bytesValue, value)
    return
  }
  const end = writer.length
  const inside = oneLevelDeeper(levels)
  if (isValueList(value)) {
    for (let i = value.length - 1; i >= 0; i--)
      writeValue(writer, ListField.values, value[i] as AttributeValue, inside)
    writer.message(AnyValueField.arrayValue, end)
  } else {
    writeAttributes(writer, ListField.values, value, inside)
    writer.message(AnyValueField.kvlistValue, end)
  }
}
