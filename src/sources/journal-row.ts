/**
 * A row of rivet's table `run_journal`, whichever database it stands in, as an item of a source.
 *
 * It knows no database: a source hands over what the row says.
 */
import { parseJournal } from '../journal/codec.js'
import { RivetOtelError } from '../problem.js'
import type { SourceItem, UnreadableItem } from './source.js'

/** What a cell says: its text, or why it has none. */
export type Cell = { readonly text: string } | { readonly problem: string }

/** What a row says about a run beside its journal. */
export interface RowNames {
  readonly runId: string
  readonly exportName: string
}

/** A row whose journal is to be read. */
export interface JournalRow extends RowNames {
  /** When the run ended, in nanoseconds since 1970; `undefined` where that is not known. */
  readonly endedUnixNano?: bigint | undefined
}

/**
 * Reads the journal of a row. A cell without a text, a text that is no journal, and a journal that
 * speaks of another run than its row, come as unreadable.
 *
 * @param journal `undefined` where the row has gone since it was found.
 * @example
 * itemOfCell({ runId: 'orders_1', exportName: 'orders' }, { problem: 'expected a text' }).kind // 'unreadable'
 */
export function itemOfCell(row: JournalRow, journal: Cell | undefined): SourceItem {
  if (journal === undefined)
    return unreadableRow(row, 'the row was removed while the database was read')
  return 'problem' in journal
    ? unreadableRow(row, `journal_json: ${journal.problem}`)
    : itemOfText(row, journal.text)
}

/**
 * The item for a row that has no journal to read.
 *
 * @example
 * unreadableRow({ runId: 'orders_1' }, 'journal_json: expected a text, got null value')
 */
export function unreadableRow(
  { runId, endedUnixNano }: UnreadRow,
  problem: string,
): UnreadableItem {
  const ended = endedUnixNano === undefined ? {} : { endedUnixNano }
  return runId === undefined
    ? { kind: 'unreadable', where: 'a run_journal row', ...ended, problem }
    : { kind: 'unreadable', where: whereIs(runId), runId, ...ended, problem }
}

/** What is known of a row without a journal to read; perhaps not even which run it is. */
interface UnreadRow {
  readonly runId: string | undefined
  readonly endedUnixNano?: bigint | undefined
}

function itemOfText(row: JournalRow, text: string): SourceItem {
  const { runId, exportName } = row
  try {
    const journal = parseJournal(text)
    const problem =
      disagreement('run_id', runId, journal.run_id) ??
      disagreement('export_name', exportName, journal.export_name)
    return problem === undefined
      ? { kind: 'journal', journal, length: text.length, where: whereIs(runId) }
      : unreadableRow(row, problem)
  } catch (error) {
    if (!(error instanceof RivetOtelError)) throw error
    return unreadableRow(row, `journal_json: ${error.message}`)
  }
}

function whereIs(runId: string): string {
  return `run_journal row ${runId}`
}

function disagreement(field: string, row: string, journal: string): string | undefined {
  if (row === journal) return undefined
  return `the row says ${field} ${JSON.stringify(row)}, its journal says ${JSON.stringify(journal)}; expected the same`
}
