/** A journal as it is shown to a person or a program: without the passwords of connection strings. */
import { redactorOf } from '../journal/redaction.js'
import type { RunJournal } from '../journal/run-journal.js'

const withoutPasswords = redactorOf()

/**
 * The journal without passwords: what is shown stands on screens, in pipes and in tickets. The state
 * database itself has them.
 *
 * @example
 * shownJournal(journal) === journal // true, for a journal that has none
 */
export function shownJournal(journal: RunJournal): RunJournal {
  return withoutPasswords(journal).journal
}
