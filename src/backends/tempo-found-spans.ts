/**
 * The spans in an answer of Tempo's search. They have what was selected: of attributes Tempo says the
 * name and not whether it was the span's or the resource's.
 */
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../json/lossless.js'
import { readInteger, shown } from '../trace/json-fields.js'
import { KIND_OF_WORD } from '../trace/span-kind-words.js'
import {
  type Attributes,
  type AttributeValue,
  type ReceivedSpan,
  SpanKind,
  StatusCode,
} from '../trace/trace.js'

/** Spans, and what could not be read. */
export interface FoundSpans {
  readonly spans: readonly ReceivedSpan[]
  /** One sentence each, not yet fit to be quoted. */
  readonly problems: readonly string[]
}

const SERVICE = 'service.name'
const STATUS = new Map<AttributeValue | undefined, number>([
  ['error', StatusCode.ERROR],
  ['ok', StatusCode.OK],
])
const NOWHERE = { name: '', version: '' }
const MOST_PROBLEMS = 5

/**
 * Reads every span of an answer; one that cannot be read costs no other.
 *
 * @param traces `traces` of an answer that is Tempo's; see `readTempoAnswer`
 * @example
 * foundSpans(answer.value.traces).spans
 */
export function foundSpans(traces: JsonValue | undefined): FoundSpans {
  const spans: ReceivedSpan[] = []
  const problems: string[] = []
  for (const [i, trace] of (isList(traces) ? traces : []).entries()) {
    if (!isJsonObject(trace)) continue
    const traceId = idOf(trace.traceID, 32)
    for (const set of isList(trace.spanSets) ? trace.spanSets : [trace.spanSet ?? null]) {
      const found = isJsonObject(set) && isList(set.spans) ? set.spans : []
      for (const span of found) {
        const received = isJsonObject(span) ? receivedOf(span, traceId) : undefined
        if (received !== undefined) spans.push(received)
        else if (problems.length < MOST_PROBLEMS)
          problems.push(`a span that the search found cannot be read: traces[${i}]: ${shown(span)}`)
      }
    }
  }
  return { spans, problems }
}

function receivedOf(item: JsonObject, traceId: string | undefined): ReceivedSpan | undefined {
  const spanId = idOf(item.spanID, 16)
  const start = readInteger(item.startTimeUnixNano ?? null)
  const duration = readInteger(item.durationNanos ?? 0)
  if (traceId === undefined || spanId === undefined) return undefined
  if (start === undefined || duration === undefined || start < 0n || duration < 0n) return undefined
  const { [SERVICE]: service, status, kind, statusMessage, ...attributes } = attributesIn(item)
  const code = STATUS.get(status)
  return {
    resource: service === undefined ? {} : { [SERVICE]: service },
    scope: NOWHERE,
    span: {
      traceId,
      spanId,
      name: typeof item.name === 'string' ? item.name : '',
      kind: KIND_OF_WORD.get(kind) ?? SpanKind.UNSPECIFIED,
      startTimeUnixNano: start,
      endTimeUnixNano: start + duration,
      attributes,
      events: [],
      links: [],
      ...(code !== undefined && {
        status: { code, ...(typeof statusMessage === 'string' && { message: statusMessage }) },
      }),
    },
  }
}

/** Search results leave out zeros at the front. */
function idOf(value: JsonValue | undefined, digits: number): string | undefined {
  if (typeof value !== 'string' || value.length > digits || !/^[0-9a-f]+$/i.test(value))
    return undefined
  return value.toLowerCase().padStart(digits, '0')
}

function attributesIn({ attributes }: JsonObject): Attributes {
  const pairs = (isList(attributes) ? attributes : []).flatMap(
    (item): [string, AttributeValue][] => {
      if (!isJsonObject(item) || typeof item.key !== 'string' || !isJsonObject(item.value))
        return []
      const value = readValue(item.value)
      return value === undefined ? [] : [[item.key, value]]
    },
  )
  return Object.fromEntries(pairs)
}

function readValue({ stringValue, intValue, boolValue }: JsonObject): AttributeValue | undefined {
  if (typeof stringValue === 'string') return stringValue
  if (typeof boolValue === 'boolean') return boolValue
  return intValue === undefined ? undefined : readInteger(intValue)
}
