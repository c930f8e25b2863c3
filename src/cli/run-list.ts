/** Which of the runs that were read are listed, and in which order, from the options of `runs`. */
import { type RunItem, type RunReader, runIdOfItem } from '../bridge/run-reader.js'
import type { RunSelection } from '../bridge/run-selection.js'
import { placeOf, placeOfJournal } from '../bridge/with-unjournaled.js'
import { RivetOtelError } from '../problem.js'
import { Newest, type RunPlace } from '../sources/selection.js'
import { RUN_ORDERS, type RunOrder, sortRuns } from '../view/run-order.js'
import { interruptedTraceRow, type RunRow, runRow, unjournaledRow } from '../view/run-row.js'
import { runTexts, unjournaledTexts } from '../view/run-texts.js'
import { shownJournal } from '../view/shown-journal.js'
import { shownRecords } from '../view/shown-records.js'
import { durationMs } from './server-options.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/printable.js'

/** The options about what a list of runs holds, as they stand on the command line. */
export interface RunListOptions {
  readonly search?: string
  readonly slowerThan?: string
  readonly sort?: string
  readonly reverse?: boolean
}

/** What is listed, and how. */
export interface RunListing {
  /** In lower case. */
  readonly search: string | undefined
  /** Milliseconds. */
  readonly slowerThanMs: bigint | undefined
  readonly order: RunOrder | undefined
  readonly isReversed: boolean
}

/** What was read. */
export interface ListedRuns {
  readonly rows: readonly RunRow[]
  /** The run_ids of all that was read, listed or not. */
  readonly runIds: ReadonlySet<string>
  /** What could not be read, one printable sentence each. */
  readonly bad: readonly string[]
  /** What a search may have missed, one printable sentence each. */
  readonly unseen: readonly string[]
}

/**
 * What the options mean.
 *
 * @throws {RivetOtelError} `USAGE` where one cannot be understood.
 * @example
 * toRunListing({ sort: 'duration' }).order // 'duration'
 */
export function toRunListing(options: RunListOptions): RunListing {
  const { search, slowerThan, sort, reverse = false } = options
  const order = RUN_ORDERS.find((name) => name === sort)
  if (sort !== undefined && order === undefined) {
    throw new RivetOtelError(
      'USAGE',
      `--sort ${printable(sort)}: expected one of ${RUN_ORDERS.join(', ')}`,
    )
  }
  if (search === '') {
    throw new RivetOtelError('USAGE', '--search: expected a text to look for')
  }
  return {
    search: search?.toLowerCase(),
    slowerThanMs:
      slowerThan === undefined ? undefined : BigInt(durationMs('--slower-than', slowerThan)),
    order,
    isReversed: reverse,
  }
}

/**
 * Reads the runs of a selection and keeps those that are listed, in their order. What only a run's
 * contents tell is looked at before `last` counts.
 *
 * @throws {RivetOtelError} where the place cannot be read.
 * @example
 * const { rows } = await listRuns(reader, { last: 20 }, toRunListing({}), terminal)
 */
export async function listRuns(
  reader: RunReader,
  selection: RunSelection,
  listing: RunListing,
  terminal: Terminal,
): Promise<ListedRuns> {
  const { last, ...others } = selection
  const looksInside = listing.search !== undefined || listing.slowerThanMs !== undefined
  const newest = new Newest<RunPlace & { readonly row: RunRow }>(last ?? 0)
  const rows: RunRow[] = []
  const runIds = new Set<string>()
  const bad: string[] = []
  const unseen: string[] = []
  for await (const item of reader.read(looksInside ? others : selection)) {
    const runId = runIdOfItem(item)
    if (runId !== undefined) runIds.add(runId)
    switch (item.kind) {
      case 'unseen':
        unseen.push(`${printable(reader.location)}: ${printable(item.problem)}`)
        break
      case 'unreadable':
        bad.push(`${printable(`${reader.location} ${item.where}`)}: ${printable(item.problem)}`)
        break
      case 'broken':
        bad.push(
          `${printable(item.run.runId)}: ${item.run.status}: ${item.run.reasons.map(printable).join('; ')}`,
        )
        break
      default: {
        const row = rowOf(item, listing)
        if (row === undefined) break
        if (looksInside && last !== undefined) newest.add({ ...placeOfItem(item), row })
        else rows.push(row)
        terminal.showProgress(`${runIds.size} runs …`)
      }
    }
  }
  for (const { row } of newest.oldestFirst()) rows.push(row)
  const sorted = listing.order === undefined ? rows : sortRuns(rows, listing.order)
  return { rows: listing.isReversed ? sorted.toReversed() : sorted, runIds, bad, unseen }
}

type ListedItem = Extract<
  RunItem,
  { readonly kind: 'journal' | 'redacted' | 'unjournaled' | 'interrupted' }
>

function placeOfItem(item: ListedItem): RunPlace {
  switch (item.kind) {
    case 'journal':
      return placeOfJournal(item.journal)
    case 'redacted':
      return placeOfJournal(item.run.journal)
    case 'unjournaled':
      return placeOf(item.run)
    case 'interrupted': {
      const { runId, startUnixNano, noticedUnixNano = startUnixNano } = item.trace
      return { runId, endedUnixNano: noticedUnixNano }
    }
  }
}

/** The row of a run; `undefined` for one that is not listed. */
function rowOf(item: ListedItem, { search, slowerThanMs }: RunListing): RunRow | undefined {
  const { row, texts } = rowAndTexts(item)
  if (slowerThanMs !== undefined && BigInt(row.durationMs ?? -1) <= slowerThanMs) return undefined
  return search === undefined || hasText(texts(), search) ? row : undefined
}

type Texts = Iterable<string | null | undefined>

function rowAndTexts(item: ListedItem): { readonly row: RunRow; readonly texts: () => Texts } {
  switch (item.kind) {
    case 'journal': {
      const journal = shownJournal(item.journal)
      return { row: runRow(journal, item.namespace), texts: () => runTexts(journal) }
    }
    case 'redacted': {
      const journal = shownJournal(item.run.journal)
      const row = { ...runRow(journal, item.namespace), redaction: item.run.redaction }
      return { row, texts: () => runTexts(journal) }
    }
    case 'unjournaled': {
      const run = shownRecords(item.run)
      return { row: unjournaledRow(run), texts: () => unjournaledTexts(run) }
    }
    case 'interrupted': {
      const trace = shownRecords(item.trace)
      return { row: interruptedTraceRow(trace), texts: () => [trace.runId, trace.exportName] }
    }
  }
}

function hasText(texts: Texts, search: string): boolean {
  for (const text of texts) if (text?.toLowerCase().includes(search)) return true
  return false
}
