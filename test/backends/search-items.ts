/** What searches give, for tests. */
import type { SearchItem, TraceBackend, TraceSearch } from '../../src/backends/backend.js'
import { LONG_RUNS } from '../../src/backends/jaeger-search.js'

/** Everything that a search gives. */
export async function collect(backend: TraceBackend, query: TraceSearch): Promise<SearchItem[]> {
  const items: SearchItem[] = []
  for await (const item of backend.search(query)) items.push(item)
  return items
}

/** Everything but the sentence about long runs, which every search of a Jaeger says. */
export async function collectFromJaeger(
  backend: TraceBackend,
  query: TraceSearch,
): Promise<SearchItem[]> {
  const items = await collect(backend, query)
  return items.filter((item) => item.kind !== 'unseen' || item.problem !== LONG_RUNS)
}

/** The traces that were found. */
export function idsOf(items: readonly SearchItem[]): Set<string> {
  return new Set(items.flatMap((item) => (item.kind === 'found' ? [item.traceId] : [])))
}
