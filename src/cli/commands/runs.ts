/** `rivet-otel runs`: the runs of a location, one line each. */
import { withMeantRunIds, withRunIds } from '../../bridge/run-reference.js'
import { stringifyJson } from '../../json/lossless.js'
import type { RunOrder } from '../../view/run-order.js'
import { type RunRow, runRowJson } from '../../view/run-row.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { refuseUnknownNames } from '../known-names.js'
import { openReader } from '../open-reader.js'
import type { ReadingOptions } from '../places.js'
import { listRuns, type RunListOptions, toRunListing } from '../run-list.js'
import { type TraceSelectionOptions, toRunSelection } from '../run-selection.js'
import type { ServerOptions } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { printable, printableJson } from '../view/printable.js'
import { runsTable } from '../view/runs-table.js'

/** How many runs are listed where nobody says which. */
const LISTED_BY_DEFAULT = 20

/** The options of `runs`, as they stand on the command line. */
export type RunsOptions = ReadingOptions &
  TraceSelectionOptions &
  RunListOptions &
  ServerOptions & { readonly json?: boolean; readonly namespace?: string }

/**
 * Prints the runs, the newest last, or the last of another order.
 *
 * @throws {RivetOtelError} for wrong use, and where the place cannot be read.
 * @example
 * await runs({ from: '.rivet_state.db', last: '5' }, terminal)
 */
export async function runs(options: RunsOptions, terminal: Terminal): Promise<ExitCodeValue> {
  const selection = toRunSelection(options, Date.now())
  const listing = toRunListing(options)
  const looksInside = listing.search !== undefined || listing.slowerThanMs !== undefined
  const isDefault = Object.keys(selection).length === 0 && !options.all && !looksInside
  const { reader, narrow } = await openReader(options, terminal)
  try {
    const named = await withRunIds(
      reader,
      isDefault ? { last: LISTED_BY_DEFAULT } : narrow(selection),
    )
    const read = await listRuns(reader, named, listing, terminal)
    const meant = await withMeantRunIds(reader, named, read.runIds)
    const { rows, bad, unseen } =
      meant === undefined ? read : await listRuns(reader, meant, listing, terminal)
    const names = meant ?? named
    for (const problem of bad) terminal.say(problem)
    if (rows.length === 0) await refuseUnknownNames(reader, names, rows)
    await printRows(
      rows,
      bad.length,
      reader.location,
      { ...options, order: listing.order },
      terminal,
    )
    for (const problem of unseen) terminal.say(problem)
    if (rows.length > 0) await refuseUnknownNames(reader, names, rows)
    return bad.length > 0 ? ExitCode.NOT_ALL_WELL : ExitCode.DONE
  } finally {
    await reader.close()
  }
}

async function printRows(
  rows: readonly RunRow[],
  bad: number,
  location: string,
  options: { readonly json?: boolean; readonly order: RunOrder | undefined },
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
        order: options.order,
      }),
    )
  }
}
