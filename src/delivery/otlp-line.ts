/**
 * One line of an OTLP file: whether it is one, and which spans it holds.
 */
import {
  isJsonObject,
  isList,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { decodeOtlpJson } from '../trace/otlp-json.js'
import type { ReceivedSpan } from '../trace/trace.js'

/** What a line holds. `other` is OTLP without traces: a collector may write logs into the same file. */
export type OtlpLine =
  | { readonly kind: 'traces'; readonly spans: readonly ReceivedSpan[] }
  | { readonly kind: 'other' | 'json' | 'broken' }

/** What kind of line it is; `json` is JSON that is no OTLP, `broken` is no JSON. */
export type OtlpLineKind = OtlpLine['kind']

/** What a line holds, as it stands there. */
export type OtlpDocument =
  | { readonly kind: 'traces'; readonly value: JsonObject }
  | { readonly kind: 'other' | 'json' | 'broken'; readonly value?: never }

/** What the text of every line with traces begins with, when this project or a collector wrote it. */
const BEGINNING = '{"resourceSpans":['

/**
 * Reads a line.
 *
 * @example
 * readOtlpLine('{"resourceSpans":[]}').kind // 'traces'
 */
export function readOtlpLine(text: string): OtlpLine {
  const { kind, value } = readOtlpDocument(text)
  return kind === 'traces' ? { kind, spans: decodeOtlpJson(value).spans } : { kind }
}

/**
 * Reads a line without looking at its spans.
 *
 * @example
 * readOtlpDocument('{"resourceSpans":[]}') // { kind: 'traces', value: { resourceSpans: [] } }
 */
export function readOtlpDocument(text: string): OtlpDocument {
  const value = jsonOf(text)
  if (value === undefined) return { kind: 'broken' }
  if (!isJsonObject(value)) return { kind: 'json' }
  if (isList(value.resourceSpans)) return { kind: 'traces', value }
  const { resourceLogs, resourceMetrics, resourceProfiles } = value
  return { kind: isList(resourceLogs ?? resourceMetrics ?? resourceProfiles) ? 'other' : 'json' }
}

/**
 * Whether a text that is not whole may be the beginning of a line with traces.
 *
 * @example
 * isBeginningOfTraces('{"resourceSp') // true
 */
export function isBeginningOfTraces(text: string): boolean {
  return text.startsWith(BEGINNING) || BEGINNING.startsWith(text)
}

/**
 * What a file is whose first line is no line with traces.
 *
 * @example
 * describeOther('{"run_id":"orders_1","export_name":"orders","entries":[]}') // 'journals of rivet'
 */
export function describeOther(firstLine: string): string {
  if (firstLine.startsWith('SQLite format 3\0')) return 'a SQLite database'
  const value = jsonOf(firstLine)
  if (isJsonObject(value) && isList(value.entries)) return 'journals of rivet'
  if (value !== undefined) return 'JSON without resourceSpans in its first line'
  return /^\s*[[{]/.test(firstLine) ? 'JSON that goes over several lines' : 'something else'
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof RivetOtelError) return undefined
    throw error
  }
}
