/** What was not well about a run although it may be `success`, in a few words. */
import type { RunFacts } from '../journal/run-facts.js'
import { unjournaledFacts } from '../state/unjournaled-facts.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'
import { counted } from './quantities.js'

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
