/**
 * OTLP's trace messages for protobufjs: a decoder that shares no code with the project's own.
 *
 * The definitions are those of opentelemetry-proto 1.x, without comments.
 */
import protobuf from 'protobufjs'

const { root } = protobuf.parse(
  `syntax = "proto3";
  message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
  message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
  message ExportTracePartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
  message Status { int32 code = 1; string message = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; repeated EntityRef entity_refs = 3; }
  message EntityRef { string schema_url = 1; string type = 2; repeated string id_keys = 3; repeated string description_keys = 4; }
  message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
  message InstrumentationScope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
    repeated Event events = 11; uint32 dropped_events_count = 12; repeated Link links = 13; uint32 dropped_links_count = 14; SpanStatus status = 15; fixed32 flags = 16;
  }
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; uint32 dropped_attributes_count = 5; fixed32 flags = 6; }
  message SpanStatus { string message = 2; int32 code = 3; }`,
)

const Request = root.lookupType('ExportTraceServiceRequest')
const Response = root.lookupType('ExportTraceServiceResponse')
const RpcStatus = root.lookupType('Status')

/** A request as an object with OTLP/JSON's names; ids and bytes are buffers, 64-bit integers texts. */
export function decodeRequest(bytes: Uint8Array): unknown {
  return Request.toObject(Request.decode(bytes), { longs: String })
}

/** A request that is given in OTLP/JSON's names, with ids in hexadecimal. */
export function encodeRequest(request: unknown): Uint8Array {
  return Request.encode(Request.fromObject(inProtobufs(request) as object)).finish()
}

/** What protobufjs takes otherwise than OTLP/JSON has it. */
function inProtobufs(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => inProtobufs(item))
  if (/^(trace|span|parentSpan)Id$/.test(name)) return Buffer.from(String(value), 'hex')
  if (name === 'bytesValue') return Buffer.from(String(value), 'base64')
  if (name === 'doubleValue') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, inProtobufs(member, key)]),
  )
}

/** The answer of a receiver that took the request, all of it or in part. */
export function encodeResponse(rejectedSpans: number, errorMessage: string): Uint8Array {
  if (rejectedSpans === 0 && errorMessage === '') return new Uint8Array()
  return Response.encode(
    Response.fromObject({ partialSuccess: { rejectedSpans, errorMessage } }),
  ).finish()
}

/** The `google.rpc.Status` of a receiver that refused. */
export function encodeStatus(code: number, message: string): Uint8Array {
  return RpcStatus.encode(RpcStatus.fromObject({ code, message })).finish()
}
