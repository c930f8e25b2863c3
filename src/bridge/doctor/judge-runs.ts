/** What became of the synthetic runs: the one proof that counts. Pure judgement. */

import { journalDigest } from '../../journal/digest.js'
import type { ImportedRun } from '../../mapping/imported-run.js'
import type { ServerKind } from '../location.js'
import { type Finding, finding } from './findings.js'
import { fixesFor } from './fixes.js'
import { OLD_RUN_DAYS, type SyntheticRun } from './synthetic-run.js'

const NAMED_REASONS = 3

/**
 * Whether a run that was read back is the one that was sent, to the letter.
 *
 * @example
 * isExact(imported, sent) // true
 */
export function isExact(run: ImportedRun | undefined, { journal }: SyntheticRun): boolean {
  return run?.status === 'exact' && run.digest === journalDigest(journal)
}

/**
 * Whether the synthetic run came back.
 *
 * @example
 * judgeRun(imported, sent).mark // 'ok'
 */
export function judgeRun(run: ImportedRun, sent: SyntheticRun): Finding {
  const { pages, journal } = sent
  const what = `synthetic run of ${journal.entries.length} entries on ${pages.length} pages`
  if (isExact(run, sent)) return finding('run', 'ok', `Exact: a ${what} came back to the letter.`)
  return finding('run', 'bad', `A ${what} came back ${changeOf(run)}`, [
    'What is marked bad above says why.',
  ])
}

/**
 * Whether a run that ended long ago is found by its id.
 *
 * @example
 * judgeOldRun(imported, sent, 'jaeger').mark // 'ok'
 */
export function judgeOldRun(run: ImportedRun, sent: SyntheticRun, kind: ServerKind): Finding {
  const what = `A run that ended ${OLD_RUN_DAYS} days ago`
  return isExact(run, sent)
    ? finding('old run', 'ok', `${what} is found by its id at once.`)
    : finding('old run', 'bad', `${what} comes back ${changeOf(run)}`, fixesFor('old run', kind))
}

function changeOf(run: ImportedRun): string {
  if (run.status === 'exact') return 'as another journal.'
  const { status, reasons } = run
  const more = reasons.length - NAMED_REASONS
  const named = reasons.slice(0, NAMED_REASONS).join('; ')
  const word = status === 'differs' ? 'changed' : status
  return `${word}: ${named}${more > 0 ? `; and ${more} more` : ''}.`
}

/** What searches gave. */
export interface Searched {
  readonly recent: boolean
  readonly old: boolean
  /** What the searches say that they may have missed, one sentence each. */
  readonly unseen: readonly string[]
}

/**
 * Whether searches find the synthetic runs.
 *
 * @example
 * judgeSearch({ recent: true, old: true, unseen: [] }, 'jaeger').mark // 'ok'
 */
export function judgeSearch({ recent, old, unseen }: Searched, kind: ServerKind): Finding {
  const words =
    `A search finds a run that ended just now: ${yes(recent)}; ` +
    `one that ended ${OLD_RUN_DAYS} days ago and was sent just now: ${yes(old)}.`
  if (recent && old) return finding('search', 'ok', words)
  const [said] = unseen
  return finding(
    'search',
    'limited',
    said === undefined ? words : `${words} ${said.replace(/\.?$/, '.')}`,
    fixesFor('search', kind),
  )
}

function yes(found: boolean): string {
  return found ? 'yes' : 'not yet'
}
