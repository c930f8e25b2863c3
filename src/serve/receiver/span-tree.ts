/** The spans inside a request in OTLP/JSON, where they stand. */
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../../json/lossless.js'
import { idAt, unixNanoAt } from '../../trace/json-fields.js'
import type { Problems } from '../../trace/problem-list.js'
import { FirstProblem } from '../../trace/sent-spans.js'
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from '../../trace/span-id.js'

/**
 * The request with those of its spans alone that are wanted; `undefined` where it is none of them.
 * What stands beside them stays as it is.
 *
 * @example
 * withSpans(request, ({ spanId }) => spanId !== 'b36d1caeb2e67c87')
 */
export function withSpans(
  request: JsonObject,
  isWanted: (span: JsonObject) => boolean,
): JsonObject | undefined {
  const resourceSpans: JsonObject[] = []
  for (const resource of objectsOf(request.resourceSpans)) {
    const scopeSpans: JsonObject[] = []
    for (const scope of objectsOf(resource.scopeSpans)) {
      const spans = objectsOf(scope.spans).filter(isWanted)
      if (spans.length > 0) scopeSpans.push({ ...scope, spans })
    }
    if (scopeSpans.length > 0) resourceSpans.push({ ...resource, scopeSpans })
  }
  return resourceSpans.length === 0 ? undefined : { resourceSpans }
}

/**
 * Every span of a request, as it stands there.
 *
 * @example
 * for (const { traceId } of spansIn(request)) console.log(traceId)
 */
export function* spansIn(request: JsonObject): Generator<JsonObject> {
  for (const resource of objectsOf(request.resourceSpans))
    for (const scope of objectsOf(resource.scopeSpans)) yield* objectsOf(scope.spans)
}

/**
 * The ids of those spans that a reader of the file takes: trace id, then span id.
 *
 * @example
 * for (const [traceId, spanId] of readableSpansIn(request)) known.add(traceId, spanId)
 */
export function* readableSpansIn(request: JsonObject): Generator<[string, string]> {
  const problems = new FirstProblem()
  for (const span of spansIn(request)) {
    const traceId = idAt(span.traceId, TRACE_ID_BYTES, '', problems)
    const spanId = idAt(span.spanId, SPAN_ID_BYTES, '', problems)
    const hasTimes =
      isTime(span.startTimeUnixNano, problems) && isTime(span.endTimeUnixNano, problems)
    if (hasTimes && traceId !== undefined && spanId !== undefined) yield [traceId, spanId]
  }
}

/** So few digits are below 2^64, whatever they are. */
const DIGITS_OF_A_TIME = /^\d{1,19}$/

function isTime(time: JsonValue | undefined, problems: Problems): boolean {
  if (typeof time === 'string' && DIGITS_OF_A_TIME.test(time)) return true
  return unixNanoAt(time, '', problems) !== undefined
}

function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter((item) => isJsonObject(item)) : []
}
