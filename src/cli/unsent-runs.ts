/** Runs that were named and have nothing to send: they left no journal, and were not killed. */
import type { JournalSource, Selection } from '../sources/source.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/printable.js'

/**
 * Says of each run that a selection names why it was not sent, where it goes on or its journal is gone.
 *
 * @example
 * await sayUnsent(source, { runIds: ['orders_1'] }, terminal)
 */
export async function sayUnsent(
  { records }: JournalSource,
  { runIds }: Selection,
  terminal: Terminal,
): Promise<void> {
  if (records === undefined || runIds === undefined) return
  for await (const run of records.listUnjournaled({ runIds })) {
    if (run.kind === 'unreadable' || run.state === 'interrupted') continue
    const why =
      run.state === 'running'
        ? 'it is running and has no journal yet'
        : `it ended (${printable(run.status)}) and left no journal`
    terminal.say(`${printable(run.runId)}: not sent: ${why}`)
  }
}
