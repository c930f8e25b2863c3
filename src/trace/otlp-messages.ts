/**
 * The messages of OTLP traces, field by field: what a receiver keeps of what it is sent.
 *
 * It has every field of opentelemetry-proto 1.x, those too that a trace here does not have. Source:
 * `common.proto`, `resource.proto` and `trace.proto`; the names are those of proto3's JSON.
 */

/** How a field is written, in protobuf and in JSON. `nanos` is fixed64, an unsigned integer of 64 bits. */
export type OtlpFieldKind =
  | 'text'
  | 'bool'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'nanos'
  | 'uint32'
  | 'fixed32'
  | 'trace id'
  | 'span id'
  | 'span kind'
  | 'status code'

/** One field of a message. */
export interface OtlpField {
  readonly name: string
  readonly number: number
  /** A function, where a message holds itself. */
  readonly kind: OtlpFieldKind | OtlpMessage | (() => OtlpMessage)
  readonly isList: boolean
}

/** A message. */
export interface OtlpMessage {
  readonly fields: readonly OtlpField[]
  readonly byNumber: ReadonlyMap<number, OtlpField>
  /** Of its fields at most one is set. */
  readonly isChoice: boolean
  /** Whether lists and objects that nest are counted here. */
  readonly isLevel: boolean
  /** What is wrong inside costs this message, and not what stands beside it. */
  readonly isUnit: boolean
}

type Kind = OtlpField['kind']

function one(name: string, number: number, kind: Kind): OtlpField {
  return { name, number, kind, isList: false }
}

function many(name: string, number: number, kind: Kind): OtlpField {
  return { name, number, kind, isList: true }
}

function message(
  fields: readonly OtlpField[],
  { isChoice = false, isLevel = false, isUnit = false } = {},
): OtlpMessage {
  const byNumber = new Map(fields.map((field) => [field.number, field]))
  return { fields, byNumber, isChoice, isLevel, isUnit }
}

const ArrayValue = message([many('values', 1, () => AnyValue)], { isLevel: true })
const KeyValueList = message([many('values', 1, () => KeyValue)], { isLevel: true })

const AnyValue: OtlpMessage = message(
  [
    one('stringValue', 1, 'text'),
    one('boolValue', 2, 'bool'),
    one('intValue', 3, 'int64'),
    one('doubleValue', 4, 'double'),
    one('arrayValue', 5, ArrayValue),
    one('kvlistValue', 6, KeyValueList),
    one('bytesValue', 7, 'bytes'),
  ],
  { isChoice: true },
)

const KeyValue: OtlpMessage = message([one('key', 1, 'text'), one('value', 2, AnyValue)])

const EntityRef = message([
  one('schemaUrl', 1, 'text'),
  one('type', 2, 'text'),
  many('idKeys', 3, 'text'),
  many('descriptionKeys', 4, 'text'),
])

const ResourceMessage = message([
  many('attributes', 1, KeyValue),
  one('droppedAttributesCount', 2, 'uint32'),
  many('entityRefs', 3, EntityRef),
])

const ScopeMessage = message([
  one('name', 1, 'text'),
  one('version', 2, 'text'),
  many('attributes', 3, KeyValue),
  one('droppedAttributesCount', 4, 'uint32'),
])

const EventMessage = message([
  one('timeUnixNano', 1, 'nanos'),
  one('name', 2, 'text'),
  many('attributes', 3, KeyValue),
  one('droppedAttributesCount', 4, 'uint32'),
])

const LinkMessage = message([
  one('traceId', 1, 'trace id'),
  one('spanId', 2, 'span id'),
  one('traceState', 3, 'text'),
  many('attributes', 4, KeyValue),
  one('droppedAttributesCount', 5, 'uint32'),
  one('flags', 6, 'fixed32'),
])

const StatusMessage = message([one('message', 2, 'text'), one('code', 3, 'status code')])

const SpanMessage = message(
  [
    one('traceId', 1, 'trace id'),
    one('spanId', 2, 'span id'),
    one('traceState', 3, 'text'),
    one('parentSpanId', 4, 'span id'),
    one('flags', 16, 'fixed32'),
    one('name', 5, 'text'),
    one('kind', 6, 'span kind'),
    one('startTimeUnixNano', 7, 'nanos'),
    one('endTimeUnixNano', 8, 'nanos'),
    many('attributes', 9, KeyValue),
    one('droppedAttributesCount', 10, 'uint32'),
    many('events', 11, EventMessage),
    one('droppedEventsCount', 12, 'uint32'),
    many('links', 13, LinkMessage),
    one('droppedLinksCount', 14, 'uint32'),
    one('status', 15, StatusMessage),
  ],
  { isUnit: true },
)

const ScopeSpans = message(
  [one('scope', 1, ScopeMessage), many('spans', 2, SpanMessage), one('schemaUrl', 3, 'text')],
  { isUnit: true },
)

const ResourceSpans = message(
  [
    one('resource', 1, ResourceMessage),
    many('scopeSpans', 2, ScopeSpans),
    one('schemaUrl', 3, 'text'),
  ],
  { isUnit: true },
)

/** `ExportTraceServiceRequest`, and `TracesData` alike. */
export const RequestMessage = message([many('resourceSpans', 1, ResourceSpans)])
