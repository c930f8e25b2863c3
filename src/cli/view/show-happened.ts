/** What happened: totals, chunks, files, retries, and events that this version does not know. */
import type { RunFacts } from '../../journal/run-facts.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { changeWords, totalsWords, unknownWords } from '../../view/happened.js'
import { runAxis } from '../../view/run-axis.js'
import { fileList } from './file-list.js'
import { firstOf, INDENT } from './labelled.js'
import { findingLines, linesOf } from './section-lines.js'
import type { SectionLook } from './section-look.js'
import { waterfall } from './waterfall.js'

const MOST_EVENTS = 10

/**
 * The lines of the section *Happened*.
 *
 * @example
 * showHappened(journal, runFacts(journal), look).join('\n')
 */
export function showHappened(journal: RunJournal, facts: RunFacts, look: SectionLook): string[] {
  const { width, color, unicode } = look
  const { retries, parallelism } = changeWords(journal, runAxis(journal))
  const blocks = [
    [
      ...linesOf(totalsWords(facts), look),
      ...findingLines({ thing: 'retry attempt', findings: retries }, MOST_EVENTS, look),
      ...firstOf(parallelism, MOST_EVENTS, 'parallelism change', (words) => linesOf([words], look)),
      ...firstOf(unknownWords(journal), MOST_EVENTS, 'event kind', (words) =>
        linesOf([words], look),
      ),
    ],
    waterfall(journal, { width, color, unicode, indent: INDENT }),
    fileList(facts.files, look),
  ]
  return blocks.filter(({ length }) => length > 0).flatMap((b, i) => (i === 0 ? b : ['', ...b]))
}
