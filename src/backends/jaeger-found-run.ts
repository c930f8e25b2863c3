/** A trace of Jaeger's search as finds: which first pages of runs it holds that are wanted. */
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../json/lossless.js'
import { takeText } from '../mapping/attributes.js'
import { RivetOtelError } from '../problem.js'
import type { Attributes, Span } from '../trace/trace.js'
import { decodeTraceDocument } from '../trace/trace-document.js'
import type { SearchItem, TraceSearch } from './backend.js'
import type { TimeWindow } from './jaeger-windows.js'

const PAGE = 'rivet.trace.page'

/**
 * A find for each of the trace's roots of a first page that is of a wanted export and status: several
 * revisions of a run, or several runs that are joined to the trace. A root that cannot be read comes
 * as `unseen`.
 *
 * @example
 * for (const item of findRuns(trace, { exports: ['orders'], sinceUnixNano, untilUnixNano })) …
 */
export function* findRuns(
  trace: JsonValue,
  { exports, statuses }: TraceSearch,
): Generator<SearchItem> {
  const { spans, problems } = decodeTraceDocument({ data: [withPageRootsOnly(trace)] })
  for (const problem of problems) {
    yield { kind: 'unseen', problem: `a trace that the search found cannot be read: ${problem}` }
  }
  const roots = spans.map(({ span }) => span).filter(isFirstRoot)
  const isWanted = ({ attributes }: Span) =>
    mayBeOneOf(exports, attributes, 'rivet.export.name') &&
    mayBeOneOf(statuses, attributes, 'rivet.run.status')
  for (const { traceId, endTimeUnixNano } of roots.filter(isWanted)) {
    yield { kind: 'found', traceId, endUnixNano: endTimeUnixNano }
  }
}

/**
 * When the roots of a trace start, in microseconds since 1970, without reading the trace any further.
 *
 * @example
 * startMicrosOf(trace) // [1795251219134436n]
 */
export function startMicrosOf(trace: JsonValue): bigint[] {
  const { spans } = isJsonObject(trace) ? trace : {}
  const roots = isList(spans) ? spans.filter(isJsonObject).filter(hasPage) : []
  return roots.flatMap((root) => microsOf(root) ?? [])
}

/**
 * Whether any span of a trace starts in a time, in microseconds since 1970, both ends included.
 *
 * @example
 * startsWithin(trace, { from: 1795251219134436n, to: 1795251219134437n })
 */
export function startsWithin(trace: JsonValue, { from, to }: TimeWindow): boolean {
  const { spans } = isJsonObject(trace) ? trace : {}
  return (
    isList(spans) &&
    spans.filter(isJsonObject).some((span) => {
      const start = microsOf(span)
      return start !== undefined && start >= from && start <= to
    })
  )
}

/** A trace has thousands of spans, and only these are looked at. */
function withPageRootsOnly(trace: JsonValue): JsonValue {
  if (!isJsonObject(trace) || !isList(trace.spans)) return trace
  return { ...trace, spans: trace.spans.filter((span) => isJsonObject(span) && hasPage(span)) }
}

function microsOf({ startTime }: JsonObject): bigint | undefined {
  if (typeof startTime === 'bigint') return startTime
  return typeof startTime === 'number' && Number.isSafeInteger(startTime)
    ? BigInt(startTime)
    : undefined
}

function hasPage({ tags }: JsonObject): boolean {
  return isList(tags) && tags.some((tag) => isJsonObject(tag) && tag.key === PAGE)
}

function isFirstRoot({ attributes }: Span): boolean {
  const page = attributes[PAGE]
  return attributes['rivet.run.id'] !== undefined && (page === 0 || page === '0')
}

/** What cannot be read may be what is wanted. */
function mayBeOneOf(
  wanted: readonly string[] | undefined,
  attributes: Attributes,
  name: string,
): boolean {
  if (wanted === undefined || wanted.length === 0) return true
  try {
    const text = takeText(attributes, name)
    return text !== undefined && wanted.includes(text)
  } catch (error) {
    if (error instanceof RivetOtelError) return true
    throw error
  }
}
