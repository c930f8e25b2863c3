/**
 * A trace as OTLP in protobuf.
 *
 * Everything is written in reverse, because the writer grows towards the front. Fields that have
 * protobuf's default and are no part of a oneof are left out, as every protobuf library does.
 */
import { isOtlpInt, isValueList } from './attribute-value.js'
import { KeyValueFrames } from './key-value-frames.js'
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
import { ProtobufWriter, varintLength } from './protobuf-writer.js'
import { OTHER, RepeatedAttributes, SAME } from './repeated-attributes.js'
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

/** One writer for all traces: it knows their keys by now, and has room for most of them. */
const writer = new ProtobufWriter(131_072)

/** What is known of the lists of attributes of one kind. */
interface Repeated {
  readonly list: RepeatedAttributes
  readonly frames: KeyValueFrames
}

const ofSpans = repeatedIn(SpanField.attributes)
const ofEvents = repeatedIn(EventField.attributes)

/** What the bytes of the last head follow from, but for its span id and its times, and those bytes. */
let lastHead: SpanHead | undefined

type SpanHead = Pick<Span, 'traceId' | 'name' | 'kind'> & {
  readonly parentSpanId: string | undefined
  readonly bytes: Uint8Array
}

/** Where a head has its span id: behind the field of the trace id and its own tag and length. */
const SPAN_ID_PLACE = 2 + TRACE_ID_BYTES + 2

/** Where it has its times, from its end: the second is the last of it, behind its tag. */
const START_TIME_FROM_END = 8 + 1 + 8
const END_TIME_FROM_END = 8

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
  // It still holds the beginning of a trace that could not be encoded.
  writer.clear()
  ofSpans.list.clear()
  ofEvents.list.clear()
  writeScopeSpans(trace)
  const end = writer.length
  writeAttributes(ResourceField.attributes, trace.resource)
  writer.message(ResourceSpansField.resource, end)
  writer.message(RequestField.resourceSpans, 0)
  return writer.finish()
}

function repeatedIn(field: number): Repeated {
  return { list: new RepeatedAttributes(framedLength), frames: new KeyValueFrames(field) }
}

/** The bytes of an integer that can stand behind a frame; 0 for any other number. */
function framedLength(value: number): number {
  return value >>> 0 === value && !Object.is(value, -0) ? varintLength(value) : 0
}

function writeScopeSpans({ scope, spans }: Trace): void {
  const end = writer.length
  for (let i = spans.length - 1; i >= 0; i--) writeSpan(spans[i] as Span)
  writeScope(scope)
  writer.message(ResourceSpansField.scopeSpans, end)
}

function writeScope({ name, version }: InstrumentationScope): void {
  const end = writer.length
  if (version !== '') writer.text(ScopeField.version, version)
  if (name !== '') writer.text(ScopeField.name, name)
  writer.message(ScopeSpansField.scope, end)
}

function writeSpan(span: Span): void {
  const end = writer.length
  if (span.status !== undefined) writeStatus(span.status)
  const { events, links } = span
  for (let i = links.length - 1; i >= 0; i--) writeLink(links[i] as SpanLink)
  for (let i = events.length - 1; i >= 0; i--) writeEvent(events[i] as SpanEvent)
  writeRepeated(SpanField.attributes, ofSpans, span.attributes)
  writeHead(span)
  writer.message(ScopeSpansField.spans, end)
}

/** All that comes before the attributes. Most spans have all of it but their id and times from the span before. */
function writeHead(span: Span): void {
  const { traceId, spanId, parentSpanId, name, kind } = span
  const startTime = checkedUnixNano(span.startTimeUnixNano)
  const endTime = checkedUnixNano(span.endTimeUnixNano)
  if (
    lastHead !== undefined &&
    lastHead.parentSpanId === parentSpanId &&
    lastHead.traceId === traceId &&
    lastHead.name === name &&
    lastHead.kind === kind
  ) {
    const { bytes } = lastHead
    writer.block(bytes)
    writer.hexOver(SPAN_ID_PLACE, spanId, SPAN_ID_BYTES)
    writer.fixed64Over(bytes.length - START_TIME_FROM_END, startTime)
    writer.fixed64Over(bytes.length - END_TIME_FROM_END, endTime)
    return
  }
  const end = writer.length
  writer.fixed64(SpanField.endTimeUnixNano, endTime)
  writer.fixed64(SpanField.startTimeUnixNano, startTime)
  if (kind !== 0) writer.int64(SpanField.kind, kind)
  if (name !== '') writer.text(SpanField.name, name)
  if (parentSpanId !== undefined) writer.hex(SpanField.parentSpanId, parentSpanId, SPAN_ID_BYTES)
  writer.hex(SpanField.spanId, spanId, SPAN_ID_BYTES)
  writer.hex(SpanField.traceId, traceId, TRACE_ID_BYTES)
  lastHead = { traceId, parentSpanId, name, kind, bytes: writer.since(end) }
}

function writeStatus({ code, message = '' }: SpanStatus): void {
  const end = writer.length
  if (code !== 0) writer.int64(StatusField.code, code)
  if (message !== '') writer.text(StatusField.message, message)
  writer.message(SpanField.status, end)
}

function writeLink(link: SpanLink): void {
  const end = writer.length
  writeAttributes(LinkField.attributes, link.attributes)
  writer.hex(LinkField.spanId, link.spanId, SPAN_ID_BYTES)
  writer.hex(LinkField.traceId, link.traceId, TRACE_ID_BYTES)
  writer.message(SpanField.links, end)
}

function writeEvent(event: SpanEvent): void {
  const end = writer.length
  writeRepeated(EventField.attributes, ofEvents, event.attributes)
  if (event.name !== '') writer.text(EventField.name, event.name)
  writer.fixed64(EventField.timeUnixNano, checkedUnixNano(event.timeUnixNano))
  writer.message(SpanField.events, end)
}

/** The attributes of a span or an event: what they have in common with those of the one before is copied. */
function writeRepeated(field: number, { list, frames }: Repeated, attributes: Attributes): void {
  list.next(attributes)
  const { keys, values, likeness, sizes } = list
  // All places are lengths of the writer: the attribute in hand ended here in the list before.
  let before = list.place - list.sizeBefore
  let i = list.count - 1
  while (i >= 0) {
    let end = writer.length
    if (likeness[i] === OTHER) {
      before += sizes[i] as number
      const isPlain = writeFramed(field, frames, i, keys[i] as string, values[i] as AttributeValue)
      if (!isPlain) list.setApart(i)
      sizes[i] = writer.length - end
      i--
      continue
    }
    let first = i
    let bytes = sizes[i] as number
    while (first > 0 && likeness[first - 1] !== OTHER) bytes += sizes[--first] as number
    writer.again(before + bytes, bytes)
    while (i >= first && (likeness[i] === SAME || writeOver(end, values[i] as AttributeValue))) {
      const size = sizes[i] as number
      before += size
      end += size
      i--
    }
    if (i >= first) {
      writer.backTo(end)
      list.setApart(i)
    }
  }
  list.place = writer.length
}

/** The text or integer at the end of an attribute that ends there; says whether it could be written so. */
function writeOver(end: number, value: AttributeValue): boolean {
  if (typeof value === 'string') return writer.textOver(end + value.length, value)
  writer.varintOver(end + varintLength(value as number), value as number)
  return true
}

/**
 * A `KeyValue`, with the bytes that its key always has where its value is a short text or a small integer. Says
 * whether its value can be written over: it is a small integer, or short and ASCII.
 */
function writeFramed(
  field: number,
  frames: KeyValueFrames,
  place: number,
  key: string,
  value: AttributeValue,
): boolean {
  if (typeof value === 'string') {
    const frame = frames.at(place, key)
    if (frame !== undefined) {
      const bytes = writer.framedText(frame.text, value)
      if (bytes >= 0) return bytes === value.length
    }
  } else if (typeof value === 'number' && framedLength(value) > 0) {
    const frame = frames.at(place, key)
    if (frame !== undefined) {
      writer.framedInt(frame.int, value)
      return true
    }
  }
  writeKeyValue(field, key, value)
  return false
}

/** Attributes, and the members of a kvlist: both are a list of `KeyValue`. */
function writeAttributes(field: number, attributes: Attributes, levels = MAX_VALUE_DEPTH): void {
  const keys = Object.keys(attributes)
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i] as string
    writeKeyValue(field, key, attributes[key] as AttributeValue, levels)
  }
}

function writeKeyValue(
  field: number,
  key: string,
  value: AttributeValue,
  levels = MAX_VALUE_DEPTH,
): void {
  const end = writer.length
  writeValue(KeyValueField.value, value, levels)
  writer.text(KeyValueField.key, key)
  writer.message(field, end)
}

function writeValue(field: number, value: AttributeValue, levels: number): void {
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
      if (value !== null) writeCompound(value, levels)
  }
  writer.message(field, end)
}

function writeCompound(
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
      writeValue(ListField.values, value[i] as AttributeValue, inside)
    writer.message(AnyValueField.arrayValue, end)
  } else {
    writeAttributes(ListField.values, value, inside)
    writer.message(AnyValueField.kvlistValue, end)
  }
}
