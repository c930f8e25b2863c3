/** Spans by what they did: one line for each service and operation. */
import {
  ascending,
  byRank,
  byReasons,
  descending,
  type RankedSpan,
  type Reason,
} from './ranking.js'

/** Spans of one service and one operation. */
export interface SpanGroup {
  readonly service: string
  readonly operation: string
  readonly spans: number
  readonly errors: number
  /** What they took of the window, added up, in ns: more than the window where they ran side by side. */
  readonly overlapNanos: bigint
  /** The longest of them as a whole, in ns. */
  readonly longestNanos: bigint
  /** Those of the example. */
  readonly reasons: readonly Reason[]
  /** The one that comes first. */
  readonly example: RankedSpan
}

/**
 * Groups spans: those with most in common with the run first, then those that took most of the window.
 *
 * @example
 * groupsOf(spans)[0] // { service: 'api', operation: 'SELECT', spans: 12, … }
 */
export function groupsOf(spans: readonly RankedSpan[]): SpanGroup[] {
  const byName = new Map<string, RankedSpan[]>()
  for (const span of spans) {
    const name = JSON.stringify([span.service, span.operation])
    const known = byName.get(name)
    if (known === undefined) byName.set(name, [span])
    else known.push(span)
  }
  return [...byName.values()].flatMap(groupOf).sort(inOrder)
}

function groupOf(spans: readonly RankedSpan[]): SpanGroup[] {
  const [example] = spans.toSorted(byRank)
  if (example === undefined) return []
  let [overlapNanos, longestNanos, errors] = [0n, 0n, 0]
  for (const span of spans) {
    const length = span.endUnixNano - span.startUnixNano
    overlapNanos += span.overlapNanos
    if (length > longestNanos) longestNanos = length
    if (span.isError) errors++
  }
  const { service, operation, reasons } = example
  return [
    {
      service,
      operation,
      spans: spans.length,
      errors,
      overlapNanos,
      longestNanos,
      reasons,
      example,
    },
  ]
}

function inOrder(a: SpanGroup, b: SpanGroup): number {
  return (
    byReasons(a.reasons, b.reasons) ||
    descending(a.overlapNanos, b.overlapNanos) ||
    descending(a.longestNanos, b.longestNanos) ||
    ascending(a.service, b.service) ||
    ascending(a.operation, b.operation)
  )
}
