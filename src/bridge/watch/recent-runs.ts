/**
 * The newest runs of each export, for somebody who starts to watch and wants to know how it stands.
 *
 * It sends nothing and says nothing of what it cannot read: whoever sends the runs does. Its cost
 * follows the number of exports, and hardly that of runs.
 */
import { fieldsOf } from '../../journal/events.js'
import type { RedactionPolicy } from '../../journal/redaction.js'
import type { RunJournal } from '../../journal/run-journal.js'
import type { JournalSource, Selection } from '../../sources/source.js'
import { gateFor } from '../outgoing-run.js'

/** What is wanted to be known, and by whom. */
export interface RecentRunsOptions {
  readonly source: JournalSource
  /** What is taken out of the journals; passwords always are. */
  readonly redaction?: RedactionPolicy
  /** Told of each run, as it would leave; of each export the oldest first. */
  readonly onJournal: (journal: RunJournal) => void
  /** Of how many exports at most. */
  readonly mostExports: number
  /** Ends it between two runs; that is no error. */
  readonly signal?: AbortSignal
}

/** How far back the last success of an export is looked for. */
const FURTHEST = 20
/** A run whose redaction takes longer is left out, in ms: dozens of them stand in the way of a start. */
const LONGEST_REDACTION_MS = 1000

/**
 * Tells the newest run of each export and, where that did not succeed, the newest 20, among which
 * may be one that did.
 *
 * @throws {RivetOtelError} where the source cannot be read, `INVALID_CONFIGURATION` for a policy that
 *   cannot be used.
 * @example
 * await recentRuns({ source, mostExports: 1000, onJournal: (journal) => metrics.restore(journal) })
 */
export async function recentRuns(options: RecentRunsOptions): Promise<void> {
  const { source, mostExports, signal } = options
  const outgoing = gateFor(options.redaction, LONGEST_REDACTION_MS)
  const tell = async (selection: Selection): Promise<boolean> => {
    let isSuccess = false
    for await (const item of source.read(selection)) {
      if (signal?.aborted) return true
      if (item.kind === 'unreadable') continue
      isSuccess ||= succeeded(item.journal)
      const run = outgoing(item.journal)
      if (run.kind === 'run') options.onJournal(run.journal)
    }
    return isSuccess
  }
  for (const name of await exportsOf(source, mostExports)) {
    if (signal?.aborted) return
    const isEnough = await tell({ exports: [name], last: 1 })
    if (!isEnough) await tell({ exports: [name], last: FURTHEST })
  }
}

/** A source that cannot tell its exports is a file, which is read through anyway. */
async function exportsOf(source: JournalSource, most: number): Promise<readonly string[]> {
  if (source.exports !== undefined) return source.exports(most)
  const names = new Set<string>()
  for await (const { exportName } of source.list()) {
    if (names.size < most) names.add(exportName)
  }
  return [...names]
}

function succeeded(journal: RunJournal): boolean {
  const outcome = journal.finalOutcome()
  return outcome !== undefined && fieldsOf(outcome.event, 'RunCompleted')?.status === 'success'
}
