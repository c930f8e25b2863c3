/**
 * A Jaeger server: traces by id and by search, over its query API.
 *
 * A trace is read from `/api/v3`, which keeps nanoseconds, or from the older `/api` where a server
 * has no such thing. Searches go to `/api`, because the newer one has no search by attribute.
 */
import type { TraceBackend } from './backend.js'
import { openBackendClient } from './backend-client.js'
import type { BackendSettings } from './backend-settings.js'
import { searchJaeger } from './jaeger-search.js'
import { searchJaegerSpans } from './jaeger-span-search.js'
import { JaegerTraces } from './jaeger-traces.js'
import type { SpanSearcher } from './span-search.js'

/** What a backend tells on the way. */
export interface JaegerOptions {
  /** Called before a failed request is tried again, with a sentence without secrets. */
  readonly onRetry?: (message: string) => void
}

/**
 * Opens a Jaeger server. No connection is made before the first question.
 *
 * Its search finds a run by when its root span starts; see {@link searchJaeger} for what that misses.
 *
 * @example
 * const jaeger = openJaeger(backendSettings({ url: 'jaeger+http://localhost:16686', env, version }))
 * const { spans } = await jaeger.trace('c3bde0ddc359ac2423e3095a715b3412')
 * jaeger.close()
 */
export function openJaeger(
  settings: BackendSettings,
  options: JaegerOptions = {},
): TraceBackend & SpanSearcher {
  const client = openBackendClient(settings, options)
  const traces = new JaegerTraces(client)
  const found = new Set<string>()
  return {
    location: client.location,
    async trace(traceId) {
      const content = await traces.read(traceId)
      if (content.spans.length > 0 || !found.has(traceId)) return content
      return { spans: [], problems: [...content.problems, ONLY_BY_SEARCH] }
    },
    async *search(query) {
      for await (const item of searchJaeger(client, settings, query)) {
        if (item.kind === 'found') found.add(item.traceId)
        yield item
      }
    },
    spansIn: (search) => searchJaegerSpans(client, settings, search),
    close: () => client.close(),
  }
}

/** https://github.com/jaegertracing/jaeger/issues/2440 */
const ONLY_BY_SEARCH =
  'the server finds it by search and does not give it by its id; with Elasticsearch or OpenSearch ' +
  "it does so for traces older than its setting max_span_age, 72 hours unless it's set"
