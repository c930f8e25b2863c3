/**
 * The JSON of Jaeger's older API, `/api/traces/ID`, as spans; its user interface downloads the same.
 *
 * Jaeger spells there as tags what OTLP has members for: kind, status and scope. Its times are
 * microseconds, and a duration is cut by itself, so that an end may come out a microsecond early;
 * attributes of links, trace state and the scope's attributes are not in it. A span that is not
 * usable becomes a problem that names its place, and the others stay. Warnings that Jaeger adds,
 * and unknown members, are ignored.
 */

import { isJsonObject, isList, type JsonObject, type JsonValue } from '../json/lossless.js'
import { addAnswerError } from './answer-error.js'
import type { DecodedSpans } from './decoded-spans.js'
import { asText, attributesOf, readTags, type Tags, takeTag } from './jaeger-v1-tags.js'
import { listAt, objectAt, objectsIn, readInteger, shown, textAt } from './json-fields.js'
import { MAX_UNIX_NANO } from './otlp-limits.js'
import { ProblemList, type Problems } from './problem-list.js'
import { isZeroId, SPAN_ID_BYTES, TRACE_ID_BYTES } from './span-id.js'
import { KIND_OF_WORD } from './span-kind-words.js'
import {
  type Attributes,
  type AttributeValue,
  type ReceivedSpan,
  type Span,
  type SpanEvent,
  SpanKind,
  type SpanLink,
  type SpanStatus,
  StatusCode,
} from './trace.js'

const NANOS_PER_MICRO = 1000n
const HEX = /^[0-9a-f]*$/i

const STATUS_CODES = new Map<AttributeValue | undefined, number>([
  ['OK', StatusCode.OK],
  ['ERROR', StatusCode.ERROR],
])

/**
 * Decodes an answer of Jaeger (an object with `data`), one trace of it, or a list of such traces.
 *
 * Ids get back the leading zeros that Jaeger leaves out. Integers are exact where the text was read
 * by `parseJson`. The first `CHILD_OF` in the same trace is the parent, any other reference a link.
 *
 * @param where what problems begin with, for example `trace.json`
 * @example
 * decodeJaegerV1Json(parseJson('{"data":[{"spans":[{"traceID":"abcd","spanID":"x"}]}]}'))
 * // spans: [], and the first of the problems is
 * // 'data[0].spans[0].spanID: expected up to 16 hexadecimal digits that are not all 0, got "x"'
 */
export function decodeJaegerV1Json(value: JsonValue, where?: string): DecodedSpans {
  const problems = new ProblemList()
  const spans: ReceivedSpan[] = []
  for (const [trace, place] of tracesIn(value, problems)) {
    for (const span of spansIn(trace, place, problems)) spans.push(span)
  }
  const prefix = where === undefined ? '' : `${where}: `
  return { spans, problems: problems.all().map((problem) => prefix + problem) }
}

/**
 * Whether this looks like what {@link decodeJaegerV1Json} decodes.
 *
 * @example
 * isJaegerV1Json({ data: [] }) // true
 */
export function isJaegerV1Json(value: JsonValue): boolean {
  if (isList(value)) return value.length > 0 && value.every(isTrace)
  return isAnswer(value) || isTrace(value)
}

function isAnswer(value: JsonValue): value is JsonObject {
  if (!isJsonObject(value)) return false
  return isList(value.data) || (value.data === null && isList(value.errors))
}

function isTrace(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && isList(value.spans)
}

function* tracesIn(value: JsonValue, problems: Problems): Generator<[JsonObject, string]> {
  if (isTrace(value)) {
    yield [value, '']
  } else if (isAnswer(value)) {
    yield* objectsIn(value.data, 'data', problems)
    for (const [i, error] of listAt(value.errors, 'errors', problems).entries()) {
      addAnswerError(error, `errors[${i}]`, 'msg', problems)
    }
  } else if (isList(value)) {
    yield* objectsIn(value, '', problems)
  } else {
    problems.push(`expected JSON of Jaeger, an object with "data" or "spans", got ${shown(value)}`)
  }
}

function* spansIn(trace: JsonObject, place: string, problems: Problems): Generator<ReceivedSpan> {
  if (!isTrace(trace)) {
    problems.push(`${place}: expected a trace, an object with "spans", got ${shown(trace)}`)
    return
  }
  const at = (name: string) => (place === '' ? name : `${place}.${name}`)
  const processes = objectAt(trace.processes, at('processes'), problems)
  const resources = new Map<JsonValue | undefined, Attributes>([[undefined, {}]])
  for (const [item, inside] of objectsIn(trace.spans, at('spans'), problems)) {
    const { processID } = item
    let resource = resources.get(processID)
    if (resource === undefined) {
      resource = readProcess(processes, processID, at('processes'), problems)
      resources.set(processID, resource)
    }
    const received = readSpan(item, resource, inside, problems)
    if (received !== undefined) yield received
  }
}

function readProcess(
  processes: JsonObject,
  id: JsonValue | undefined,
  place: string,
  problems: Problems,
): Attributes {
  const process = typeof id === 'string' && Object.hasOwn(processes, id) ? processes[id] : undefined
  if (process === undefined) {
    problems.push(`${place}: expected a process ${shown(id)}, got none of that name`)
    return {}
  }
  const inside = `${place}[${shown(id)}]`
  const { serviceName, tags } = objectAt(process, inside, problems)
  const name = textAt(serviceName, `${inside}.serviceName`, problems)
  const named: Tags = new Map(name === '' ? [] : [['service.name', name]])
  return attributesOf(new Map([...named, ...readTags(tags, `${inside}.tags`, problems)]))
}

function readSpan(
  item: JsonObject,
  resource: Attributes,
  place: string,
  problems: Problems,
): ReceivedSpan | undefined {
  const ids = readIds(item, place, problems)
  const start = nanosAt(item.startTime, `${place}.startTime`, problems)
  const duration = nanosAt(item.duration, `${place}.duration`, problems)
  if (ids === undefined || start === undefined || duration === undefined) return undefined
  if (start + duration > MAX_UNIX_NANO) {
    problems.push(`${place}.duration: the span would end after ${MAX_UNIX_NANO} ns since 1970`)
    return undefined
  }
  const tags = readTags(item.tags, `${place}.tags`, problems)
  const scope = { name: takeScope(tags, 'name'), version: takeScope(tags, 'version') }
  const kind = takeTag(tags, 'span.kind', (word) => KIND_OF_WORD.get(word)) ?? SpanKind.UNSPECIFIED
  const status = takeStatus(tags)
  const span: Span = {
    ...ids,
    ...readReferences(item.references, ids.traceId, `${place}.references`, problems),
    name: textAt(item.operationName, `${place}.operationName`, problems),
    kind,
    startTimeUnixNano: start,
    endTimeUnixNano: start + duration,
    attributes: attributesOf(tags),
    events: readLogs(item.logs, `${place}.logs`, problems),
    ...(status === undefined ? {} : { status }),
  }
  return { resource, scope, span }
}

function readIds(
  value: JsonObject,
  place: string,
  problems: Problems,
): { traceId: string; spanId: string } | undefined {
  const traceId = idAt(value.traceID, TRACE_ID_BYTES, `${place}.traceID`, problems)
  const spanId = idAt(value.spanID, SPAN_ID_BYTES, `${place}.spanID`, problems)
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId }
}

/** Jaeger writes a trace id of 64 bits with 16 digits, and older versions no leading zeros at all. */
function idAt(
  value: JsonValue | undefined,
  bytes: number,
  place: string,
  problems: Problems,
): string | undefined {
  const digits = 2 * bytes
  if (typeof value === 'string' && value.length <= digits && HEX.test(value) && !isZeroId(value)) {
    return value.toLowerCase().padStart(digits, '0')
  }
  problems.push(
    `${place}: expected up to ${digits} hexadecimal digits that are not all 0, got ${shown(value)}`,
  )
  return undefined
}

function nanosAt(
  value: JsonValue | undefined,
  place: string,
  problems: Problems,
): bigint | undefined {
  const micros = readInteger(value ?? null)
  const nanos = micros === undefined ? -1n : micros * NANOS_PER_MICRO
  if (nanos >= 0n && nanos <= MAX_UNIX_NANO) return nanos
  problems.push(
    `${place}: expected microseconds (0 to ${MAX_UNIX_NANO / NANOS_PER_MICRO}), got ${shown(value)}`,
  )
  return undefined
}

/** Before OTLP 0.15 a scope was an instrumentation library. */
function takeScope(tags: Tags, part: 'name' | 'version'): string {
  return (
    takeTag(tags, `otel.scope.${part}`, asText) ??
    takeTag(tags, `otel.library.${part}`, asText) ??
    ''
  )
}

/** As in OpenTelemetry's own translation from Jaeger, `error` outweighs the code. */
function takeStatus(tags: Tags): SpanStatus | undefined {
  const error = takeTag(tags, 'error', (value) => (value === true ? StatusCode.ERROR : undefined))
  const said = takeTag(tags, 'otel.status_code', (word) => STATUS_CODES.get(word))
  const message = takeTag(tags, 'otel.status_description', asText) ?? ''
  const code = error ?? said ?? StatusCode.UNSET
  if (message !== '') return { code, message }
  return code === StatusCode.UNSET ? undefined : { code }
}

function readReferences(
  value: JsonValue | undefined,
  traceId: string,
  place: string,
  problems: Problems,
): Pick<Span, 'parentSpanId' | 'links'> {
  let parentSpanId: string | undefined
  const links: SpanLink[] = []
  for (const [reference, inside] of objectsIn(value, place, problems)) {
    const ids = readIds(reference, inside, problems)
    if (ids === undefined) continue
    const isParent = reference.refType === 'CHILD_OF' && ids.traceId === traceId
    if (isParent && parentSpanId === undefined) parentSpanId = ids.spanId
    else links.push({ ...ids, attributes: {} })
  }
  return parentSpanId === undefined ? { links } : { parentSpanId, links }
}

function readLogs(value: JsonValue | undefined, place: string, problems: Problems): SpanEvent[] {
  const events: SpanEvent[] = []
  for (const [log, inside] of objectsIn(value, place, problems)) {
    const timeUnixNano = nanosAt(log.timestamp, `${inside}.timestamp`, problems)
    if (timeUnixNano === undefined) continue
    const fields = readTags(log.fields, `${inside}.fields`, problems)
    const name = takeTag(fields, 'event', asText) ?? ''
    events.push({ name, timeUnixNano, attributes: attributesOf(fields) })
  }
  return events
}
