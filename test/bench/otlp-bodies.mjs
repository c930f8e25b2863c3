// Reads the bodies that the sink kept: counts all spans, and decodes those of a few runs. Shares no code with the project: protobufjs
// and JSON.parse. Of a protobuf body it walks over what nobody asked for.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'

/**
 * @typedef {{ stringValue?: string, boolValue?: boolean, intValue?: string | number, doubleValue?: number, arrayValue?: { values?: Value[] } }} Value
 * @typedef {{ key: string, value?: Value }} KeyValue
 * @typedef {{ name: string, timeUnixNano: string, attributes?: KeyValue[] }} WireEvent
 * @typedef {{ name: string, startTimeUnixNano: string, endTimeUnixNano: string, attributes?: KeyValue[], events?: WireEvent[] }} WireSpan
 * @typedef {{ resourceSpans: { scopeSpans: { spans?: WireSpan[] }[] }[] }} WireRequest
 *
 * @typedef {{ name: string, start: bigint, end: bigint, attributes: Record<string, unknown>, events: SpanEvent[] }} ReceivedSpan
 * @typedef {{ name: string, time: bigint, attributes: Record<string, unknown> }} SpanEvent
 */

const { root } = protobuf.parse(
  `syntax = "proto3";
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5; } }
  message ArrayValue { repeated AnyValue values = 1; }
  message Span { string name = 5; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; repeated Event events = 11; }
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }`,
)
const Span = root.lookupType('Span')
const [RESOURCE_SPANS, SCOPE_SPANS, SPANS] = [1, 2, 2]
const LENGTH_DELIMITED = 2

/**
 * Reads a folder of bodies.
 *
 * @param {string} folder
 * @param {'http/protobuf' | 'http/json'} protocol
 * @param {readonly string[]} runIds The runs whose spans are wanted.
 * @returns {{ spans: number, bytes: number, ofRuns: Map<string, ReceivedSpan[]> }}
 */
export function readBodies(folder, protocol, runIds) {
  const ofRuns = new Map(runIds.map((runId) => [runId, /** @type {ReceivedSpan[]} */ ([])]))
  let [spans, bytes] = [0, 0]
  for (const name of readdirSync(folder).sort()) {
    const body = readFileSync(join(folder, name))
    bytes += body.length
    const read = protocol === 'http/json' ? jsonSpans(body) : protobufSpans(body, runIds)
    spans += read.count
    for (const span of read.wanted) ofRuns.get(String(span.attributes['rivet.run.id']))?.push(span)
  }
  return { spans, bytes, ofRuns }
}

/** @param {Buffer} body @returns {{ count: number, wanted: ReceivedSpan[] }} */
function jsonSpans(body) {
  /** @type {WireRequest} */
  const { resourceSpans } = JSON.parse(body.toString())
  const spans = resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap((scope) => scope.spans ?? []),
  )
  return { count: spans.length, wanted: spans.map(toSpan) }
}

/** @param {Buffer} body @param {readonly string[]} runIds @returns {{ count: number, wanted: ReceivedSpan[] }} */
function protobufSpans(body, runIds) {
  const texts = runIds.map((runId) => Buffer.from(runId))
  const wanted = []
  let count = 0
  for (const resource of members(body, RESOURCE_SPANS)) {
    for (const scope of members(resource, SCOPE_SPANS)) {
      for (const bytes of members(scope, SPANS)) {
        count++
        if (!texts.some((text) => bytes.includes(text))) continue
        wanted.push(
          toSpan(/** @type {WireSpan} */ (Span.toObject(Span.decode(bytes), { longs: String }))),
        )
      }
    }
  }
  return { count, wanted }
}

/** The members of a message that have a number and a length. @param {Buffer} message @param {number} wanted */
function* members(message, wanted) {
  const reader = protobuf.Reader.create(message)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag !== ((wanted << 3) | LENGTH_DELIMITED)) reader.skipType(tag & 7)
    else {
      const length = reader.uint32()
      yield message.subarray(reader.pos, reader.pos + length)
      reader.skip(length)
    }
  }
}

/** @param {WireSpan} span @returns {ReceivedSpan} */
function toSpan({ name, startTimeUnixNano, endTimeUnixNano, attributes, events = [] }) {
  return {
    name,
    start: BigInt(startTimeUnixNano),
    end: BigInt(endTimeUnixNano),
    attributes: toAttributes(attributes),
    events: events.map((event) => ({
      name: event.name,
      time: BigInt(event.timeUnixNano),
      attributes: toAttributes(event.attributes),
    })),
  }
}

/** @param {KeyValue[]} [list] @returns {Record<string, unknown>} */
function toAttributes(list = []) {
  return Object.fromEntries(list.map(({ key, value }) => [key, toValue(value)]))
}

/** @param {Value} [value] @returns {unknown} */
function toValue(value = {}) {
  if (value.intValue !== undefined) return Number(value.intValue)
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(toValue)
  return value.stringValue ?? value.boolValue ?? value.doubleValue
}
