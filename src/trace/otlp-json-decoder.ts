/**
 * OTLP/JSON as spans.
 *
 * It reads what any exporter or backend writes: ids in either case or in base64, integers as numbers
 * or text, enums by number or by name, the `instrumentationLibrarySpans` of old. A span that is not
 * usable becomes a problem that names its place, and the others stay. Unknown members are ignored.
 */

import { isJsonObject, type JsonObject, type JsonValue } from '../json/lossless.js'
import type { DecodedSpans } from './decoded-spans.js'
import {
  enumAt,
  idAt,
  listAt,
  objectAt,
  optionalIdAt,
  shown,
  textAt,
  unixNanoAt,
} from './json-fields.js'
import { Place } from './json-place.js'
import { readAttributes } from './otlp-json-value.js'
import { ProblemList, type Problems } from './problem-list.js'
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from './span-id.js'
import {
  type Attributes,
  type InstrumentationScope,
  type ReceivedSpan,
  type Span,
  type SpanEvent,
  SpanKind,
  type SpanLink,
  type SpanStatus,
  StatusCode,
} from './trace.js'

/**
 * Decodes a request, or a file's document or line: an object with `resourceSpans`. What a backend
 * wraps around it is for the backend to take off.
 *
 * Numbers are exact where the text was read by `parseJson`. An int comes back as a `number` where
 * that is safe, else as a `bigint`. A double without a fraction comes back as a `number` too, and is
 * an int from then on. An attribute without a value is `null`.
 *
 * @param where what problems begin with, for example `traces.otlp.jsonl line 12`
 * @example
 * decodeOtlpJson(parseJson('{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"77"}]}]}]}'))
 * // spans: [], and the first of the problems is
 * // 'resourceSpans[0].scopeSpans[0].spans[0].traceId: expected 32 hexadecimal digits, got "77"'
 */
export function decodeOtlpJson(value: JsonValue, where?: string): DecodedSpans {
  const problems = new ProblemList()
  const spans = isRequest(value) ? readRequest(value, problems) : []
  if (!isRequest(value)) {
    problems.push(`expected an OTLP request, an object with "resourceSpans", got ${shown(value)}`)
  }
  const prefix = where === undefined ? '' : `${where}: `
  return { spans, problems: problems.all().map((problem) => prefix + problem) }
}

/**
 * Decodes one span of a request; `undefined` where anything is wrong with it.
 *
 * @example
 * decodeOtlpSpan({ traceId: '77' }) // undefined
 */
export function decodeOtlpSpan(value: JsonObject): Span | undefined {
  const problems = new ProblemList()
  const span = readSpan(value, new Place('span'), problems)
  return problems.all().length === 0 ? span : undefined
}

function isRequest(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && value.resourceSpans !== undefined
}

function readRequest({ resourceSpans }: JsonObject, problems: Problems): ReceivedSpan[] {
  const spans: ReceivedSpan[] = []
  const list = listAt(resourceSpans, 'resourceSpans', problems)
  const place = new Place('resourceSpans')
  for (let i = 0; i < list.length; i++) {
    const element = objectIn(list, i, place, problems)
    if (element !== undefined) readResourceSpans(element, place.item(i), spans, problems)
  }
  return spans
}

function readResourceSpans(
  element: JsonObject,
  place: Place,
  spans: ReceivedSpan[],
  problems: Problems,
): void {
  const { attributes } = objectAt(element.resource, place.member('resource'), problems)
  const resource = readAttributes(attributes, place.member('resource.attributes'), problems)
  for (const name of ['scopeSpans', 'instrumentationLibrarySpans']) {
    const inside = place.member(name)
    const groups = listAt(element[name], inside, problems)
    for (let i = 0; i < groups.length; i++) {
      const group = objectIn(groups, i, inside, problems)
      if (group !== undefined) readScopeSpans(group, inside.item(i), resource, spans, problems)
    }
  }
}

function readScopeSpans(
  group: JsonObject,
  place: Place,
  resource: Attributes,
  spans: ReceivedSpan[],
  problems: Problems,
): void {
  const scope = readScope(group, place, problems)
  const inside = place.member('spans')
  const list = listAt(group.spans, inside, problems)
  for (let i = 0; i < list.length; i++) {
    const item = objectIn(list, i, inside, problems)
    const span = item && readSpan(item, inside.item(i), problems)
    if (span !== undefined) spans.push({ resource, scope, span })
  }
}

function objectIn(
  list: readonly JsonValue[],
  i: number,
  place: Place,
  problems: Problems,
): JsonObject | undefined {
  const item = list[i]
  if (isJsonObject(item)) return item
  problems.push(`${place.item(i)}: expected an object, got ${shown(item)}`)
  return undefined
}

function readScope(group: JsonObject, place: Place, problems: Problems): InstrumentationScope {
  const member = group.scope === undefined ? 'instrumentationLibrary' : 'scope'
  const inside = place.member(member)
  const { name, version } = objectAt(group[member], inside, problems)
  return {
    name: textAt(name, inside.member('name'), problems),
    version: textAt(version, inside.member('version'), problems),
  }
}

function readSpan(value: JsonObject, place: Place, problems: Problems): Span | undefined {
  const traceId = readTraceId(value.traceId, place, problems)
  const spanId = idAt(value.spanId, SPAN_ID_BYTES, place, problems, 'spanId')
  const parentSpanId = readParentId(value.parentSpanId, place, problems)
  const start = unixNanoAt(value.startTimeUnixNano, place, problems, 'startTimeUnixNano')
  const end = unixNanoAt(value.endTimeUnixNano, place, problems, 'endTimeUnixNano')
  if (traceId === undefined || spanId === undefined || parentSpanId === undefined) return undefined
  if (start === undefined || end === undefined) return undefined
  const status = readStatus(value.status, place, problems)
  const name = textAt(value.name, place, problems, 'name')
  const kind = enumAt(value.kind, 'SPAN_KIND_', SpanKind, place, problems, 'kind')
  const attributes = readAttributes(value.attributes, place, problems, 'attributes')
  const events = readEvents(value.events, place, problems)
  const links = readLinks(value.links, place, problems)
  // One literal for the usual span, so that all of them have their members in one order.
  if (parentSpanId !== '' && status === undefined)
    return {
      traceId,
      spanId,
      parentSpanId,
      name,
      kind,
      startTimeUnixNano: start,
      endTimeUnixNano: end,
      attributes,
      events,
      links,
    }
  return {
    traceId,
    spanId,
    ...(parentSpanId === '' ? {} : { parentSpanId }),
    name,
    kind,
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    attributes,
    events,
    links,
    ...(status === undefined ? {} : { status }),
  }
}

/**
 * The events of a span that has none.
 *
 * @example
 * { ...span, events: NO_EVENTS }
 */
export const NO_EVENTS: readonly SpanEvent[] = Object.freeze([])

/**
 * The links of a span that has none.
 *
 * @example
 * { ...span, links: NO_LINKS }
 */
export const NO_LINKS: readonly SpanLink[] = Object.freeze([])

/** The ids that were read last: those of a page's spans are the same, and are kept once. */
let lastTraceId = { given: '', read: '' }
let lastParentId = { given: '', read: '' }

function readTraceId(
  given: JsonValue | undefined,
  place: Place,
  problems: Problems,
): string | undefined {
  if (given === lastTraceId.given && given !== '') return lastTraceId.read
  const read = idAt(given, TRACE_ID_BYTES, place, problems, 'traceId')
  if (typeof given === 'string' && read !== undefined) lastTraceId = { given, read }
  return read
}

function readParentId(
  given: JsonValue | undefined,
  place: Place,
  problems: Problems,
): string | undefined {
  if (given === lastParentId.given) return lastParentId.read
  const read = optionalIdAt(given, SPAN_ID_BYTES, place, problems, 'parentSpanId')
  if (typeof given === 'string' && read !== undefined) lastParentId = { given, read }
  return read
}

function readEvents(
  value: JsonValue | undefined,
  place: Place,
  problems: Problems,
): readonly SpanEvent[] {
  if (value === undefined) return NO_EVENTS
  const events: SpanEvent[] = []
  const inside = place.member('events')
  const list = listAt(value, inside, problems)
  for (let i = 0; i < list.length; i++) {
    const event = objectIn(list, i, inside, problems)
    if (event === undefined) continue
    const at = inside.item(i)
    const timeUnixNano = unixNanoAt(event.timeUnixNano, at, problems, 'timeUnixNano')
    if (timeUnixNano === undefined) continue
    const name = textAt(event.name, at, problems, 'name')
    const attributes = readAttributes(event.attributes, at, problems, 'attributes')
    events.push({ name, timeUnixNano, attributes })
  }
  return events
}

function readLinks(
  value: JsonValue | undefined,
  place: Place,
  problems: Problems,
): readonly SpanLink[] {
  if (value === undefined) return NO_LINKS
  const links: SpanLink[] = []
  const inside = place.member('links')
  const list = listAt(value, inside, problems)
  for (let i = 0; i < list.length; i++) {
    const link = objectIn(list, i, inside, problems)
    if (link === undefined) continue
    const at = inside.item(i)
    const traceId = idAt(link.traceId, TRACE_ID_BYTES, at, problems, 'traceId')
    const spanId = idAt(link.spanId, SPAN_ID_BYTES, at, problems, 'spanId')
    if (traceId === undefined || spanId === undefined) continue
    const attributes = readAttributes(link.attributes, at, problems, 'attributes')
    links.push({ traceId, spanId, attributes })
  }
  return links
}

function readStatus(
  value: JsonValue | undefined,
  place: Place,
  problems: Problems,
): SpanStatus | undefined {
  if (value === undefined) return undefined
  const inside = place.member('status')
  const status = objectAt(value, inside, problems)
  const code = enumAt(status.code, 'STATUS_CODE_', StatusCode, inside, problems, 'code')
  const message = textAt(status.message, inside, problems, 'message')
  if (message !== '') return { code, message }
  return code === StatusCode.UNSET ? undefined : { code }
}
