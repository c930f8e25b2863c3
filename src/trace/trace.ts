/**
 * What a trace is here: plain data with OpenTelemetry's names, and exact integers.
 *
 * It is the hinge between journals and OTLP. The SDK's own spans cannot be it, because they carry
 * no 64-bit integers.
 */

/**
 * The value of an attribute. A safe integer and a `bigint` are OTLP ints (a `bigint` must fit i64),
 * any other `number` is an OTLP double, a list an array, an object a kvlist. A double without a
 * fraction that is read back is an int from then on.
 */
export type AttributeValue =
  | string
  | boolean
  | number
  | bigint
  | Uint8Array
  | null
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue }

/** Attributes by name, in the order in which they are written; names like `7` come first, as in any object. */
export type Attributes = { readonly [key: string]: AttributeValue }

/** OTLP's numbers for the kinds of span. */
export const SpanKind = {
  UNSPECIFIED: 0,
  INTERNAL: 1,
  SERVER: 2,
  CLIENT: 3,
  PRODUCER: 4,
  CONSUMER: 5,
} as const

/** OTLP's numbers for the status of a span. */
export const StatusCode = { UNSET: 0, OK: 1, ERROR: 2 } as const

/** Something that happened during a span, at one instant. */
export interface SpanEvent {
  readonly name: string
  /** Nanoseconds since 1970. */
  readonly timeUnixNano: bigint
  readonly attributes: Attributes
}

/** A reference from one span to another, in the same trace or in another one. */
export interface SpanLink {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string
  readonly attributes: Attributes
}

/** Which span it is, wherever it is. */
export interface SpanContext {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string
}

/** How a span ended; the code is one of {@link StatusCode}. */
export interface SpanStatus {
  readonly code: number
  readonly message?: string
}

/** One span. */
export interface Span {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string
  /** 16 lower-case hexadecimal digits; absent on a root. */
  readonly parentSpanId?: string
  readonly name: string
  /** One of {@link SpanKind}. */
  readonly kind: number
  /** Nanoseconds since 1970. */
  readonly startTimeUnixNano: bigint
  /** Nanoseconds since 1970. */
  readonly endTimeUnixNano: bigint
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
  /** Absent where it is unset. */
  readonly status?: SpanStatus
}

/** Who made the spans: the instrumentation scope of OpenTelemetry. */
export interface InstrumentationScope {
  readonly name: string
  readonly version: string
}

/** Spans of one resource and one instrumentation scope, in the order in which they are sent. */
export interface Trace {
  readonly resource: Attributes
  readonly scope: InstrumentationScope
  readonly spans: readonly Span[]
}

/** One span as it is read back: with the resource and the scope that it came under. */
export interface ReceivedSpan {
  readonly resource: Attributes
  readonly scope: InstrumentationScope
  readonly span: Span
}
