/** What must be said first of what came back of a run, where that is not the run as rivet wrote it. */
import type { BrokenRun, RedactedRun } from '../mapping/imported-run.js'

const MEANING = { incomplete: 'incomplete', differs: 'other than it was sent' } as const

/**
 * Of a run that did not come back whole.
 *
 * @example
 * bannerOfBroken(run) // 'NOT THE WHOLE JOURNAL: this run came back incomplete. …'
 */
export function bannerOfBroken({ status }: Pick<BrokenRun, 'status'>): string {
  return `NOT THE WHOLE JOURNAL: this run came back ${MEANING[status]}. What follows is what could be read; its numbers are not the run's.`
}

/**
 * Of a run that its sender took something out of.
 *
 * @example
 * bannerOfRedacted({ redaction: 'files,query' }) // 'REDACTED: … had taken something out: files, query.'
 */
export function bannerOfRedacted({ redaction }: Pick<RedactedRun, 'redaction'>): string {
  return `REDACTED: this run came back as it was sent, and its sender had taken something out: ${redaction.replaceAll(',', ', ')}.`
}
