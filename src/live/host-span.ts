/** What is done to the spans of a host: within its limits, and never at the cost of the run. */
import { diag, type Span } from '@opentelemetry/api'
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { MAX_ATTRIBUTES, withinCount } from '../mapping/attribute-limit.js'
import type { ChunkSpanParts } from '../mapping/chunk-span.js'
import { reasonOf } from '../problem.js'
import { toHrTime, toSdkAttributes } from '../trace/sdk-attributes.js'
import type { SpanEvent } from '../trace/trace.js'

/**
 * Does something to a span. What goes wrong in the host's tracer is no error of the run, and is told
 * to the API's `diag`; an import says what is missing.
 *
 * @example
 * sending(() => span.end())
 */
export function sending(work: () => void): void {
  try {
    work()
  } catch (error) {
    const reason = withoutConnectionSecrets(reasonOf(error))
    diag.error(`rivet-otel: the tracer failed, a part of a live run is not sent: ${reason}`)
  }
}

/**
 * Adds an event, in no more attributes than the host takes.
 *
 * @example
 * addEvent(span, entryToEvent(entry, 0, times))
 */
export function addEvent(span: Span, { name, attributes, timeUnixNano }: SpanEvent): void {
  const fitting = toSdkAttributes(withinCount(attributes, MAX_ATTRIBUTES))
  span.addEvent(name, fitting, toHrTime(timeUnixNano))
}

/**
 * Ends a span with what it says at its end, in at most so many attributes.
 *
 * @example
 * endWith(span, attemptToSpan(attempt, entries, times, {}), 40)
 */
export function endWith(
  span: Span,
  { attributes, status, endTimeUnixNano }: ChunkSpanParts,
  most: number,
): void {
  span.setAttributes(toSdkAttributes(withinCount(attributes, most)))
  if (status !== undefined) span.setStatus(status)
  span.end(toHrTime(endTimeUnixNano))
}
