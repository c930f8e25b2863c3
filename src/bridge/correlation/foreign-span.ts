/** A span that was read, as one of another service; or that it is none. */
import { JOURNAL_SCOPE } from '../../mapping/journal-to-trace.js'
import { DOCTOR_SERVICE } from '../../mapping/resource.js'
import { serverFacts } from '../../mapping/server-attributes.js'
import { WORD_OF_KIND } from '../../trace/span-kind-words.js'
import { type AttributeValue, type ReceivedSpan, StatusCode } from '../../trace/trace.js'
import type { RunName } from '../run-name.js'
import type { ForeignSpan } from './ranking.js'

/**
 * The span as a foreign one; `undefined` for one of the run's own, for the details of another run, and
 * for the made-up runs of a diagnosis. Another run as a whole is foreign: it may have been in the way.
 *
 * @example
 * foreignSpan(received, { runId: 'orders_1' })?.service // 'api'
 */
export function foreignSpan(
  received: ReceivedSpan,
  run: Pick<RunName, 'runId'>,
): ForeignSpan | undefined {
  const { span, resource } = received
  const service = textOf(resource['service.name'])
  if (service === DOCTOR_SERVICE || isPartOfARun(received, run)) return undefined
  const kind = WORD_OF_KIND.get(span.kind)
  const message = span.status?.message
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    service,
    operation: span.name,
    startUnixNano: span.startTimeUnixNano,
    endUnixNano: span.endTimeUnixNano,
    ...(kind !== undefined && { kind }),
    isError: span.status?.code === StatusCode.ERROR,
    ...(message !== undefined && message !== '' && { statusMessage: message }),
    server: serverFacts(span.attributes),
  }
}

function isPartOfARun({ span, scope }: ReceivedSpan, run: Pick<RunName, 'runId'>): boolean {
  const { attributes, name } = span
  const runId = attributes['rivet.run.id']
  // Without a run it is the span of a command, or a load.
  if (runId === undefined) return scope.name === JOURNAL_SCOPE.name
  const isWhole = textOf(attributes['rivet.trace.page']) === '0' || name === 'source'
  return runId === run.runId || !isWhole
}

function textOf(value: AttributeValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
