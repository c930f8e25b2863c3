/**
 * A trace as OTLP/JSON: ids in hexadecimal, enums as numbers, 64-bit integers as decimal strings.
 *
 * Fields that are empty are left out. The text has no white space and no line breaks, so one
 * request is one line of a JSON lines file.
 */
import { isOtlpInt, isValueList } from './attribute-value.js'
import { JsonTextWriter, quoted } from './json-text-writer.js'
import { checkedInt64, checkedUnixNano, MAX_VALUE_DEPTH, oneLevelDeeper } from './otlp-limits.js'
import type {
  Attributes,
  AttributeValue,
  Span,
  SpanEvent,
  SpanLink,
  SpanStatus,
  Trace,
} from './trace.js'

/** A guess that most traces stay under; a larger one makes the buffer grow. */
const BYTES_PER_SPAN = 1280
const BYTES_BESIDE_SPANS = 4096

const TRACE_ID = /^[0-9a-f]{32}$/
const SPAN_ID = /^[0-9a-f]{16}$/

/**
 * Encodes a trace as one element of `resourceSpans`; {@link joinJsonRequest} makes a request of such
 * elements. Equal traces give equal texts.
 *
 * @throws {RangeError} where an integer, a time, an id or the nesting of a value is more than OTLP
 *   can hold.
 * @example
 * encodeResourceSpansJson(trace)
 * // '{"resource":{"attributes":[…]},"scopeSpans":[{"scope":{"name":"rivet-otel","version":"1"},"spans":[…]}]}'
 */
export function encodeResourceSpansJson({ resource, scope, spans }: Trace): string {
  const writer = new JsonTextWriter(BYTES_BESIDE_SPANS + BYTES_PER_SPAN * spans.length)
  writer.constant('{"resource":{"attributes":[')
  writeKeyValues(writer, resource, MAX_VALUE_DEPTH)
  writer.constant(']},"scopeSpans":[{"scope":{"name":')
  writer.text(scope.name)
  writer.constant(',"version":')
  writer.text(scope.version)
  writer.constant('},"spans":[')
  writeItems(writer, spans, writeSpan)
  writer.ascii(']}]}')
  return writer.finish()
}

/**
 * Joins encoded `ResourceSpans` to one request, the body of `POST /v1/traces`.
 *
 * @example
 * joinJsonRequest(traces.map(encodeResourceSpansJson)) // '{"resourceSpans":[…]}'
 */
export function joinJsonRequest(parts: readonly string[]): string {
  return `{"resourceSpans":[${parts.join(',')}]}`
}

function writeSpan(writer: JsonTextWriter, span: Span): void {
  writeIds(writer, span)
  if (span.parentSpanId !== undefined) {
    writer.constant(',"parentSpanId":"')
    writer.ascii(checkedId(span.parentSpanId, SPAN_ID))
    writer.ascii('"')
  }
  writer.constant(',"name":')
  writer.text(span.name)
  if (span.kind !== 0) {
    writer.constant(',"kind":')
    writer.ascii(String(span.kind))
  }
  writer.constant(',"startTimeUnixNano":"')
  writer.ascii(String(checkedUnixNano(span.startTimeUnixNano)))
  writer.constant('","endTimeUnixNano":"')
  writer.ascii(String(checkedUnixNano(span.endTimeUnixNano)))
  writer.ascii('"')
  writeAttributes(writer, span.attributes)
  if (span.events.length > 0) {
    writer.constant(',"events":[')
    writeItems(writer, span.events, writeEvent)
    writer.ascii(']')
  }
  if (span.links.length > 0) {
    writer.constant(',"links":[')
    writeItems(writer, span.links, writeLink)
    writer.ascii(']')
  }
  if (span.status !== undefined) writeStatus(writer, span.status)
  writer.ascii('}')
}

function writeEvent(writer: JsonTextWriter, event: SpanEvent): void {
  writer.constant('{"timeUnixNano":"')
  writer.ascii(String(checkedUnixNano(event.timeUnixNano)))
  writer.constant('","name":')
  writer.text(event.name)
  writeAttributes(writer, event.attributes)
  writer.ascii('}')
}

function writeLink(writer: JsonTextWriter, link: SpanLink): void {
  writeIds(writer, link)
  writeAttributes(writer, link.attributes)
  writer.ascii('}')
}

function writeIds(writer: JsonTextWriter, { traceId, spanId }: Span | SpanLink): void {
  writer.constant('{"traceId":"')
  writer.ascii(checkedId(traceId, TRACE_ID))
  writer.constant('","spanId":"')
  writer.ascii(checkedId(spanId, SPAN_ID))
  writer.ascii('"')
}

function checkedId(id: string, pattern: RegExp): string {
  if (pattern.test(id)) return id
  const digits = pattern === TRACE_ID ? 32 : 16
  throw new RangeError(
    `expected ${digits} lower-case hexadecimal digits, got ${JSON.stringify(id)}`,
  )
}

function writeStatus(writer: JsonTextWriter, { code, message = '' }: SpanStatus): void {
  writer.constant(',"status":{"code":')
  writer.ascii(String(code))
  if (message !== '') {
    writer.constant(',"message":')
    writer.text(message)
  }
  writer.ascii('}')
}

function writeAttributes(writer: JsonTextWriter, attributes: Attributes): void {
  const keys = Object.keys(attributes)
  if (keys.length === 0) return
  writer.constant(',"attributes":[')
  writeKeyValues(writer, attributes, MAX_VALUE_DEPTH)
  writer.ascii(']')
}

/** Attributes, and the members of a kvlist: both are a list of `KeyValue`. */
function writeKeyValues(writer: JsonTextWriter, attributes: Attributes, levels: number): void {
  const keys = Object.keys(attributes)
  const values = Object.values(attributes)
  for (let i = 0; i < keys.length; i++) {
    if (i > 0) writer.ascii(',')
    writer.derived(keys[i] as string, headOfKeyValue)
    writeValue(writer, values[i] as AttributeValue, levels)
    writer.ascii('}')
  }
}

function headOfKeyValue(key: string): string {
  return `{"key":${quoted(key)},"value":`
}

function writeValue(writer: JsonTextWriter, value: AttributeValue, levels: number): void {
  switch (typeof value) {
    case 'string':
      writer.constant('{"stringValue":')
      writer.text(value)
      writer.ascii('}')
      break
    case 'boolean':
      writer.ascii(value ? '{"boolValue":true}' : '{"boolValue":false}')
      break
    case 'number':
      if (isOtlpInt(value)) writeInt(writer, value)
      else writeDouble(writer, value)
      break
    case 'bigint':
      writeInt(writer, checkedInt64(value))
      break
    default:
      if (value === null) writer.ascii('{}')
      else writeCompound(writer, value, levels)
  }
}

function writeInt(writer: JsonTextWriter, value: number | bigint): void {
  writer.constant('{"intValue":"')
  writer.ascii(String(value))
  writer.ascii('"}')
}

/** JSON has no NaN and no infinities: proto3 spells them as strings. */
function writeDouble(writer: JsonTextWriter, value: number): void {
  const json = Object.is(value, -0) ? '-0.0' : String(value)
  writer.ascii(`{"doubleValue":${Number.isFinite(value) ? json : `"${json}"`}}`)
}

function writeCompound(
  writer: JsonTextWriter,
  value: Uint8Array | readonly AttributeValue[] | Attributes,
  levels: number,
): void {
  if (value instanceof Uint8Array) {
    writer.constant('{"bytesValue":"')
    writer.ascii(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'))
    writer.ascii('"}')
    return
  }
  const inside = oneLevelDeeper(levels)
  if (isValueList(value)) {
    writer.constant('{"arrayValue":{"values":[')
    writeItems(writer, value, (to, item) => writeValue(to, item, inside))
  } else {
    writer.constant('{"kvlistValue":{"values":[')
    writeKeyValues(writer, value, inside)
  }
  writer.ascii(']}}')
}

function writeItems<Item>(
  writer: JsonTextWriter,
  items: readonly Item[],
  write: (writer: JsonTextWriter, item: Item) => void,
): void {
  let first = true
  for (const item of items) {
    if (!first) writer.ascii(',')
    first = false
    write(writer, item)
  }
}
