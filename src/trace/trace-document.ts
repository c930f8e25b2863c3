/**
 * Any JSON in which traces come, as spans: OTLP's own, and what Jaeger and Tempo put around it.
 *
 * | document | whose |
 * |---|---|
 * | `{"resourceSpans":[…]}` | OTLP: files, the collector |
 * | `{"result":{"resourceSpans":[…]}}`, `{"error":{…}}` | Jaeger, `/api/v3/traces` |
 * | `{"data":[{"spans":[…],"processes":{…}}]}`, or such a trace alone | Jaeger, `/api/traces` |
 * | `{"trace":{"resourceSpans":[…]},"status":"PARTIAL"}` | Tempo, `/api/v2/traces/ID` |
 * | `{"batches":[…]}` | Tempo, `/api/traces/ID` |
 *
 * A server that knows no such trace is no problem: there are no spans. What a server says that it
 * left out is one.
 */
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../json/lossless.js'
import { addAnswerError, quoted } from './answer-error.js'
import type { DecodedSpans } from './decoded-spans.js'
import { decodeJaegerV1Json, isJaegerV1Json } from './jaeger-v1-json.js'
import { enumAt, shown } from './json-fields.js'
import { decodeOtlpJson } from './otlp-json-decoder.js'

/** What a document of traces may be, as messages say what was expected. */
export const TRACE_DOCUMENTS = 'OTLP JSON with resourceSpans, or JSON of Jaeger or Tempo'

const PARTIAL = 1
const COMPLETENESS = { COMPLETE: 0, PARTIAL }

/**
 * Decodes a document of traces, whatever its shape.
 *
 * What was said of numbers at {@link decodeOtlpJson} holds here. A document of none of the shapes is
 * a problem.
 *
 * @param where what problems begin with, for example `traces.json line 12`
 * @example
 * decodeTraceDocument(parseJson('{"trace":{},"status":"PARTIAL","message":"too large"}')).problems
 * // ['the server left out a part of the trace, "too large"']
 */
export function decodeTraceDocument(value: JsonValue, where?: string): DecodedSpans {
  const { spans, problems } = decode(value)
  const prefix = where === undefined ? '' : `${where}: `
  return { spans, problems: problems.map((problem) => prefix + problem) }
}

/**
 * Whether a value has one of the shapes, good or bad inside.
 *
 * @example
 * isTraceDocument({ batches: [] }) // true
 */
export function isTraceDocument(value: JsonValue): boolean {
  return shapeOf(value) !== undefined
}

type Shape = 'otlp' | 'jaeger v3' | 'jaeger v1' | 'tempo v2' | 'tempo v1'

function shapeOf(value: JsonValue): Shape | undefined {
  if (isJsonObject(value)) {
    if (value.resourceSpans !== undefined) return 'otlp'
    if (isJsonObject(value.result) || isJaegerError(value.error)) return 'jaeger v3'
    if (isJsonObject(value.trace)) return 'tempo v2'
    if (isList(value.batches)) return 'tempo v1'
  }
  return isJaegerV1Json(value) ? 'jaeger v1' : undefined
}

function isJaegerError(error: JsonValue | undefined): boolean {
  return isJsonObject(error) && (error.httpCode !== undefined || error.message !== undefined)
}

function decode(value: JsonValue): DecodedSpans {
  const shape = shapeOf(value)
  if (shape === 'jaeger v1') return decodeJaegerV1Json(value)
  if (shape === 'otlp') return decodeOtlpJson(value)
  if (shape === undefined || !isJsonObject(value)) {
    return { spans: [], problems: [`expected ${TRACE_DOCUMENTS}, got ${shown(value)}`] }
  }
  switch (shape) {
    case 'jaeger v3':
      return withProblems(decodeElements(value.result, 'result'), jaegerProblems(value))
    case 'tempo v2':
      return withProblems(decodeElements(value.trace, 'trace'), tempoProblems(value))
    case 'tempo v1':
      return decodeElements(value, '')
  }
}

/** Tempo called `batches` what OTLP calls `resourceSpans`, inside its wrapper too. */
function decodeElements(holder: JsonValue | undefined, path: string): DecodedSpans {
  if (!isJsonObject(holder)) return { spans: [], problems: [] }
  const name = holder.resourceSpans === undefined ? 'batches' : 'resourceSpans'
  const { spans, problems } = decodeOtlpJson({ resourceSpans: holder[name] ?? null })
  const place = path === '' ? name : `${path}.${name}`
  return { spans, problems: problems.map((problem) => problem.replace('resourceSpans', place)) }
}

function jaegerProblems({ error }: JsonObject): string[] {
  const problems: string[] = []
  if (error !== undefined && error !== null) {
    addAnswerError(error, 'error', 'message', problems)
  }
  return problems
}

function tempoProblems({ status, message }: JsonObject): string[] {
  const problems: string[] = []
  if (enumAt(status, '', COMPLETENESS, 'status', problems) === PARTIAL) {
    problems.push(`the server left out a part of the trace${quoted(message)}`)
  }
  return problems
}

function withProblems({ spans, problems }: DecodedSpans, more: readonly string[]): DecodedSpans {
  return { spans, problems: [...problems, ...more] }
}
