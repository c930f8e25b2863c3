/** What became of whole traces: a large one, and many at once. Pure judgement. */
import type { ReceivedSpan } from '../../trace/trace.js'
import type { ServerKind } from '../location.js'
import { type Finding, finding } from './findings.js'
import { fixesFor } from './fixes.js'
import { PAGE_SIZE, type Probe } from './probes.js'

/**
 * Whether a trace as large as a page of a run comes back.
 *
 * @example
 * judgePage(spans, probe, 'tempo').mark // 'ok'
 */
export function judgePage(
  spans: readonly ReceivedSpan[],
  { trace }: Probe,
  kind: ServerKind,
): Finding {
  const sent = trace.spans.length
  const left = new Set(spans.map(({ span }) => span.spanId)).size
  if (left === sent) {
    return finding(
      'page',
      'ok',
      `A trace of ${PAGE_SIZE}, as large as a page of a run, comes back whole.`,
    )
  }
  return finding(
    'page',
    'bad',
    `Of a trace of ${PAGE_SIZE}, as large as a page of a run, ${left} of ${sent} spans come back. ` +
      'It was accepted without a word, and larger runs would be lost in part.',
    fixesFor('page', kind),
  )
}

/**
 * Whether traces that are sent in one go all come back.
 *
 * @param missing how many did not
 * @example
 * judgeBurst(500, 0, 'tempo').sentence // 'All of 500 traces that were sent at once come back.'
 */
export function judgeBurst(sent: number, missing: number, kind: ServerKind): Finding {
  if (missing === 0) {
    return finding('burst', 'ok', `All of ${sent} traces that were sent at once come back.`)
  }
  return finding(
    'burst',
    'bad',
    `Of ${sent} traces that were sent at once ${sent - missing} come back. ` +
      'They were accepted, and an export of many runs would lose some.',
    fixesFor('burst', kind),
  )
}
