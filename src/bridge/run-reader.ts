/**
 * Runs from any location, in one way: a state database, journals, or traces.
 */
import type { SpanStream, TraceBackend } from '../backends/backend.js'
import { runEnd } from '../journal/run-end.js'
import type { BrokenRun, ImportedRun, RedactedRun } from '../mapping/imported-run.js'
import { Newest, type RunPlace } from '../sources/selection.js'
import type { JournalSource, RunListing, SourceItem } from '../sources/source.js'
import { importRuns, type RunFound, runFound } from './import-runs.js'
import { type InterruptedTrace, interruptedWords } from './interrupted-trace.js'
import type { Location } from './location.js'
import { closeTraces, holdsJournals, type Opening, openPlace } from './open-place.js'
import { hasStatus, type RunSelection } from './run-selection.js'
import { type RunSearch, searchRuns } from './search-runs.js'

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
  /** Runs that a search may have missed, and how they are found. */
  | { readonly kind: 'unseen'; readonly problem: string }

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
  const opened = await openPlace(location, opening, 'journals')
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

  async *read({ statuses, last, ...selection }: RunSelection): AsyncGenerator<RunItem> {
    if (statuses === undefined) {
      yield* this.#source.read(last === undefined ? selection : { ...selection, last })
      return
    }
    const newest = new Newest<RunPlace & { readonly item: RunItem }>(last ?? 0)
    for await (const item of this.#source.read(selection)) {
      if (item.kind === 'journal' && !hasStatus(item.journal, statuses, true)) continue
      if (last === undefined || item.kind !== 'journal') yield item
      else newest.add({ item, runId: item.journal.run_id, endedUnixNano: runEnd(item.journal) })
    }
    for (const { item } of newest.oldestFirst()) yield item
  }

  list(): AsyncIterable<RunListing> {
    return this.#source.list()
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}

/** The runs that traces hold. */
class TraceRuns implements RunReader {
  readonly holds = 'traces'
  readonly #traces: SpanStream | TraceBackend
  readonly #reading: TraceReading
  readonly #found: RunFound[] = []

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
      const { runs, problems, found, interrupted } = await importRuns(this.#traces, search)
      this.#found.push(...found)
      for (const run of interrupted) yield this.#interruptedItem(run)
      for (const { where, problem } of problems) yield { kind: 'unreadable', where, problem }
      for (const run of runs) yield runItem(run)
      return
    }
    for await (const item of searchRuns(this.#traces, search)) {
      if (item.kind === 'unseen') yield item
      else if (item.kind === 'problem') yield { ...item, kind: 'unreadable', where: '' }
      else if (item.kind === 'read')
        this.#found.push(...item.runs.map((run) => runFound(run, item.traceId)))
      else if (item.kind === 'interrupted') yield this.#interruptedItem(item.run)
      else yield runItem(item.run)
    }
  }

  #interruptedItem(run: InterruptedTrace): RunItem {
    this.#found.push({ ...run, traceIds: [run.traceId] })
    return { kind: 'unreadable', where: `trace ${run.traceId}`, problem: interruptedWords(run) }
  }

  async *list(): AsyncGenerator<RunFound> {
    yield* this.#found
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
