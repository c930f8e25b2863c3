/**
 * How a run ended, in a few words: its status, and what was not well although it may be `success`.
 */
import type { RunFacts } from '../../journal/run-facts.js'
import type { Paint, Palette } from './palette.js'
import { counted, formatCount, UNKNOWN } from './quantities.js'
import { printable } from './terminal-text.js'

/**
 * What is not well about a run, in a few words, the worst first; empty for one that went well.
 *
 * @example
 * concernsOf(runFacts(journal)) // ['mismatch', '1 warning']
 */
export function concernsOf(facts: RunFacts): string[] {
  const { chunkFailures, qualityIssues, schemaChanges, warnings } = facts
  const concerns: string[] = []
  if (facts.reconciled === false) concerns.push('mismatch')
  if (facts.validated === false) concerns.push('invalid')
  if (chunkFailures > 0) concerns.push(counted(chunkFailures, 'chunk failure'))
  if (qualityIssues > 0) concerns.push(counted(qualityIssues, 'quality issue'))
  if (schemaChanges > 0) concerns.push(counted(schemaChanges, 'schema change'))
  if (warnings > 0) concerns.push(counted(warnings, 'warning'))
  return concerns
}

/**
 * A status and its worst concern, printable; `failed` says enough.
 *
 * @example
 * statusText('success', ['mismatch', '1 warning']) // 'success, mismatch +1'
 */
export function statusText(status: string | undefined, concerns: readonly string[]): string {
  const words = status === undefined ? UNKNOWN : printable(status)
  const [worst, ...others] = concerns
  if (worst === undefined || status === 'failed') return words
  return `${words}, ${worst}${others.length > 0 ? ` +${formatCount(others.length)}` : ''}`
}

/**
 * The paint of a status: only a `success` without concerns is good.
 *
 * @example
 * statusPaint('success', ['mismatch'], paints) === paints.warning // true
 */
export function statusPaint(
  status: string | undefined,
  concerns: readonly string[],
  paints: Palette,
): Paint {
  if (status === 'failed') return paints.bad
  if (status === 'success' && concerns.length === 0) return paints.good
  return status === 'skipped' && concerns.length === 0 ? paints.quiet : paints.warning
}
