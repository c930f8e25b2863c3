/** Links to the root spans of runs: which run each leads to, and how many a span takes. */
import type { SpanContext, SpanLink } from '../trace/trace.js'
import { type AttributesInTheMaking, putText } from './attributes.js'
import { interruptedIdsOf, spanIdsOf, type TraceKey, traceIdOf } from './ids.js'
import { sizeOfLink } from './size.js'

/** No span has more links than this: a load may have taken the files of any number of runs. */
export const MAX_LINKS = 1000

/** No span has links of more than this many bytes by the size formula. */
const MAX_LINK_BYTES = 1_000_000

/**
 * Where the root of a run is that left a journal: its first page in its own trace, as it was sent first.
 *
 * @example
 * rootOf({ namespace: '', runId: 'orders_20261121T085339.134_11188' }).spanId // 'b36d1caeb2e67c87'
 */
export function rootOf(key: TraceKey): SpanContext {
  const page = { ...key, page: 0, revision: 0 }
  return { traceId: traceIdOf(page), spanId: spanIdsOf(page).root }
}

/**
 * Where the root of a run is that was killed.
 *
 * @example
 * interruptedRootOf({ namespace: '', runId: 'orders_1' }).traceId === interruptedIdsOf({ … }).traceId
 */
export function interruptedRootOf(key: TraceKey): SpanContext {
  const { traceId, root } = interruptedIdsOf(key)
  return { traceId, spanId: root }
}

/**
 * A link to a run's root, which says which run it is.
 *
 * @example
 * linkToRun('orders_1', rootOf({ namespace: '', runId: 'orders_1' })).attributes // { 'rivet.run.id': 'orders_1' }
 */
export function linkToRun(runId: string, { traceId, spanId }: SpanContext): SpanLink {
  const attributes: AttributesInTheMaking = {}
  putText(attributes, 'rivet.run.id', runId)
  return { traceId, spanId, attributes }
}

/**
 * The first links of some, as many as one span takes: 1,000, and 1,000,000 bytes of them.
 *
 * @example
 * fittingLinks(runs, ({ runId }) => linkToRun(runId, rootOf({ namespace, runId }))).length // 1000
 */
export function fittingLinks<T>(items: readonly T[], toLink: (item: T) => SpanLink): SpanLink[] {
  const links: SpanLink[] = []
  let bytes = 0
  for (const item of items.slice(0, MAX_LINKS)) {
    const link = toLink(item)
    bytes += sizeOfLink(link)
    if (bytes > MAX_LINK_BYTES) break
    links.push(link)
  }
  return links
}
