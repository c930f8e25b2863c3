/** What was planned: the plan of a run and the warnings that it raised. */
import type { RunJournal } from '../../journal/run-journal.js'
import { plannedWords } from '../../view/planned.js'
import { findingLines, linesOf } from './section-lines.js'
import type { SectionLook } from './section-look.js'

const MOST_LINES: { readonly [label: string]: number } = { 'row hash': 2, also: 2, query: 8 }
const MOST_WARNINGS = 20

/**
 * The lines of the section *Planned*.
 *
 * @example
 * showPlanned(journal, look).join('\n')
 */
export function showPlanned(journal: RunJournal, look: SectionLook): string[] {
  const { plan, query, remarks, warnings } = plannedWords(journal, look.isFragment)
  const words = [...plan, ...(query === undefined ? [] : [{ label: 'query', text: query }])]
  return [
    ...words.flatMap((line) => {
      const maxLines = MOST_LINES[line.label]
      return linesOf([line], look, maxLines === undefined ? {} : { maxLines })
    }),
    ...linesOf(remarks, look),
    ...findingLines({ thing: 'plan warning', findings: warnings }, MOST_WARNINGS, look),
  ]
}
