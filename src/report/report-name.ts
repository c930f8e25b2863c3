/** What the file of a report is called, wherever it is made. */
import { createHash } from 'node:crypto'

const LONGEST_NAME = 120
const HASH_DIGITS = 8

/**
 * The name of a run's report, which any file system and any header takes. Two run_ids that would look the
 * same get different ones.
 *
 * @example
 * reportName('orders_1') // 'rivet-report-orders_1.html'
 */
export function reportName(runId: string): string {
  const safe = runId.replace(/[^\w.-]+/g, '_').slice(0, LONGEST_NAME)
  return `rivet-report-${safe === runId ? safe : `${safe}-${hashOf(runId)}`}.html`
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS)
}
