/**
 * Runs from traces: in a stream, which is read once and then held, or in a server, which is asked
 * anew each time.
 */
import type { SpanStream, TraceBackend } from '../backends/backend.js'
import type { ImportedRun } from '../mapping/imported-run.js'
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import { Newest, type RunPlace } from '../sources/selection.js'
import type { RunRecord } from '../state/run-record.js'
import { fetchRunOrItsEnd } from './fetch-run.js'
import {
  type ImportResult,
  importRuns,
  type NamespacedRecord,
  type RunFound,
  runFound,
  selectImported,
} from './import-runs.js'
import { inOrder, READS_UNDER_WAY } from './in-order.js'
import { closeTraces } from './open-place.js'
import type { RunItem } from './run-item.js'
import type { NamedRun, RunReader, TraceReading } from './run-reader.js'
import { placeOf, type RunSelection } from './run-selection.js'
import { searchRuns } from './search-runs.js'

/**
 * The runs that traces hold.
 *
 * @example
 * for await (const item of new TraceRuns(backend, { namespace: 'eu' }).read({})) console.log(item.kind)
 */
export class TraceRuns implements RunReader {
  readonly holds = 'traces'
  readonly #traces: SpanStream | TraceBackend
  readonly #reading: TraceReading
  readonly #found = new FoundLately()
  /** What is known beside the runs of a server that were last asked for by run_id. */
  #asked: ReadonlySet<string> = new Set()
  #records: readonly NamespacedRecord[] = []
  /** All that a stream has, which can be read once only. */
  #all: Promise<ImportResult> | undefined

  constructor(traces: SpanStream | TraceBackend, reading: TraceReading, all?: ImportResult) {
    this.#traces = traces
    this.#reading = reading
    this.#all = all && Promise.resolve(all)
  }

  get location(): string {
    return this.#traces.location
  }

  get listsAll(): boolean {
    return 'spans' in this.#traces
  }

  async *read(selection: RunSelection): AsyncGenerator<RunItem> {
    if ('spans' in this.#traces) {
      const all = await this.#readAll(this.#traces)
      const { runs, interrupted, problems } = selectImported(all, selection)
      for (const { where, problem } of problems) yield { kind: 'unreadable', where, problem }
      const newest = new Newest<RunPlace & { readonly item: RunItem }>(
        selection.last ?? runs.length + interrupted.length,
      )
      for (const run of runs) newest.add({ ...placeOf(run), item: runItem(run) })
      for (const trace of interrupted) newest.add(interruptedPlace(trace))
      for (const { item } of newest.oldestFirst()) yield item
      return
    }
    const { namespace = '' } = this.#reading
    const records: NamespacedRecord[] = []
    this.#found.startRead()
    for await (const item of searchRuns(this.#traces, { ...this.#reading, selection })) {
      if (item.kind === 'read' && item.record !== undefined)
        records.push({ namespace, record: item.record })
      if (item.kind === 'unseen') yield item
      else if (item.kind === 'problem') yield { ...item, kind: 'unreadable', where: '' }
      else if (item.kind === 'read')
        for (const run of item.runs) this.#found.add(runFound(run, item.traceId))
      else if (item.kind === 'interrupted') {
        this.#found.add(interruptedFound(item.trace))
        yield interruptedPlace(item.trace).item
      } else yield runItem(item.run)
    }
    this.#hold(selection, records)
  }

  #readAll(stream: SpanStream): Promise<ImportResult> {
    this.#all ??= importRuns(stream, { namespace: this.#reading.namespace, keepRecords: true })
    return this.#all
  }

  async *list(): AsyncGenerator<RunFound> {
    yield* this.#found.all()
    if (!('spans' in this.#traces)) return
    const { found, interrupted } = await this.#readAll(this.#traces)
    yield* [...found, ...interrupted.map(interruptedFound)]
  }

  async present(runIds: readonly string[]): Promise<ReadonlySet<string>> {
    const there = new Set<string>()
    if ('spans' in this.#traces) {
      for await (const { runId } of this.list()) there.add(runId)
      return new Set(runIds.filter((runId) => there.has(runId)))
    }
    const backend = this.#traces
    const { namespace = '' } = this.#reading
    const fetched = inOrder(new Set(runIds), READS_UNDER_WAY, async (runId) => {
      const { runs, interrupted } = await fetchRunOrItsEnd(backend, { namespace, runId })
      return runs.length + interrupted.length > 0 ? [runId] : []
    })
    for await (const runIds of fetched) for (const runId of runIds) there.add(runId)
    return there
  }

  async record({ runId, namespace = '' }: NamedRun): Promise<RunRecord | undefined> {
    if (!('spans' in this.#traces) && !this.#asked.has(runId))
      for await (const _ of this.read({ runIds: [runId] }));
    const records =
      'spans' in this.#traces ? (await this.#readAll(this.#traces)).records : this.#records
    return records.find((known) => known.namespace === namespace && known.record.runId === runId)
      ?.record
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

/** Of what earlier reads found, so much is kept. */
const MOST_FOUND_EARLIER = 1_000

/** What was read of a server: all that the last read found, and some of what those before it did. */
class FoundLately {
  #earlier: ReadonlyMap<string, RunFound> = new Map()
  #last = new Map<string, RunFound>()

  /** Another read begins. A reader of long life reads the same runs again and again. */
  startRead(): void {
    this.#earlier = new Map([...this.#earlier, ...this.#last].slice(-MOST_FOUND_EARLIER))
    this.#last = new Map()
  }

  /** A run was read. */
  add(run: RunFound): void {
    this.#last.set(JSON.stringify([run.runId, run.traceIds]), run)
  }

  /** Each run once, by the traces that it was found in. */
  all(): Iterable<RunFound> {
    return new Map([...this.#earlier, ...this.#last]).values()
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
