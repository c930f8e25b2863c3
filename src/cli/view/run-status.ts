/**
 * How a run ended, in a few words: its status, and what was not well although it may be `success`.
 */
import type { RunFacts } from '../../journal/run-facts.js'
import { unjournaledFacts } from '../../state/unjournaled-facts.js'
import type { UnjournaledRun } from '../../state/unjournaled-run.js'
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
 * What is not well about a run without a journal, in a few words, the worst first.
 *
 * @example
 * concernsWithoutJournal(run) // ['no journal']
 */
export function concernsWithoutJournal(run: UnjournaledRun): string[] {
  const failed = unjournaledFacts(run).chunksByStatus.get('failed')?.length ?? 0
  return [
    ...(run.state === 'unrecorded' ? ['no journal'] : []),
    ...(failed > 0 ? [counted(failed, 'chunk failure')] : []),
  ]
}

/**
 * A status and its worst concern, printable; `failed` and `interrupted` say enough.
 *
 * @example
 * statusText('success', ['mismatch', '1 warning']) // 'success, mismatch +1'
 */
export function statusText(status: string | undefined, concerns: readonly string[]): string {
  const words = status === undefined ? UNKNOWN : printable(status)
  const [worst, ...others] = concerns
  if (worst === undefined || isBad(status)) return words
  return `${words}, ${worst}${others.length > 0 ? ` +${formatCount(others.length)}` : ''}`
}

/**
 * The paint of a status: only a `success` without concerns is good; what goes on is quiet.
 *
 * @example
 * statusPaint('success', ['mismatch'], paints) === paints.warning // true
 */
export function statusPaint(
  status: string | undefined,
  concerns: readonly string[],
  paints: Palette,
): Paint {
  if (isBad(status)) return paints.bad
  if (concerns.length > 0) return paints.warning
  if (status === 'success') return paints.good
  return status === 'skipped' || status === 'running' ? paints.quiet : paints.warning
}

function isBad(status: string | undefined): boolean {
  return status === 'failed' || status === 'interrupted'
}
