/**
 * What mends a finding: which setting on which side, in the words of the programs themselves.
 *
 * The names are those of Tempo's and Jaeger's own source, and of the collector's receiver for OTLP.
 */
import type { ServerKind } from '../location.js'
import type { Check } from './findings.js'

/** Which setting of a receiver is about the size of requests. */
export const COLLECTOR_SIZE =
  'Collector, Jaeger or Tempo: receivers.otlp.protocols.http.max_request_body_size (20971520 bytes unless set) is the largest request that is taken.'
const SMALLER_REQUESTS = 'Here: a smaller --max-request-bytes for every export.'
const TEMPO_RATE =
  'Tempo: overrides.defaults.ingestion.burst_size_bytes (20000000 unless set) is the largest request, and rate_limit_bytes (15000000 a second) how much it takes in the long run.'
const SAMPLING =
  'Collector: no sampling of these traces on the way (tail_sampling, probabilistic_sampler): a run is all of its spans.'
const TRUNCATING =
  'Collector: no processor on the way that shortens or drops attributes (transform with truncate_all or limit, redaction, attributes).'

const TEMPO_TRACE_SIZE =
  'Tempo: overrides.defaults.global.max_bytes_per_trace (5000000 unless set, 0 is no limit; overrides.max_bytes_per_trace in the older format), and the same in the overrides of the tenant.'
const JAEGER_MEMORY =
  'Jaeger in memory: jaeger_storage.backends.<name>.memory.max_traces is how many traces it keeps; older ones go.'

const TEMPO: Partial<Record<Check, readonly string[]>> = {
  'long text': [
    'Tempo: distributor.max_attribute_bytes (max_span_attr_byte before 2.8), or for its tenants overrides.defaults.ingestion.max_attribute_bytes.',
    TRUNCATING,
  ],
  page: [TEMPO_TRACE_SIZE, SAMPLING],
  run: [TEMPO_TRACE_SIZE, SAMPLING],
  burst: [
    'Tempo: overrides.defaults.ingestion.max_traces_per_user (10000 live traces unless set; overrides.max_traces_per_user in the older format).',
    'Tempo: a shorter ingester.trace_idle_period lets go of live traces sooner.',
    'Here: export fewer runs at once (--since, --export, --last), and verify.',
    SAMPLING,
  ],
  search: [
    'Here: a run is found at once by its id (--run-id), whatever the search says.',
    'Tempo: query_frontend.search.query_backend_after (15m), ingester.max_block_duration and ingester.complete_block_timeout decide how soon a search sees a run, query_frontend.search.max_duration how long a window may be.',
  ],
  'old run': ['Tempo: compactor.compaction.block_retention decides how long a trace is kept.'],
  limits: [
    'Tempo: these are overrides.defaults.global.max_bytes_per_trace and distributor.max_attribute_bytes, or those of the tenant.',
  ],
}

const JAEGER: Partial<Record<Check, readonly string[]>> = {
  'long text': [TRUNCATING],
  page: [SAMPLING],
  run: [JAEGER_MEMORY, SAMPLING],
  burst: [JAEGER_MEMORY, SAMPLING],
  search: ['Here: a run is found by its id (--run-id), whatever the search says.'],
  'old run': [
    'Jaeger on Elasticsearch or OpenSearch: jaeger_storage.backends.<name>.elasticsearch.max_span_age (72h unless set) is how far back a trace is looked for by its id.',
  ],
}

/**
 * What mends a check that did not go well.
 *
 * @example
 * fixesFor('page', 'tempo')[0] // 'Tempo: overrides.defaults.global.max_bytes_per_trace …'
 */
export function fixesFor(check: Check, kind: ServerKind): readonly string[] {
  return (kind === 'tempo' ? TEMPO : JAEGER)[check] ?? []
}

/**
 * What mends a request that is refused, as far as its size or the rate is the reason.
 *
 * @param problem why it was refused, in the words of the delivery
 * @param fitting a `--max-request-bytes` that was seen to get through
 * @example
 * fixesForRefusal('answered 413', 500_000)[0] // 'Here: --max-request-bytes 500000 for every export; …'
 */
export function fixesForRefusal(problem: string, fitting?: number): readonly string[] {
  return [
    fitting === undefined
      ? SMALLER_REQUESTS
      : `Here: --max-request-bytes ${fitting} for every export; the same page got through that way.`,
    /RATE_LIMITED|answered 429/.test(problem) ? TEMPO_RATE : COLLECTOR_SIZE,
  ]
}

/** What to look at where nothing came back. */
export const NOTHING_CAME_BACK: readonly string[] = [
  'Check that --in is where --to leads to: the same server, tenant and environment.',
  'Here: a longer --wait, where traces take longer to become readable.',
  SAMPLING,
]
