/** What the outcome was, in words: the status, when the run ended, what was checked, and the error. */
import { fieldsOf } from '../journal/events.js'
import type { RunFacts } from '../journal/run-facts.js'
import type { RunJournal } from '../journal/run-journal.js'
import { parseTimestamp } from '../journal/timestamp.js'
import { reconciliationWords, validationWords } from './event-words.js'
import { formatCount, formatDuration, formatTime } from './quantities.js'
import type { Labelled } from './run-view.js'

/** The words of the section *Outcome*, in the order in which they are shown. */
export interface OutcomeWords {
  /** How it ended; a remark where nothing says it. */
  readonly status: Labelled
  readonly ended: readonly Labelled[]
  readonly checks: readonly CheckWords[]
  /** What it ended with, where it says so; may be blank. */
  readonly error: string | undefined
}

/** A check of what was exported. */
export interface CheckWords extends Labelled {
  /** Whether its result is there; else it was planned only. */
  readonly hasResult: boolean
}

/**
 * The words of how a run ended.
 *
 * @param concerns what was not well, by `concernsOf`
 * @param isFragment whether the journal is not the whole of it
 * @example
 * outcomeWords(journal, facts, concernsOf(facts), false).status // { label: 'status', text: 'success' }
 */
export function outcomeWords(
  journal: RunJournal,
  facts: RunFacts,
  concerns: readonly string[],
  isFragment: boolean,
): OutcomeWords {
  return {
    ...ending(journal, facts, concerns, isFragment),
    checks: checks(journal, facts, isFragment),
    error: errorOf(facts),
  }
}

function ending(
  journal: RunJournal,
  { outcome }: RunFacts,
  concerns: readonly string[],
  isFragment: boolean,
): Pick<OutcomeWords, 'status' | 'ended'> {
  const end = journal.finalOutcome()
  if (end === undefined || outcome === undefined) {
    const text = isFragment ? 'no outcome came back' : 'no outcome recorded'
    return { status: { label: '', text, level: 'warning' }, ended: [] }
  }
  const { status, duration_ms } = outcome
  const partly = isFragment ? ', as far as it came back' : ''
  const notWell = status !== 'failed' && concerns.length > 0 ? `, but ${concerns.join(', ')}` : ''
  const words = { label: 'status', text: status + notWell + partly }
  const ended = `${formatTime(parseTimestamp(end.recorded_at).unixNano)}, after ${formatDuration(duration_ms)}`
  const outcomes = journal.entries.filter(
    ({ event }) => fieldsOf(event, 'RunCompleted') !== undefined,
  )
  return {
    status:
      status === 'failed'
        ? { ...words, level: 'bad' }
        : notWell !== '' || isFragment
          ? { ...words, level: 'warning' }
          : words,
    ended: [
      { label: 'ended', text: ended },
      ...(outcomes.length > 1
        ? [{ label: '', text: `the last of ${formatCount(outcomes.length)} outcomes` }]
        : []),
    ],
  }
}

/** What the checks found, and which of those that were planned left no result. */
function checks(journal: RunJournal, facts: RunFacts, isFragment: boolean): CheckWords[] {
  const { validated, outcome } = facts
  const plan = journal.planSnapshot()
  const isDue = outcome?.status === 'success'
  const missing = `planned, but no result ${isFragment ? 'came back' : 'recorded'}`
  const check = (label: string, result: Labelled | undefined, wasPlanned: boolean | undefined) => {
    if (result !== undefined) return [{ ...result, hasResult: true }]
    return isDue && wasPlanned === true ? [{ label, text: missing, hasResult: false }] : []
  }
  const reconciliation = journal.entries
    .flatMap(({ event }) => fieldsOf(event, 'ReconciliationResult') ?? [])
    .at(-1)
  return [
    ...check(
      'validation',
      validated === undefined ? undefined : validationWords(validated),
      plan?.validate,
    ),
    ...check(
      'reconciled',
      reconciliation === undefined ? undefined : reconciliationWords(reconciliation),
      plan?.reconcile,
    ),
  ]
}

function errorOf({ outcome }: RunFacts): string | undefined {
  return outcome?.error_message ?? undefined
}
