/**
 * The field numbers of OTLP traces in protobuf, as far as a trace here has such fields.
 *
 * Source: opentelemetry-proto 1.x, `common.proto`, `resource.proto`, `trace.proto` and
 * `trace_service.proto`. Numbers there never change their meaning.
 */

/** `AnyValue`: at most one of them is set. */
export const AnyValueField = {
  stringValue: 1,
  boolValue: 2,
  intValue: 3,
  doubleValue: 4,
  arrayValue: 5,
  kvlistValue: 6,
  bytesValue: 7,
} as const

/** `ArrayValue` and `KeyValueList` both have just this one. */
export const ListField = { values: 1 } as const

/** `KeyValue`. */
export const KeyValueField = { key: 1, value: 2 } as const

/** `InstrumentationScope`. */
export const ScopeField = { name: 1, version: 2 } as const

/** `Resource`. */
export const ResourceField = { attributes: 1 } as const

/** `ExportTraceServiceRequest`, and `TracesData` alike. */
export const RequestField = { resourceSpans: 1 } as const

/** `ResourceSpans`; 1000 is what `scopeSpans` was before OTLP 0.15. */
export const ResourceSpansField = {
  resource: 1,
  scopeSpans: 2,
  instrumentationLibrarySpans: 1000,
} as const

/** `ScopeSpans`, and `InstrumentationLibrarySpans` alike. */
export const ScopeSpansField = { scope: 1, spans: 2 } as const

/** `Span`. */
export const SpanField = {
  traceId: 1,
  spanId: 2,
  parentSpanId: 4,
  name: 5,
  kind: 6,
  startTimeUnixNano: 7,
  endTimeUnixNano: 8,
  attributes: 9,
  events: 11,
  links: 13,
  status: 15,
} as const

/** `Span.Event`. */
export const EventField = { timeUnixNano: 1, name: 2, attributes: 3 } as const

/** `Span.Link`. */
export const LinkField = { traceId: 1, spanId: 2, attributes: 4 } as const

/** `Status`; 1 was the code of OTLP before 0.5. */
export const StatusField = { message: 2, code: 3 } as const

/** `ExportTraceServiceResponse`. */
export const ResponseField = { partialSuccess: 1 } as const

/** `ExportTracePartialSuccess`. */
export const PartialSuccessField = { rejectedSpans: 1, errorMessage: 2 } as const

/** `google.rpc.Status`. */
export const RpcStatusField = { code: 1, message: 2 } as const
