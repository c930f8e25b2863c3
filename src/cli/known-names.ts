/** Run ids and export names that nobody knows are refused, with the near ones. */
import { nearNames } from '../bridge/near-names.js'
import type { RunSelection } from '../bridge/run-selection.js'
import { RivetOtelError } from '../problem.js'
import type { RunRecords } from '../sources/run-records.js'
import type { RunListing } from '../sources/source.js'
import { printable } from './view/printable.js'

/** A place that can list its runs. */
interface Listable {
  readonly location: string
  /** Whether it lists every run there is; a server that is searched cannot. */
  readonly listsAll?: boolean
  list(): AsyncIterable<RunListing & { readonly traceIds?: readonly string[] }>
  /** Runs without a journal are no runs of its list, but they are known. */
  readonly records?: RunRecords
}

/**
 * Refuses a selection that names a run or an export which the place does not have.
 *
 * `found` is what the selection brought; where it has every name, the place is not asked.
 *
 * @throws {RivetOtelError} `USAGE`, naming the near ones.
 * @example
 * await refuseUnknownNames(source, { runIds: ['orders_1'] }, [])
 */
export async function refuseUnknownNames(
  place: Listable,
  { runIds = [], exports = [], traceIds = [] }: RunSelection,
  found: readonly { readonly runId?: string; readonly exportName?: string }[],
): Promise<void> {
  const foundRuns = new Set(found.map(({ runId }) => runId))
  const foundExports = new Set(found.map(({ exportName }) => exportName))
  const lostRuns = runIds.filter((name) => !foundRuns.has(name))
  // Of a server nobody knows which exports it has beyond those that a search finds.
  const { listsAll = true } = place
  const lostExports = listsAll ? exports.filter((name) => !foundExports.has(name)) : []
  if (lostRuns.length + lostExports.length + traceIds.length === 0) return

  const knownRuns = new Set<string>()
  const knownExports = new Set<string>()
  const knownTraces = new Set<string>()
  for await (const { runId, exportName, traceIds: ids = [] } of place.list()) {
    knownRuns.add(runId)
    knownExports.add(exportName)
    for (const id of ids) knownTraces.add(id)
  }
  for await (const run of unjournaledIn(place, lostRuns, lostExports)) {
    knownRuns.add(run.runId)
    knownExports.add(run.exportName)
  }
  const unknown = [
    ...lostRuns
      .filter((name) => !knownRuns.has(name))
      .map((name) => sentence('run', name, knownRuns)),
    ...lostExports
      .filter((name) => !knownExports.has(name))
      .map((name) => sentence('export', name, knownExports)),
    ...traceIds.filter((id) => !knownTraces.has(id)).map((id) => `no run in a trace ${id}`),
  ]
  if (unknown.length > 0) {
    throw new RivetOtelError('USAGE', `${unknown.join('; ')} in ${place.location}`, {
      hint: listsAll ? 'rivet-otel runs --all lists what is there.' : NOT_IN_A_SERVER,
    })
  }
}

async function* unjournaledIn(
  { records }: Listable,
  runIds: readonly string[],
  exports: readonly string[],
): AsyncGenerator<RunListing> {
  if (records === undefined) return
  for (const selection of [
    ...(runIds.length > 0 ? [{ runIds }] : []),
    ...(exports.length > 0 ? [{ exports }] : []),
  ]) {
    for await (const run of records.listUnjournaled(selection))
      if (run.kind === 'unjournaled') yield run
  }
}

const NOT_IN_A_SERVER =
  'A run that was sent with a namespace is found with --namespace; one that was just sent, with --wait 30s.'

function sentence(what: string, name: string, known: ReadonlySet<string>): string {
  const near = nearNames(name, known).map(printable)
  return `no ${what} ${printable(name)}${near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ''}`
}
