/**
 * The span that stands where a run's trace would be, when the run is joined to another trace: it says
 * which. {@link pagesBeside} writes it, and this reads it back.
 */
import { isZeroId } from '../trace/span-id.js'
import type { ReceivedSpan } from '../trace/trace.js'
import { traceIdOf } from './ids.js'
import { readableText } from './readable-attribute.js'

/** The name of every such span. */
export const SIGNPOST_SPAN_NAME = 'signpost'

/** The trace that a run is joined to: 32 lower-case hexadecimal digits. */
export const TRACE_JOINED = 'rivet.trace.joined'

/** Where a run's spans are. */
export interface Signpost {
  readonly namespace: string
  readonly runId: string
  /** `''` where it cannot be read. */
  readonly exportName: string
  /** The trace with the run's first page: 32 lower-case hexadecimal digits. */
  readonly traceId: string
}

const TRACE_ID = /^[0-9a-f]{32}$/

/**
 * Reads where a run's spans are; `undefined` for every other span, and for one that does not stand in
 * the run's own trace or leads to no valid trace id.
 *
 * @example
 * readSignpost(received)?.traceId // '4bf92f3577b34da6a3ce929d0e0e4736'
 */
export function readSignpost({ span }: ReceivedSpan): Signpost | undefined {
  const { name, attributes } = span
  if (name !== SIGNPOST_SPAN_NAME) return undefined
  const traceId = readableText(attributes, TRACE_JOINED)
  const runId = readableText(attributes, 'rivet.run.id')
  const namespace = readableText(attributes, 'rivet.run.namespace') ?? ''
  if (traceId === undefined || runId === undefined) return undefined
  if (!TRACE_ID.test(traceId) || isZeroId(traceId)) return undefined
  const own = traceIdOf({ namespace, runId, page: 0 })
  if (span.traceId !== own || traceId === own) return undefined
  const exportName = readableText(attributes, 'rivet.export.name') ?? ''
  return { namespace, runId, exportName, traceId }
}
