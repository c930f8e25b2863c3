/** What the outcome was: the status, when the run ended, what was checked, and the error in full. */
import { fieldsOf } from '../../journal/events.js'
import type { RunFacts } from '../../journal/run-facts.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { parseTimestamp } from '../../journal/timestamp.js'
import { counted, formatCount, formatDuration, formatTime } from '../../view/quantities.js'
import { aside, labelled } from './labelled.js'
import { statusPaint } from './run-status.js'
import type { SectionLook } from './section-look.js'
import { printable } from './terminal-text.js'

const MOST_ERROR_LINES = 60

/**
 * The lines of the section *Outcome*.
 *
 * @example
 * showOutcome(journal, runFacts(journal), [], look).join('\n')
 */
export function showOutcome(
  journal: RunJournal,
  facts: RunFacts,
  concerns: readonly string[],
  look: SectionLook,
): string[] {
  return [
    ...ending(journal, facts, concerns, look),
    ...checks(journal, facts, look),
    ...error(facts, look),
  ]
}

function ending(
  journal: RunJournal,
  { outcome }: RunFacts,
  concerns: readonly string[],
  { width, paints, isFragment }: SectionLook,
): string[] {
  const end = journal.finalOutcome()
  if (end === undefined || outcome === undefined) {
    const text = isFragment ? 'no outcome came back' : 'no outcome recorded'
    return aside(text, { width, paint: paints.warning })
  }
  const { status, duration_ms } = outcome
  const ended = `${formatTime(parseTimestamp(end.recorded_at).unixNano)}, after ${formatDuration(duration_ms)}`
  const partly = isFragment ? ', as far as it came back' : ''
  const notWell = status !== 'failed' && concerns.length > 0 ? `, but ${concerns.join(', ')}` : ''
  const outcomes = journal.entries.filter(
    ({ event }) => fieldsOf(event, 'RunCompleted') !== undefined,
  )
  return [
    ...labelled('status', status + notWell + partly, {
      width,
      paint: isFragment ? paints.warning : statusPaint(status, concerns, paints),
      paintLabel: paints.quiet,
    }),
    ...labelled('ended', ended, { width, paintLabel: paints.quiet }),
    ...(outcomes.length > 1
      ? aside(`the last of ${formatCount(outcomes.length)} outcomes`, {
          width,
          paint: paints.quiet,
        })
      : []),
  ]
}

/** What the checks found, and which of those that were planned left no result. */
function checks(journal: RunJournal, facts: RunFacts, look: SectionLook): string[] {
  const { width, paints, isFragment } = look
  const plan = journal.planSnapshot()
  const missing = `planned, but no result ${isFragment ? 'came back' : 'recorded'}`
  const isDue = facts.outcome?.status === 'success'
  const line = (label: string, result: string | undefined, wasPlanned: boolean | undefined) => {
    if (result !== undefined) return labelled(label, result, { width, paintLabel: paints.quiet })
    return isDue && wasPlanned === true
      ? labelled(label, missing, { width, paintLabel: paints.quiet, paint: paints.quiet })
      : []
  }
  return [
    ...line('validation', validation(facts), plan?.validate),
    ...line('reconciled', reconciliation(journal), plan?.reconcile),
  ]
}

function validation({ validated }: RunFacts): string | undefined {
  if (validated === undefined) return undefined
  return validated ? 'passed' : 'failed'
}

/** What the last reconciliation says. */
function reconciliation(journal: RunJournal): string | undefined {
  const last = journal.entries
    .flatMap(({ event }) => fieldsOf(event, 'ReconciliationResult') ?? [])
    .at(-1)
  if (last === undefined) return undefined
  return last.matched
    ? `yes, ${counted(last.exported_rows, 'row')}`
    : `no, ${formatCount(last.exported_rows)} of ${counted(last.source_count, 'row')}`
}

function error({ outcome }: RunFacts, { width, paints }: SectionLook): string[] {
  const message = outcome?.error_message
  if (message == null || printable(message).trim() === '') return []
  return labelled('error', message, {
    width,
    paintLabel: paints.bad,
    maxLines: MOST_ERROR_LINES,
  })
}
