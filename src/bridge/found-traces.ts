/**
 * The traces that a search finds, each once, with the times at which the runs in it ended.
 *
 * A trace of a run's own has one such time. Runs that are joined to a trace may have ended hours
 * apart, with runs of other traces in between.
 */
import type { SearchItem } from '../backends/backend.js'
import { ascending } from '../sources/selection.js'

/** A trace that a search found, and when the runs ended for which it did, in ns since 1970. */
export interface FoundTrace {
  readonly traceId: string
  readonly earliestEnd: bigint
  readonly latestEnd: bigint
}

/** The end that comes with a find may be so much early, in ns: Jaeger's search has microseconds. */
const EARLY_BY = 2000n

/**
 * The traces of a search, and what it may have missed, each sentence once.
 *
 * @example
 * const { traces, unseen } = await tracesFound(backend.search(query))
 */
export async function tracesFound(
  items: AsyncIterable<SearchItem>,
): Promise<{ traces: FoundTrace[]; unseen: Set<string> }> {
  const byId = new Map<string, FoundTrace>()
  const unseen = new Set<string>()
  for await (const item of items) {
    if (item.kind === 'unseen') unseen.add(item.problem)
    else byId.set(item.traceId, withEnd(byId.get(item.traceId), item))
  }
  return { traces: [...byId.values()], unseen }
}

function withEnd(
  known: FoundTrace | undefined,
  { traceId, endUnixNano }: { readonly traceId: string; readonly endUnixNano: bigint },
): FoundTrace {
  const { earliestEnd, latestEnd } = known ?? { earliestEnd: endUnixNano, latestEnd: endUnixNano }
  return {
    traceId,
    earliestEnd: endUnixNano < earliestEnd ? endUnixNano : earliestEnd,
    latestEnd: endUnixNano > latestEnd ? endUnixNano : latestEnd,
  }
}

/**
 * The trace with the earliest run first; of those that begin together, by id.
 *
 * @example
 * traces.sort(byEarliestEnd)
 */
export function byEarliestEnd(a: FoundTrace, b: FoundTrace): number {
  return ascending(a.earliestEnd, b.earliestEnd) || ascending(a.traceId, b.traceId)
}

/**
 * The trace with the latest run first; of those that end together, by id.
 *
 * @example
 * traces.sort(byLatestEnd)
 */
export function byLatestEnd(a: FoundTrace, b: FoundTrace): number {
  return ascending(b.latestEnd, a.latestEnd) || ascending(b.traceId, a.traceId)
}

/**
 * Whether a run ended before every run of a trace; one whose end is not known did.
 *
 * @example
 * endedBefore(run, next)
 */
export function endedBefore(
  { endedUnixNano }: { readonly endedUnixNano: bigint | undefined },
  { earliestEnd }: FoundTrace,
): boolean {
  return endedUnixNano === undefined || endedUnixNano + EARLY_BY < earliestEnd
}

/**
 * Whether a run ended after every run of a trace; one whose end is not known did not.
 *
 * @example
 * endedAfter(run, next)
 */
export function endedAfter(
  { endedUnixNano }: { readonly endedUnixNano: bigint | undefined },
  { latestEnd }: FoundTrace,
): boolean {
  return endedUnixNano !== undefined && endedUnixNano > latestEnd + EARLY_BY
}
