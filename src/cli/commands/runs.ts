/** `rivet-otel runs`: the runs of a location, one line each. */
import type { RunItem } from '../../bridge/run-reader.js'
import { stringifyJson } from '../../json/lossless.js'
import {
  interruptedTraceRow,
  type RunRow,
  runRow,
  runRowJson,
  unjournaledRow,
} from '../../view/run-row.js'
import { shownJournal } from '../../view/shown-journal.js'
import { shownRecords } from '../../view/shown-records.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { refuseUnknownNames } from '../known-names.js'
import { openReader } from '../open-reader.js'
import type { ReadingOptions } from '../places.js'
import { type TraceSelectionOptions, toRunSelection } from '../run-selection.js'
import type { ServerOptions } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { runsTable } from '../view/runs-table.js'
import { printable, printableJson } from '../view/terminal-text.js'

/** How many runs are listed where nobody says which. */
const LISTED_BY_DEFAULT = 20

/** The options of `runs`, as they stand on the command line. */
export type RunsOptions = ReadingOptions &
  TraceSelectionOptions &
  ServerOptions & { readonly json?: boolean; readonly namespace?: string }

/**
 * Prints the runs, the newest last.
 *
 * @throws {RivetOtelError} for wrong use, and where the place cannot be read.
 * @example
 * await runs({ from: '.rivet_state.db', last: '5' }, terminal)
 */
export async function runs(options: RunsOptions, terminal: Terminal): Promise<ExitCodeValue> {
  const selection = toRunSelection(options, Date.now())
  const isDefault = Object.keys(selection).length === 0 && !options.all
  const { reader, narrow } = await openReader(options, terminal)
  const rows: RunRow[] = []
  const unseen: string[] = []
  let bad = 0
  try {
    for await (const item of reader.read(
      isDefault ? { last: LISTED_BY_DEFAULT } : narrow(selection),
    )) {
      switch (item.kind) {
        case 'journal':
        case 'redacted':
        case 'unjournaled':
        case 'interrupted':
          rows.push(rowOf(item))
          terminal.showProgress(`${rows.length} runs …`)
          break
        case 'unseen':
          unseen.push(item.problem)
          break
        case 'unreadable':
          bad++
          terminal.say(
            `${printable(`${reader.location} ${item.where}`)}: ${printable(item.problem)}`,
          )
          break
        case 'broken':
          bad++
          terminal.say(
            `${printable(item.run.runId)}: ${item.run.status}: ${item.run.reasons.map(printable).join('; ')}`,
          )
          break
      }
    }
    if (rows.length === 0) await refuseUnknownNames(reader, selection, rows)
    await printRows(rows, bad, reader.location, options, terminal)
    for (const problem of unseen)
      terminal.say(`${printable(reader.location)}: ${printable(problem)}`)
    if (rows.length > 0) await refuseUnknownNames(reader, selection, rows)
  } finally {
    await reader.close()
  }
  return bad > 0 ? ExitCode.NOT_ALL_WELL : ExitCode.DONE
}

type ListedRun = Extract<
  RunItem,
  { readonly kind: 'journal' | 'redacted' | 'unjournaled' | 'interrupted' }
>

function rowOf(item: ListedRun): RunRow {
  switch (item.kind) {
    case 'journal':
      return runRow(shownJournal(item.journal), item.namespace)
    case 'redacted': {
      const { journal, redaction } = item.run
      return { ...runRow(shownJournal(journal), item.namespace), redaction }
    }
    case 'unjournaled':
      return unjournaledRow(shownRecords(item.run))
    case 'interrupted':
      return interruptedTraceRow(shownRecords(item.trace))
  }
}

async function printRows(
  rows: readonly RunRow[],
  bad: number,
  location: string,
  options: RunsOptions,
  terminal: Terminal,
): Promise<void> {
  if (options.json) {
    await terminal.print(
      rows.map((row) => `${printableJson(stringifyJson(runRowJson(row)))}\n`).join(''),
    )
  } else if (rows.length === 0) {
    terminal.say(`no ${bad > 0 ? 'whole ' : ''}runs in ${printable(location)}`)
  } else {
    await terminal.print(
      runsTable(rows, {
        width: terminal.columns ?? Number.POSITIVE_INFINITY,
        color: terminal.hasColors,
      }),
    )
  }
}
