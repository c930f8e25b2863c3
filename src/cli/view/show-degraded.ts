/** What degraded: everything that was not well and need not have failed the run, the worst first. */
import type { RunJournal } from '../../journal/run-journal.js'
import { degradedWords, nothingDegraded } from '../../view/degraded.js'
import { findingLines, linesOf } from './section-lines.js'
import type { SectionLook } from './section-look.js'

const MOST_OF_A_KIND = 20

/**
 * The lines of the section *Degraded*.
 *
 * @example
 * showDegraded(journal, look) // ['  nothing degraded']
 */
export function showDegraded(journal: RunJournal, look: SectionLook): string[] {
  const groups = degradedWords(journal)
  return groups.length > 0
    ? groups.flatMap((group) => findingLines(group, MOST_OF_A_KIND, look))
    : linesOf([nothingDegraded(look.isFragment)], look)
}
