/**
 * The span that says what is known of a run that was killed: since when it was known, how far the run had
 * come, and which run went on with it. All of that may become known otherwise later, so it stands beside
 * the root, and its id follows from what it says.
 */
import { formatTimestamp } from '../journal/timestamp.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import { type Span, type SpanEvent, SpanKind, type SpanLink } from '../trace/trace.js'
import { type AttributesInTheMaking, putText } from './attributes.js'
import { ERROR_TYPE, ERROR_TYPE_OTHER } from './conventions.js'
import { putTotals } from './interrupted-totals.js'
import { putPrefix } from './record-attributes.js'
import { errorStatus } from './run-facts.js'
import { linkToRun, rootOf } from './run-links.js'
import { spanTimes } from './run-period.js'
import { firstInside } from './times.js'

/** The name of every such span. */
export const INTERRUPTION_SPAN_NAME = 'interrupted'

/** What the span depends on beside the run. */
export interface InterruptionParts {
  readonly namespace: string
  /** What stands on every span about the run; added to. */
  readonly attributes: AttributesInTheMaking
  /** When it begins, in nanoseconds since 1970, inside 1970 to 2100. */
  readonly startUnixNano: bigint
  /** How many files the run wrote. */
  readonly fileCount: number
  /** The first of its files. */
  readonly events: readonly SpanEvent[]
}

/**
 * The span, without ids.
 *
 * @example
 * interruptionSpan(run, parts).attributes['rivet.run.resumed_by'] // 'orders_2'
 */
export function interruptionSpan(
  run: UnjournaledRun,
  { namespace, attributes, startUnixNano, fileCount, events }: InterruptionParts,
): Omit<Span, 'traceId' | 'spanId' | 'parentSpanId'> {
  const { resumedBy, endedUnixNano, record } = run
  attributes[ERROR_TYPE] = ERROR_TYPE_OTHER
  putPrefix(attributes, record.status?.prefix)
  putTotals(attributes, run, fileCount)
  const links: SpanLink[] = []
  if (resumedBy !== undefined) {
    putText(attributes, 'rivet.run.resumed_by', resumedBy)
    links.push(linkToRun(resumedBy, rootOf({ namespace, runId: resumedBy })))
  }
  return {
    name: INTERRUPTION_SPAN_NAME,
    kind: SpanKind.INTERNAL,
    ...spanTimes(startUnixNano, firstInside(endedUnixNano) ?? startUnixNano),
    attributes,
    events,
    links,
    status: errorStatus(whatIsKnown(run)),
  }
}

function whatIsKnown(run: UnjournaledRun): string {
  const { endedUnixNano, resumedBy } = run
  const began = whatIsCertain(run)
  if (endedUnixNano === undefined) return began
  const noticed =
    resumedBy === undefined
      ? 'by a later run of its export'
      : `by run ${resumedBy}, which went on with it`
  return `${began}; that was noticed at ${formatTimestamp(endedUnixNano)} ${noticed}`
}

/**
 * What of a run that was killed cannot become known otherwise, one sentence.
 *
 * @example
 * whatIsCertain(run) // 'interrupted: the run started at 2026-11-21T08:53:39.134436857Z and left no journal'
 */
export function whatIsCertain({ startedUnixNano }: UnjournaledRun): string {
  return `interrupted: the run started at ${formatTimestamp(startedUnixNano)} and left no journal`
}
