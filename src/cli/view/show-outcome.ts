/** What the outcome was: the status, when the run ended, what was checked, and the error in full. */
import type { RunFacts } from '../../journal/run-facts.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { outcomeWords } from '../../view/outcome.js'
import type { Labelled } from '../../view/run-view.js'
import { aside, labelled } from './labelled.js'
import { printable } from './printable.js'
import { statusPaint } from './run-status.js'
import { linesOf } from './section-lines.js'
import type { SectionLook } from './section-look.js'

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
  const { paints, isFragment } = look
  const words = outcomeWords(journal, facts, concerns, isFragment)
  const paint = isFragment ? paints.warning : statusPaint(facts.outcome?.status, concerns, paints)
  return [
    ...statusLines(words.status, { ...look, paint }),
    ...linesOf(words.ended, look),
    ...words.checks.flatMap((check) =>
      linesOf([check], look, check.hasResult ? {} : { paint: paints.quiet }),
    ),
    ...errorLines(words.error, look),
  ]
}

function statusLines(
  status: Labelled,
  { width, paints, paint }: SectionLook & { readonly paint: (text: string) => string },
): string[] {
  return status.label === ''
    ? aside(status.text, { width, paint: paints.warning })
    : labelled(status.label, status.text, { width, paint, paintLabel: paints.quiet })
}

function errorLines(error: string | undefined, { width, paints }: SectionLook): string[] {
  if (error === undefined || printable(error).trim() === '') return []
  return labelled('error', error, { width, paintLabel: paints.bad, maxLines: MOST_ERROR_LINES })
}
