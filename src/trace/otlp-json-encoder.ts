/**
 * A trace as OTLP/JSON: ids in hexadecimal, enums as numbers, 64-bit integers as decimal strings.
 *
 * Fields that are empty are left out. The text has no white space and no line breaks, so one
 * request is one line of a JSON lines file.
 */
import { isOtlpInt, isValueList } from './attribute-value.js'
import { JsonKeyHeads, type KeyHeads } from './json-key-heads.js'
import { JsonSpanHead, SPAN_ID_DIGITS, TRACE_ID_DIGITS, wrongId } from './json-span-head.js'
import { JsonTextWriter, jsonBytes, plainDigits } from './json-text-writer.js'
import { checkedInt64, checkedUnixNano, MAX_VALUE_DEPTH, oneLevelDeeper } from './otlp-limits.js'
import { OTHER, RepeatedAttributes, SAME } from './repeated-attributes.js'
import type {
  Attributes,
  AttributeValue,
  Span,
  SpanEvent,
  SpanLink,
  SpanStatus,
  Trace,
} from './trace.js'

/** One writer for all traces: it knows their keys by now, and has room for most of them. */
const writer = new JsonTextWriter(262_144)

/** What is known of the lists of attributes of one kind. */
interface Repeated {
  readonly list: RepeatedAttributes
  readonly heads: JsonKeyHeads
}

const ofSpans = repeatedIn()
const ofEvents = repeatedIn()
const heads = new JsonKeyHeads()

const spanHead = new JsonSpanHead()

const END_TIME = jsonBytes('","endTimeUnixNano":"')
const ATTRIBUTES = jsonBytes(',"attributes":')
const OPENING_BRACKET = 0x5b

/** What stands behind the chars of a text or the digits of an integer: `"}}`. */
const BEHIND_VALUE = 3

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
export function encodeResourceSpansJson(trace: Trace): string {
  writeResourceSpans(trace)
  return writer.finishText()
}

/**
 * The same as bytes of UTF-8, which is what is sent.
 *
 * @throws {RangeError} as {@link encodeResourceSpansJson}.
 * @example
 * Buffer.from(encodeResourceSpansJsonBytes(trace)).toString() === encodeResourceSpansJson(trace) // true
 */
export function encodeResourceSpansJsonBytes(trace: Trace): Uint8Array {
  writeResourceSpans(trace)
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

function repeatedIn(): Repeated {
  return { list: new RepeatedAttributes(plainDigits), heads: new JsonKeyHeads() }
}

function writeResourceSpans({ resource, scope, spans }: Trace): void {
  // It still holds the beginning of a trace that could not be encoded.
  writer.clear()
  ofSpans.list.clear()
  ofEvents.list.clear()
  writer.constant('{"resource":{"attributes":')
  writeKeyValues(resource, MAX_VALUE_DEPTH)
  writer.constant('},"scopeSpans":[{"scope":{"name":')
  writer.text(scope.name)
  writer.constant(',"version":')
  writer.text(scope.version)
  writer.constant('},"spans":[')
  writeItems(spans, writeSpan)
  writer.constant(']}]}')
}

function writeSpan(span: Span): void {
  const { beforeSpanId, afterSpanId } = spanHead.of(span)
  writer.block(beforeSpanId)
  writeId(span.spanId, SPAN_ID_DIGITS)
  writer.block(afterSpanId)
  writer.uint64(checkedUnixNano(span.startTimeUnixNano))
  writer.block(END_TIME)
  writer.uint64(checkedUnixNano(span.endTimeUnixNano))
  writer.ascii('"')
  writeRepeated(ofSpans, span.attributes)
  if (span.events.length > 0) {
    writer.constant(',"events":[')
    writeItems(span.events, writeEvent)
    writer.ascii(']')
  }
  if (span.links.length > 0) {
    writer.constant(',"links":[')
    writeItems(span.links, writeLink)
    writer.ascii(']')
  }
  if (span.status !== undefined) writeStatus(span.status)
  writer.ascii('}')
}

function writeEvent(event: SpanEvent): void {
  writer.constant('{"timeUnixNano":"')
  writer.uint64(checkedUnixNano(event.timeUnixNano))
  writer.constant('","name":')
  writer.text(event.name)
  writeRepeated(ofEvents, event.attributes)
  writer.ascii('}')
}

function writeLink({ traceId, spanId, attributes }: SpanLink): void {
  writer.constant('{"traceId":"')
  writeId(traceId, TRACE_ID_DIGITS)
  writer.constant('","spanId":"')
  writeId(spanId, SPAN_ID_DIGITS)
  writer.ascii('"')
  writeAttributes(attributes)
  writer.ascii('}')
}

function writeId(id: string, digits: number): void {
  if (!writer.hex(id, digits)) throw wrongId(id, digits)
}

function writeStatus({ code, message = '' }: SpanStatus): void {
  writer.constant(',"status":{"code":')
  writer.ascii(String(code))
  if (message !== '') {
    writer.constant(',"message":')
    writer.text(message)
  }
  writer.ascii('}')
}

/** The attributes of a span or an event: what they have in common with those of the one before is copied. */
function writeRepeated({ list, heads }: Repeated, attributes: Attributes): void {
  list.next(attributes)
  const { keys, values, likeness, sizes, count } = list
  if (count === 0) return
  writer.block(ATTRIBUTES)
  // All places are lengths of the writer: the attribute in hand began here in the list before.
  let before = list.place
  list.place = writer.length
  let i = 0
  while (i < count) {
    let begin = writer.length
    if (likeness[i] === OTHER) {
      before += sizes[i] as number
      const head = heads.at(i, keys[i] as string)
      const isPlain = writeKeyValue(head, values[i] as AttributeValue, MAX_VALUE_DEPTH)
      if (!isPlain) list.setApart(i)
      sizes[i] = writer.length - begin
      i++
      continue
    }
    let next = i
    let bytes = 0
    while (next < count && likeness[next] !== OTHER) bytes += sizes[next++] as number
    writer.again(before, bytes)
    while (i < next) {
      const end = begin + (sizes[i] as number)
      if (likeness[i] !== SAME && !writeOver(end, values[i] as AttributeValue)) break
      before += end - begin
      begin = end
      i++
    }
    if (i < next) {
      writer.backTo(begin)
      list.setApart(i)
    }
  }
  writer.put(list.place, OPENING_BRACKET)
  writer.ascii(']')
}

/** The text or integer of an attribute that ends there; says whether it could be written so. */
function writeOver(end: number, value: AttributeValue): boolean {
  if (typeof value === 'string') return writer.textOver(end - BEHIND_VALUE - value.length, value)
  writer.digitsOver(end - BEHIND_VALUE, value as number)
  return true
}

function writeAttributes(attributes: Attributes): void {
  for (const _ in attributes) {
    writer.block(ATTRIBUTES)
    writeKeyValues(attributes, MAX_VALUE_DEPTH)
    return
  }
}

/** Attributes, and the members of a kvlist: both are a list of `KeyValue`. */
function writeKeyValues(attributes: Attributes, levels: number): void {
  const keys = Object.keys(attributes)
  const begin = writer.length
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    writeKeyValue(heads.at(i, key), attributes[key] as AttributeValue, levels)
  }
  if (keys.length === 0) writer.ascii('[')
  else writer.put(begin, OPENING_BRACKET)
  writer.ascii(']')
}

/**
 * One of a list, with the comma before it; before the first, a bracket comes in the comma's place. Says whether
 * its value is a text or an integer that stands for itself.
 */
function writeKeyValue(head: KeyHeads, value: AttributeValue, levels: number): boolean {
  if (typeof value === 'string') return writer.textIn(head.text, value, 2)
  if (typeof value === 'number' && isOtlpInt(value)) {
    writer.integerIn(head.int, value, 2)
    return true
  }
  writer.block(head.value)
  writeValue(value, levels)
  writer.ascii('}')
  return false
}

function writeValue(value: AttributeValue, levels: number): void {
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
      if (isOtlpInt(value)) writeInt(value)
      else writeDouble(value)
      break
    case 'bigint':
      writeInt(checkedInt64(value))
      break
    default:
      if (value === null) writer.ascii('{}')
      else writeCompound(value, levels)
  }
}

function writeInt(value: number | bigint): void {
  writer.constant('{"intValue":"')
  writer.integer(value)
  writer.ascii('"}')
}

/** JSON has no NaN and no infinities: proto3 spells them as strings. */
function writeDouble(value: number): void {
  const json = Object.is(value, -0) ? '-0.0' : String(value)
  writer.ascii(`{"doubleValue":${Number.isFinite(value) ? json : `"${json}"`}}`)
}

function writeCompound(
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
    writeItems(value, (item) => writeValue(item, inside))
    writer.ascii(']}}')
  } else {
    writer.constant('{"kvlistValue":{"values":')
    writeKeyValues(value, inside)
    writer.ascii('}}')
  }
}

function writeItems<Item>(items: readonly Item[], write: (item: Item) => void): void {
  let first = true
  for (const item of items) {
    if (!first) writer.ascii(',')
    first = false
    write(item)
  }
}
