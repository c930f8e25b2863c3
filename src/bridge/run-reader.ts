/**
 * Runs from any location, in one way: a state database, journals, or traces.
 *
 * Memory follows the largest run; where the newest few of a state database or a server are asked
 * for, those may be held together.
 */
import type { SpanStream, TraceBackend } from '../backends/backend.js'
import type { BrokenRun, ImportedRun, RedactedRun } from '../mapping/imported-run.js'
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import { Newest, type RunPlace } from '../sources/selection.js'
import type { JournalSource, ReadableItem, RunListing, SourceItem } from '../sources/source.js'
import type { RunRecord } from '../state/run-record.js'
import { unjournaledStatus } from '../state/unjournaled-facts.js'
import type { UnjournaledListing } from '../state/unjournaled-run.js'
import { importRuns, type NamespacedRecord, type RunFound, runFound } from './import-runs.js'
import type { Location } from './location.js'
import {
  closeTraces,
  holdsJournals,
  type OpenedPlace,
  type Opening,
  openPlace,
} from './open-place.js'
import { hasStatus, placeOf as placeOfImported, type RunSelection } from './run-selection.js'
import { type RunSearch, searchRuns } from './search-runs.js'
import {
  placeOf,
  placeOfJournal,
  type UnjournaledItem,
  withUnjournaled,
} from './with-unjournaled.js'

/** A run that was read, could not be read, or came back from traces redacted or in part. */
export type RunItem =
  | (SourceItem & {
      /** What it was sent with; only of traces. */
      readonly namespace?: string
    })
  | {
      readonly kind: 'redacted'
      readonly run: RedactedRun
      readonly where: string
      /** What it was sent with. */
      readonly namespace: string
    }
  | { readonly kind: 'broken'; readonly run: BrokenRun; readonly where: string }
  /** A run that left no journal; only of a state database. */
  | UnjournaledItem
  /** A run that was killed and left a trace that is no journal's; of a server only where it is named. */
  | { readonly kind: 'interrupted'; readonly trace: InterruptedTrace; readonly where: string }
  /** Runs that a search may have missed, and how they are found. */
  | { readonly kind: 'unseen'; readonly problem: string }

/** A run whose record is asked for. */
export interface NamedRun extends RunListing {
  /** What it was sent with; only of traces. */
  readonly namespace?: string | undefined
}

/** A place that runs are read from: a source, or the traces in a backend. */
export interface RunReader {
  readonly holds: 'journals' | 'traces'
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /** The runs that are wanted, oldest first. */
  read(selection: RunSelection): AsyncIterable<RunItem>
  /** Whether `list` names every run there is; of a server, it names those that were read. */
  readonly listsAll: boolean
  /** The runs there are, for suggestions when a name is not found. */
  list(): AsyncIterable<RunListing | RunFound>
  /**
   * What the place knows of a run beside its journal; `undefined` where that is nothing. Traces are
   * read for it, unless the run was among those that were last asked for by run_id.
   */
  record(run: NamedRun): Promise<RunRecord | undefined>
  /** Lets go of the place. */
  close(): Promise<void>
}

/** What only traces need to be told. */
export type TraceReading = Pick<RunSearch, 'namespace' | 'waitMs'>

/**
 * Opens a place to read runs from, whatever it holds.
 *
 * @throws {RivetOtelError} where it cannot be read, or can only be written to.
 * @example
 * const reader = await openRuns(parseLocation('.rivet_state.db'), { stdin: process.stdin, server })
 */
export async function openRuns(
  location: Location,
  opening: Opening,
  reading: TraceReading = {},
): Promise<RunReader> {
  return runsOf(await openPlace(location, opening, 'journals'), reading)
}

/**
 * The runs of a place that is open already; to close them closes it.
 *
 * @example
 * const reader = runsOf(await openSqliteSource('.rivet_state.db'))
 */
export function runsOf(opened: OpenedPlace, reading: TraceReading = {}): RunReader {
  return holdsJournals(opened) ? new SourceRuns(opened) : new TraceRuns(opened, reading)
}

/** The runs of a source, with the conditions that only a journal's contents answer. */
class SourceRuns implements RunReader {
  readonly holds = 'journals'
  readonly listsAll = true
  readonly #source: JournalSource

  constructor(source: JournalSource) {
    this.#source = source
  }

  get location(): string {
    return this.#source.location
  }

  async *read(wanted: RunSelection): AsyncGenerator<RunItem> {
    const { statuses, last, ...selection } = wanted
    const { records } = this.#source
    const isCounted = statuses === undefined && last !== undefined
    const limited = isCounted ? { ...selection, last } : selection
    const journals = this.#source.read(limited)
    const items =
      records === undefined
        ? journals
        : withUnjournaled(journals, records.unjournaled(wanted, hasStatusOf(wanted)))
    // What a source counted itself is counted again only where others came between.
    const newest =
      last === undefined || (isCounted && records === undefined)
        ? undefined
        : new Newest<RunPlace & { readonly item: RunItem }>(last)
    for await (const item of items) {
      if (statuses !== undefined && !hasOneOf(statuses, item)) continue
      if (newest === undefined || item.kind === 'unreadable') yield item
      else newest.add({ item, ...placeOfItem(item) })
    }
    for (const { item } of newest?.oldestFirst() ?? []) yield item
  }

  async *list(): AsyncGenerator<RunListing> {
    yield* this.#source.list()
    for await (const run of this.#source.records?.listUnjournaled({}) ?? []) {
      if (run.kind === 'unjournaled') yield { runId: run.runId, exportName: run.exportName }
    }
  }

  async record(run: RunListing): Promise<RunRecord | undefined> {
    return (await this.#source.records?.of([run]))?.get(run.runId)
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}

function hasStatusOf({ statuses }: RunSelection): (run: UnjournaledListing) => boolean {
  return (run) => statuses === undefined || statuses.includes(unjournaledStatus(run))
}

function hasOneOf(statuses: readonly string[], item: SourceItem | UnjournaledItem): boolean {
  switch (item.kind) {
    case 'journal':
      return hasStatus(item.journal, statuses, true)
    case 'unjournaled':
      return statuses.includes(unjournaledStatus(item.run))
    case 'unreadable':
      return true
  }
}

function placeOfItem(item: ReadableItem | UnjournaledItem): RunPlace {
  return item.kind === 'journal' ? placeOfJournal(item.journal) : placeOf(item.run)
}

/** The runs that traces hold. */
class TraceRuns implements RunReader {
  readonly holds = 'traces'
  readonly #traces: SpanStream | TraceBackend
  readonly #reading: TraceReading
  readonly #found: RunFound[] = []
  /** What is known beside the runs that were last asked for by run_id. */
  #asked: ReadonlySet<string> = new Set()
  #records: readonly NamespacedRecord[] = []

  constructor(traces: SpanStream | TraceBackend, reading: TraceReading) {
    this.#traces = traces
    this.#reading = reading
  }

  get location(): string {
    return this.#traces.location
  }

  get listsAll(): boolean {
    return 'spans' in this.#traces
  }

  async *read(selection: RunSelection): AsyncGenerator<RunItem> {
    const search = { ...this.#reading, selection }
    if ('spans' in this.#traces) {
      const result = await importRuns(this.#traces, search)
      const { runs, interrupted, problems, found } = result
      this.#hold(selection, result.records)
      this.#found.push(...found, ...interrupted.map(interruptedFound))
      for (const { where, problem } of problems) yield { kind: 'unreadable', where, problem }
      const newest = new Newest<RunPlace & { readonly item: RunItem }>(
        selection.last ?? runs.length + interrupted.length,
      )
      for (const run of runs) newest.add({ ...placeOfImported(run), item: runItem(run) })
      for (const trace of interrupted) newest.add(interruptedPlace(trace))
      for (const { item } of newest.oldestFirst()) yield item
      return
    }
    const { namespace = '' } = this.#reading
    const records: NamespacedRecord[] = []
    for await (const item of searchRuns(this.#traces, search)) {
      if (item.kind === 'read' && item.record !== undefined)
        records.push({ namespace, record: item.record })
      if (item.kind === 'unseen') yield item
      else if (item.kind === 'problem') yield { ...item, kind: 'unreadable', where: '' }
      else if (item.kind === 'read')
        this.#found.push(...item.runs.map((run) => runFound(run, item.traceId)))
      else if (item.kind === 'interrupted') {
        this.#found.push(interruptedFound(item.trace))
        yield interruptedPlace(item.trace).item
      } else yield runItem(item.run)
    }
    this.#hold(selection, records)
  }

  async *list(): AsyncGenerator<RunFound> {
    yield* this.#found
  }

  async record({ runId, namespace = '' }: NamedRun): Promise<RunRecord | undefined> {
    if (!this.#asked.has(runId)) for await (const _ of this.read({ runIds: [runId] }));
    return this.#records.find(
      (known) => known.namespace === namespace && known.record.runId === runId,
    )?.record
  }

  #hold({ runIds }: RunSelection, records: readonly NamespacedRecord[]): void {
    if (runIds === undefined) return
    this.#asked = new Set(runIds)
    this.#records = records
  }

  async close(): Promise<void> {
    closeTraces(this.#traces)
  }
}

function runItem(run: ImportedRun): RunItem {
  const within = run.namespace === '' ? '' : ` of namespace ${run.namespace}`
  const where = `trace ${run.traceIds[0] ?? ''}${within}`
  const { namespace } = run
  switch (run.status) {
    case 'exact':
      return { kind: 'journal', journal: run.journal, where, namespace }
    case 'redacted':
      return { kind: 'redacted', run, where, namespace }
    default:
      return { kind: 'broken', run, where }
  }
}

function interruptedFound({ runId, exportName, traceId }: InterruptedTrace): RunFound {
  return { runId, exportName, traceIds: [traceId] }
}

function interruptedPlace(trace: InterruptedTrace): RunPlace & { readonly item: RunItem } {
  const { runId, traceId, startUnixNano, noticedUnixNano = startUnixNano } = trace
  const item = { kind: 'interrupted', trace, where: `trace ${traceId}` } as const
  return { runId, endedUnixNano: noticedUnixNano, item }
}
