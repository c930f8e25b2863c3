/** A correlation as JSON: everything exact, always with the same members. */
import { searchedSeconds } from '../../bridge/correlation/further-searches.js'
import type { ForeignSpan, RankedSpan } from '../../bridge/correlation/ranking.js'
import type { SpanGroup } from '../../bridge/correlation/span-groups.js'
import { formatTimestamp } from '../../journal/timestamp.js'
import { exactInteger, type JsonObject, stringifyJson } from '../../json/lossless.js'
import { withoutSaidSecrets } from '../said-text.js'
import { printableJson } from './printable.js'
import { type CorrelationToShow, shownCorrelation } from './shown-correlation.js'

/**
 * One JSON object on one line. Times are texts with nanoseconds, durations integers of nanoseconds.
 *
 * @example
 * JSON.parse(correlationJson(found)).groups[0].trace_id
 */
export function correlationJson(found: CorrelationToShow): string {
  const { run, correlation, location } = found
  const shown = shownCorrelation(found)
  const { source, nearest } = shown
  const { chunk, startUnixNano, endUnixNano } = run.lookedAt
  const { fromUnixSeconds, toUnixSeconds } = searchedSeconds(run.lookedAt)
  const value: JsonObject = {
    run_id: withoutSaidSecrets(run.runId),
    export_name: withoutSaidSecrets(run.exportName),
    in: location,
    window: {
      started_at: formatTimestamp(startUnixNano),
      ended_at: formatTimestamp(endUnixNano),
      duration_ns: exactInteger(endUnixNano - startUnixNano),
      chunk: chunk === undefined ? null : { index: chunk.index, failed: chunk.isFailed },
    },
    source:
      source === undefined
        ? null
        : {
            system: source.engine,
            address: source.host ?? null,
            port: source.port ?? null,
            database: source.database ?? null,
          },
    surrounding_traces: correlation.surrounding,
    total: { groups: correlation.groups.length, spans: correlation.spans.length },
    groups: shown.groups.map(groupJson),
    spans: shown.spans.map(rankedJson),
    nearest:
      nearest === undefined
        ? null
        : {
            ...spanJson(nearest),
            reasons: nearest.reasons,
            gap_ns: exactInteger(nearest.gapNanos),
            before: nearest.isBefore,
          },
    searches: {
      from_unix_seconds: fromUnixSeconds,
      to_unix_seconds: toUnixSeconds,
      traceql: shown.traceQl ?? null,
      jaeger: shown.jaegerPages.map(({ service, url }) => ({ service, url })),
      grafana: shown.grafanaPage ?? null,
    },
    looked_at: { spans: correlation.looked.spans, questions: correlation.looked.questions },
    problems: correlation.problems.map(withoutSaidSecrets),
    unseen: correlation.unseen.map(withoutSaidSecrets),
  }
  return `${printableJson(stringifyJson(value))}\n`
}

function groupJson(group: SpanGroup): JsonObject {
  return {
    service: group.service,
    operation: group.operation,
    spans: group.spans,
    errors: group.errors,
    overlap_ns: exactInteger(group.overlapNanos),
    longest_ns: exactInteger(group.longestNanos),
    reasons: group.reasons,
    trace_id: group.example.traceId,
    span_id: group.example.spanId,
  }
}

function rankedJson(span: RankedSpan): JsonObject {
  return {
    ...spanJson(span),
    overlap_ns: exactInteger(span.overlapNanos),
    reasons: span.reasons,
  }
}

function spanJson(span: ForeignSpan): JsonObject {
  const { server } = span
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    service: span.service,
    operation: span.operation,
    kind: span.kind ?? null,
    started_at: formatTimestamp(span.startUnixNano),
    ended_at: formatTimestamp(span.endUnixNano),
    duration_ns: exactInteger(span.endUnixNano - span.startUnixNano),
    error: span.isError,
    status_message: span.statusMessage ?? null,
    server: {
      system: server.system ?? null,
      addresses: server.addresses,
      port: server.port ?? null,
      database: server.database ?? null,
    },
  }
}
