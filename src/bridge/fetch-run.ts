/**
 * Runs from a server: by run_id alone, through the trace ids that follow from it, or by any trace
 * that has spans of them.
 *
 * A run that is joined to another trace has a signpost in the trace that its run_id leads to. It is
 * followed from there and from nowhere else, so no way is longer than that, and none comes back.
 */
import type { TraceBackend } from '../backends/backend.js'
import { interruptedIdsOf, traceIdOf } from '../mapping/ids.js'
import type { ImportedRun } from '../mapping/imported-run.js'
import { type InterruptedTrace, InterruptedTraces } from '../mapping/interrupted-trace.js'
import { runKeyOf } from '../mapping/journal-span.js'
import { RecordsBeside } from '../mapping/records-beside.js'
import { JournalAssembler } from '../mapping/trace-to-journal.js'
import type { RunRecord } from '../state/run-record.js'
import type { ReceivedSpan } from '../trace/trace.js'
import { inOrder, READS_UNDER_WAY } from './in-order.js'
import { keyOfRun, type RunName } from './run-name.js'
import { Signposts } from './signposts.js'

/** What a server gave. */
export interface Fetched {
  /** The runs that it has spans of. */
  readonly runs: readonly ImportedRun[]
  /** The runs that were killed, and left traces instead of journals. */
  readonly interrupted: readonly InterruptedTrace[]
  /** What is known beside the run's journal; only of a run that was asked for by its name. */
  readonly record?: RunRecord
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[]
  /** How many spans came that belong to these runs, and how many that belong to no journal. */
  readonly spans: { readonly journal: number; readonly other: number }
}

/**
 * For one answer: some 4 GB, more than a journal can have. Asking for what nonsense announces takes for
 * ever.
 */
const MOST_TRACES = 2000
/** A trace of ours has one run, a trace that runs are joined to may have many; each one costs questions. */
const MOST_RUNS = 1000
/** A run is in one trace, and in another one each time that it was sent from within another command. */
const MOST_JOINED = 20

/**
 * Reads a run: its first page tells how many there are. No run comes where the server has nothing of it.
 *
 * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
 * @example
 * const { runs } = await fetchRun(openTempo(settings), { namespace: '', runId: 'orders_1' })
 */
export async function fetchRun(backend: TraceBackend, name: RunName): Promise<Fetched> {
  const reading = new Reading(backend, new Set([name.runId]))
  await reading.runs([name])
  const fetched = reading.finish()
  const record = fetched.runs.map((run) => reading.beside.of(run))[0]
  return { ...fetched, ...(record !== undefined && { record }) }
}

/**
 * Like {@link fetchRun}; where the server has nothing of the run, it is asked whether that was
 * killed and left a trace that is no journal's.
 *
 * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
 * @example
 * const { interrupted } = await fetchRunOrItsEnd(backend, { namespace: '', runId: 'orders_1' })
 */
export async function fetchRunOrItsEnd(backend: TraceBackend, name: RunName): Promise<Fetched> {
  const fetched = await fetchRun(backend, name)
  if (fetched.runs.length > 0) return fetched
  const { interrupted, problems } = await fetchTrace(backend, interruptedIdsOf(name).traceId)
  return { ...fetched, interrupted, problems: [...fetched.problems, ...problems] }
}

/**
 * Reads the runs that a trace has spans or a signpost of, with what lies of them in other traces.
 *
 * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
 * @example
 * const { runs } = await fetchTrace(openJaeger(settings), 'c3bde0ddc359ac2423e3095a715b3412')
 */
export async function fetchTrace(backend: TraceBackend, traceId: string): Promise<Fetched> {
  const reading = new Reading(backend)
  await reading.runs(await reading.runsIn(traceId))
  return reading.finish()
}

/** What was read so far. */
class Reading {
  /** What is known beside the runs that are asked for by their names. */
  readonly beside: RecordsBeside
  readonly #backend: TraceBackend
  readonly #assembler = new JournalAssembler()
  readonly #signposts = new Signposts()
  readonly #interrupted = new InterruptedTraces()
  readonly #problems: string[] = []
  readonly #spans = { journal: 0, other: 0 }
  /** The traces that were read, and whether the server has them. */
  readonly #isThere = new Map<string, boolean>()
  /** Whether it was not yet said that not all is read. */
  #mayReadAll = true
  /** Of which runs spans are taken; `undefined` for any. */
  #wanted: ReadonlySet<string> | undefined

  constructor(backend: TraceBackend, named: ReadonlySet<string> = new Set()) {
    this.#backend = backend
    this.beside = new RecordsBeside(named)
  }

  /** Reads a trace; the runs that it tells of. */
  async runsIn(traceId: string): Promise<RunName[]> {
    await this.#read([traceId])
    const names = [...this.#assembler.runs(), ...this.#signposts.runs()]
    const byName = new Map(names.map((name) => [keyOfRun(name), name]))
    if (byName.size > MOST_RUNS) {
      this.#problems.push(
        `trace ${traceId}: it has spans of ${byName.size} runs; the other traces of ${MOST_RUNS} are read`,
      )
    }
    return [...byName.values()]
  }

  /** Reads what lies of runs in the traces that follow from their names. */
  async runs(names: readonly RunName[]): Promise<void> {
    this.#wanted = new Set(names.map(keyOfRun))
    const some = names.slice(0, MOST_RUNS)
    await this.#read(some.map((name) => traceIdOf({ ...name, page: 0 })))
    await this.#read(some.flatMap((name) => this.#joinedTracesOf(name)))
    await this.#read(this.#laterPagesOf(some))
  }

  finish(): Fetched {
    const runs = this.#signposts.withLost(
      this.#assembler.finish(),
      (traceId) => `its spans are in trace ${traceId}, ${this.#whatCameOf(traceId)}`,
    )
    return {
      runs: runs.filter(this.#isWanted),
      interrupted: this.#interrupted.all(),
      problems: this.#problems,
      spans: this.#spans,
    }
  }

  #whatCameOf(traceId: string): string {
    const isThere = this.#isThere.get(traceId)
    if (isThere === undefined) return 'which was not read'
    return isThere
      ? 'of which the server has others, and none of these'
      : 'which the server does not have'
  }

  async #read(traceIds: Iterable<string>): Promise<void> {
    const contents = inOrder(this.#notYetRead(traceIds), READS_UNDER_WAY, async (id) => ({
      id,
      ...(await this.#backend.trace(id)),
    }))
    for await (const { id, spans, problems } of contents) {
      this.#isThere.set(id, spans.length > 0)
      for (const span of spans) this.#take(span)
      this.#problems.push(...problems.map((problem) => `trace ${id}: ${problem}`))
    }
  }

  *#notYetRead(traceIds: Iterable<string>): Generator<string> {
    for (const traceId of traceIds) {
      if (this.#isThere.has(traceId)) continue
      if (this.#isThere.size >= MOST_TRACES) {
        this.#sayNotAll()
        return
      }
      this.#isThere.set(traceId, false)
      yield traceId
    }
  }

  #sayNotAll(): void {
    if (this.#mayReadAll)
      this.#problems.push(
        `more than ${MOST_TRACES} traces would have to be read; the others were not`,
      )
    this.#mayReadAll = false
  }

  #take(received: ReceivedSpan): void {
    const key = runKeyOf(received)
    if (key === undefined) {
      this.#spans.other++
      this.#signposts.add(received)
      this.#interrupted.add(received)
      this.beside.add(received)
    } else if (this.#isWanted(key)) {
      this.#spans.journal++
      this.#assembler.add(received)
    }
  }

  #isWanted = (name: RunName): boolean => this.#wanted?.has(keyOfRun(name)) ?? true

  #joinedTracesOf(name: RunName): string[] {
    const traceIds = this.#signposts.tracesOf(name)
    if (traceIds.length > MOST_JOINED) {
      const first = traceIdOf({ ...name, page: 0 })
      this.#problems.push(
        `trace ${first}: it has signposts to ${traceIds.length} traces; ${MOST_JOINED} are read`,
      )
    }
    return traceIds.slice(0, MOST_JOINED)
  }

  *#laterPagesOf(names: readonly RunName[]): Generator<string> {
    for (const name of names) {
      const pages = this.#assembler.announcedPages(name.namespace, name.runId)
      if (pages > MOST_TRACES && this.#mayReadAll) {
        this.#problems.push(`a root announces ${pages} pages; at most ${MOST_TRACES} are read`)
        this.#mayReadAll = false
      }
      for (let page = 1; page < pages; page++) yield traceIdOf({ ...name, page })
    }
  }
}
