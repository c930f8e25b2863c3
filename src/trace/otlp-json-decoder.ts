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
  objectAt,
  objectsIn,
  optionalIdAt,
  shown,
  textAt,
  unixNanoAt,
} from './json-fields.js'
import { readAttributes } from './otlp-json-value.js'
import { ProblemList, type Problems } from './problem-list.js'
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from './span-id.js'
import {
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

function isRequest(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && value.resourceSpans !== undefined
}

function readRequest({ resourceSpans }: JsonObject, problems: Problems): ReceivedSpan[] {
  const spans: ReceivedSpan[] = []
  for (const [element, place] of objectsIn(resourceSpans, 'resourceSpans', problems)) {
    readResourceSpans(element, place, spans, problems)
  }
  return spans
}

function readResourceSpans(
  element: JsonObject,
  place: string,
  spans: ReceivedSpan[],
  problems: Problems,
): void {
  const { attributes } = objectAt(element.resource, `${place}.resource`, problems)
  const resource = readAttributes(attributes, `${place}.resource.attributes`, problems)
  for (const name of ['scopeSpans', 'instrumentationLibrarySpans']) {
    for (const [group, inside] of objectsIn(element[name], `${place}.${name}`, problems)) {
      const scope = readScope(group, inside, problems)
      for (const [item, at] of objectsIn(group.spans, `${inside}.spans`, problems)) {
        const span = readSpan(item, at, problems)
        if (span !== undefined) spans.push({ resource, scope, span })
      }
    }
  }
}

function readScope(group: JsonObject, place: string, problems: Problems): InstrumentationScope {
  const member = group.scope === undefined ? 'instrumentationLibrary' : 'scope'
  const { name, version } = objectAt(group[member], `${place}.${member}`, problems)
  return {
    name: textAt(name, `${place}.${member}.name`, problems),
    version: textAt(version, `${place}.${member}.version`, problems),
  }
}

function readSpan(value: JsonObject, place: string, problems: Problems): Span | undefined {
  const ids = readIds(value, place, problems)
  const parentSpanId = optionalIdAt(
    value.parentSpanId,
    SPAN_ID_BYTES,
    `${place}.parentSpanId`,
    problems,
  )
  const start = unixNanoAt(value.startTimeUnixNano, `${place}.startTimeUnixNano`, problems)
  const end = unixNanoAt(value.endTimeUnixNano, `${place}.endTimeUnixNano`, problems)
  if (ids === undefined || parentSpanId === undefined) return undefined
  if (start === undefined || end === undefined) return undefined
  const status = readStatus(value.status, `${place}.status`, problems)
  return {
    ...ids,
    ...(parentSpanId === '' ? {} : { parentSpanId }),
    name: textAt(value.name, `${place}.name`, problems),
    kind: enumAt(value.kind, 'SPAN_KIND_', SpanKind, `${place}.kind`, problems),
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    attributes: readAttributes(value.attributes, `${place}.attributes`, problems),
    events: readEvents(value.events, `${place}.events`, problems),
    links: readLinks(value.links, `${place}.links`, problems),
    ...(status === undefined ? {} : { status }),
  }
}

function readIds(
  value: JsonObject,
  place: string,
  problems: Problems,
): { traceId: string; spanId: string } | undefined {
  const traceId = idAt(value.traceId, TRACE_ID_BYTES, `${place}.traceId`, problems)
  const spanId = idAt(value.spanId, SPAN_ID_BYTES, `${place}.spanId`, problems)
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId }
}

function readEvents(value: JsonValue | undefined, place: string, problems: Problems): SpanEvent[] {
  const events: SpanEvent[] = []
  for (const [event, inside] of objectsIn(value, place, problems)) {
    const timeUnixNano = unixNanoAt(event.timeUnixNano, `${inside}.timeUnixNano`, problems)
    if (timeUnixNano === undefined) continue
    const name = textAt(event.name, `${inside}.name`, problems)
    const attributes = readAttributes(event.attributes, `${inside}.attributes`, problems)
    events.push({ name, timeUnixNano, attributes })
  }
  return events
}

function readLinks(value: JsonValue | undefined, place: string, problems: Problems): SpanLink[] {
  const links: SpanLink[] = []
  for (const [link, inside] of objectsIn(value, place, problems)) {
    const ids = readIds(link, inside, problems)
    if (ids === undefined) continue
    const attributes = readAttributes(link.attributes, `${inside}.attributes`, problems)
    links.push({ ...ids, attributes })
  }
  return links
}

function readStatus(
  value: JsonValue | undefined,
  place: string,
  problems: Problems,
): SpanStatus | undefined {
  const status = objectAt(value, place, problems)
  const code = enumAt(status.code, 'STATUS_CODE_', StatusCode, `${place}.code`, problems)
  const message = textAt(status.message, `${place}.message`, problems)
  if (message !== '') return { code, message }
  return code === StatusCode.UNSET ? undefined : { code }
}
