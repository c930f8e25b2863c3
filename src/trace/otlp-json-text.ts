/**
 * A request of OTLP/JSON in the spelling that this project gives it, read without a JSON parser: in a third
 * of the time.
 *
 * Nearly all spans of a large request have the same members and differ in their values only: each is a few
 * matches of regular expressions. Any other span is cut out and read the general way, and so is the whole
 * request where it is spelled in any other way, or has anything that is a problem. `otlp-json-decoder.ts`
 * is the general way and the definition; what both read is the same.
 *
 * That is so because a list of JSON values with commas between is a JSON list, however it was taken
 * apart: each piece is read as one whole value, or nothing is.
 */
import {
  isJsonObject,
  isList,
  type JsonObject,
  MAX_JSON_DEPTH,
  parseJson,
  parseJsonWithin,
} from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { attributesIn, learnAttributes } from './attribute-text.js'
import { decodeOtlpJson, decodeOtlpSpan, NO_EVENTS, NO_LINKS } from './otlp-json-decoder.js'
import { RequestText, TEXT } from './request-text.js'
import type { ReceivedSpan, Span, SpanEvent } from './trace.js'

const ANY_TEXT = TEXT.slice(1, -1)
const TEXT_ATTRIBUTE = `{"key":"${ANY_TEXT}","value":{"stringValue":"${ANY_TEXT}"}}`
const RESOURCE = `{"attributes":\\[${TEXT_ATTRIBUTE}(?:,${TEXT_ATTRIBUTE})*\\]}`
const SCOPE = `{"name":"${ANY_TEXT}","version":"${ANY_TEXT}"}`

/** What stands before the spans of a request with one resource and one scope. */
const BEFORE_SPANS = new RegExp(
  `{"resourceSpans":\\[{"resource":${RESOURCE},"scopeSpans":\\[{"scope":${SCOPE},"spans":\\[`,
  'y',
)
/** What stands behind them. */
const AFTER_SPANS = ']}]}]}'

/** A span that is nobody's. */
const ANY_SPAN = `{"traceId":"${'1'.repeat(32)}","spanId":"${'1'.repeat(16)}"}`

/** Not the ids that mean none. */
const TRACE_ID = '((?!0{32})[0-9a-f]{32})'
const SPAN_ID = '((?!0{16})[0-9a-f]{16})'
/** Below the latest time that OTLP can name. */
const TIME = String.raw`(\d{1,19})`

/** A span with a parent, up to its attributes. */
const SPAN = new RegExp(
  `{"traceId":"${TRACE_ID}","spanId":"${SPAN_ID}","parentSpanId":"${SPAN_ID}","name":"${TEXT}","kind":([1-5]),"startTimeUnixNano":"${TIME}","endTimeUnixNano":"${TIME}","attributes":`,
  'y',
)
const EVENT = new RegExp(`{"timeUnixNano":"${TIME}","name":"${TEXT}","attributes":`, 'y')

/** What the collector's file exporter writes where nothing is said. */
const UNSET_STATUS = ',"status":{}'

/** Where a span may be over: a quoted text cannot hold it, since its quotes would be escaped. */
const NEXT_SPAN = '},{"traceId":"'

/** Around a span there are three lists and three objects. */
const LEVELS_OF_SPAN = MAX_JSON_DEPTH - 6

/**
 * Reads a request that is spelled as this project spells it; `undefined` for any other, which need not be
 * JSON.
 *
 * @param bytes the whole request
 * @example
 * readOtlpText(line.bytes) ?? decodeTraceDocument(parseJson(decodeUtf8(line.bytes))).spans
 */
export function readOtlpText(bytes: Uint8Array): ReceivedSpan[] | undefined {
  const text = RequestText.of(bytes)
  const before = text?.match(BEFORE_SPANS)?.[0]
  if (text === undefined || before === undefined) return undefined
  try {
    return readSpans(text, before)
  } catch (error) {
    if (error instanceof RivetOtelError) return undefined
    throw error
  }
}

function readSpans(text: RequestText, before: string): ReceivedSpan[] | undefined {
  const around = aroundSpans(text.own(before))
  if (around === undefined) return undefined
  const { resource, scope } = around
  const spans: ReceivedSpan[] = []
  let last: Span | undefined
  do {
    const span = usualSpan(text, last) ?? otherSpan(text)
    if (span === undefined) return undefined
    spans.push({ resource, scope, span })
    last = span
  } while (text.skip(','))
  return text.text.length - text.at === AFTER_SPANS.length && text.skip(AFTER_SPANS)
    ? spans
    : undefined
}

/** What stood before the spans of the last request: mostly it is the same again, and is kept once. */
let lastAround: { before: string; around: ReceivedSpan } | undefined

function aroundSpans(before: string): ReceivedSpan | undefined {
  if (lastAround?.before === before) return lastAround.around
  const { spans, problems } = decodeOtlpJson(parseJson(`${before}${ANY_SPAN}${AFTER_SPANS}`))
  const [around] = spans
  if (around === undefined || problems.length > 0) return undefined
  lastAround = { before, around }
  return around
}

/** A span that is spelled as most are; where it is not, the text is read no further. */
function usualSpan(text: RequestText, last: Span | undefined): Span | undefined {
  const start = text.at
  const match = text.match(SPAN)
  if (match === null) return undefined
  const kind = match[4] as string
  const attributes = attributesIn(text, kind)
  const events = attributes && eventsIn(text)
  text.skip(UNSET_STATUS)
  if (attributes === undefined || events === undefined || !text.skip('}')) {
    text.at = start
    return undefined
  }
  return {
    traceId: text.own(match[1] as string, last?.traceId),
    spanId: text.own(match[2] as string),
    parentSpanId: text.own(match[3] as string, last?.parentSpanId),
    name: text.own(kind, last?.name),
    kind: Number(match[5]),
    startTimeUnixNano: BigInt(match[6] as string),
    endTimeUnixNano: BigInt(match[7] as string),
    attributes,
    events,
    links: NO_LINKS,
  }
}

function eventsIn(text: RequestText): readonly SpanEvent[] | undefined {
  if (!text.skip(',"events":[')) return NO_EVENTS
  const events: SpanEvent[] = []
  let last = ''
  do {
    const match = text.match(EVENT)
    if (match === null) return undefined
    const kind = match[2] as string
    const attributes = attributesIn(text, kind)
    if (attributes === undefined || !text.skip('}')) return undefined
    last = text.own(kind, last)
    events.push({ name: last, timeUnixNano: BigInt(match[1] as string), attributes })
  } while (text.skip(','))
  return text.skip(']') ? events : undefined
}

/**
 * Any other span; those like it are usual from then on, but for roots: they come once a page.
 *
 * @throws {RivetOtelError} where it is no JSON.
 */
function otherSpan(text: RequestText): Span | undefined {
  const start = text.at
  const next = text.text.indexOf(NEXT_SPAN, start)
  text.at = next < 0 ? text.text.length - AFTER_SPANS.length : next + 1
  const value = parseJsonWithin(text.own(text.text.slice(start, text.at)), LEVELS_OF_SPAN)
  const span = isJsonObject(value) ? decodeOtlpSpan(value) : undefined
  if (span?.parentSpanId !== undefined) learnSpan(value as JsonObject)
  return span
}

function learnSpan({ name, attributes, events = [] }: JsonObject): void {
  learnAttributes(name, attributes)
  if (!isList(events)) return
  for (const event of events) if (isJsonObject(event)) learnAttributes(event.name, event.attributes)
}
