/**
 * The runs of a server that keeps traces, as they are asked for: by run_id, by trace id, or by
 * search.
 *
 * Memory follows the largest run, and the runs of one trace where several are joined to it: those wait
 * for the runs that ended between them. The newest few are held together where they are asked for.
 */
import type { TraceBackend, TraceSearch } from '../backends/backend.js'
import { formatTimestamp } from '../journal/timestamp.js'
import { type ImportedRun, isWhole } from '../mapping/imported-run.js'
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import { Newest, oldestFirst } from '../sources/selection.js'
import type { RunRecord } from '../state/run-record.js'
import { type Fetched, fetchRunOrItsEnd, fetchTrace } from './fetch-run.js'
import {
  byEarliestEnd,
  byLatestEnd,
  endedAfter,
  endedBefore,
  type FoundTrace,
  tracesFound,
} from './found-traces.js'
import { inOrder, READS_UNDER_WAY } from './in-order.js'
import { Patience } from './patience.js'
import { keyOfRun, type RunName } from './run-name.js'
import { placeOf, type RunSelection, wantsImportedRun, wantsInterrupted } from './run-selection.js'
import { SEARCHED_BY_DEFAULT_MS } from './searched-by-default.js'

/** Clocks differ: a run may have ended a little ahead of this one. */
const AHEAD_MS = 86_400_000

const NOT_BY_ID =
  'a search finds it, but the server does not give it by its id: either it no longer keeps it (a Jaeger with max_span_age), or it is just filing it away (a Tempo, for up to 5 minutes; --wait 6m waits)'

/** What to look for. */
export interface RunSearch {
  readonly selection: RunSelection
  /** The namespace of the runs; run_ids are looked for under `''` where it is not given. */
  readonly namespace?: string | undefined
  /** How long a run is waited for that is not there yet, or not whole, in ms; default 0. */
  readonly waitMs?: number | undefined
}

/** What came of it. */
export type RunSearchItem =
  | { readonly kind: 'run'; readonly run: ImportedRun }
  /** Something that could not be read. */
  | { readonly kind: 'problem'; readonly problem: string }
  /** A run that was killed and left a trace instead of a journal; only of those that are named. */
  | { readonly kind: 'interrupted'; readonly trace: InterruptedTrace }
  /** Runs that the search may have missed, and how they are found. */
  | { readonly kind: 'unseen'; readonly problem: string }
  /** What was read: the runs, wanted or not, and how many spans. */
  | {
      readonly kind: 'read'
      readonly runs: readonly ImportedRun[]
      readonly spans: Fetched['spans']
      /** The trace that they were read for, where it was named. */
      readonly traceId?: string
      /** What is known beside its journal, where a run was asked for by its run_id. */
      readonly record?: RunRecord
    }

/**
 * Finds runs. Those that are searched for come oldest first, those that are named in the order of
 * the names; one that is not there does not come.
 *
 * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
 * @example
 * for await (const item of searchRuns(openTempo(settings), { selection: { runIds: ['orders_1'] } })) …
 */
export async function* searchRuns(
  backend: TraceBackend,
  search: RunSearch,
): AsyncGenerator<RunSearchItem> {
  const { runIds, traceIds, last } = search.selection
  const patience = new Patience(search.waitMs ?? 0)
  const sieve = new Sieve(search)
  const isAnswer = (fetched: Fetched) => sieve.isAnswer(fetched)
  if (runIds !== undefined) {
    const namespace = search.namespace ?? ''
    const fetched = inOrder(new Set(runIds), READS_UNDER_WAY, (runId, signal) =>
      patience.until(() => fetchRunOrItsEnd(backend, { namespace, runId }), isAnswer, signal),
    )
    yield* last === undefined ? inTheirOrder(fetched, sieve) : newestOf(fetched, last, sieve)
    return
  }
  const read = (traceId: string, signal: AbortSignal) =>
    patience.until(() => fetchTrace(backend, traceId), isAnswer, signal)
  if (traceIds !== undefined) {
    const fetched = inOrder(new Set(traceIds), READS_UNDER_WAY, async (traceId, signal) => ({
      ...(await read(traceId, signal)),
      traceId,
    }))
    yield* last === undefined ? inTheirOrder(fetched, sieve) : newestOf(fetched, last, sieve)
    return
  }
  const found = yield* foundBySearch(backend, search)
  const readFound = async ({ traceId }: FoundTrace, signal: AbortSignal): Promise<Fetched> => {
    const fetched = await read(traceId, signal)
    const { runs, interrupted, problems } = fetched
    if (runs.length + interrupted.length + problems.length > 0) return fetched
    return { ...fetched, problems: [`trace ${traceId}: ${NOT_BY_ID}`] }
  }
  yield* last === undefined
    ? inOrderOfTime(found, readFound, sieve)
    : newestFound(found, readFound, last, sieve)
}

type Read = (trace: FoundTrace, signal: AbortSignal) => Promise<Found>

/** What came of one question. */
interface Found extends Fetched {
  readonly traceId?: string
}

async function* foundBySearch(
  backend: TraceBackend,
  { selection }: RunSearch,
): AsyncGenerator<RunSearchItem, FoundTrace[]> {
  const query = queryFor(selection)
  const { traces, unseen } = await tracesFound(backend.search(query))
  if (selection.sinceUnixNano === undefined)
    yield { kind: 'unseen', problem: notBefore(query.sinceUnixNano) }
  for (const problem of unseen) yield { kind: 'unseen', problem }
  return traces
}

function queryFor({ exports, statuses, sinceUnixNano, untilUnixNano }: RunSelection): TraceSearch {
  const now = Date.now()
  return {
    sinceUnixNano: sinceUnixNano ?? BigInt(now - SEARCHED_BY_DEFAULT_MS) * 1_000_000n,
    untilUnixNano: untilUnixNano ?? BigInt(now + AHEAD_MS) * 1_000_000n,
    ...(exports === undefined ? {} : { exports }),
    ...(statuses === undefined ? {} : { statuses }),
  }
}

function notBefore(sinceUnixNano: bigint): string {
  const day = formatTimestamp(sinceUnixNano).slice(0, 10)
  return `runs that ended before ${day} were not searched for; --since looks further back`
}

async function* inTheirOrder(
  fetched: AsyncIterable<Found>,
  sieve: Sieve,
): AsyncGenerator<RunSearchItem> {
  for await (const one of fetched) yield* sieve.itemsOf(one)
}

/** The newest of all that was fetched, oldest first. */
async function* newestOf(
  fetched: AsyncIterable<Found>,
  count: number,
  sieve: Sieve,
): AsyncGenerator<RunSearchItem> {
  const newest = new Newest<PlacedRun>(count)
  for await (const one of fetched) yield* sieve.withoutRuns(one, (run) => newest.add(run))
  for (const { run } of newest.oldestFirst()) yield { kind: 'run', run }
}

/** Oldest first. A run waits until no trace that is still to be read can have an older one. */
async function* inOrderOfTime(
  found: readonly FoundTrace[],
  read: Read,
  sieve: Sieve,
): AsyncGenerator<RunSearchItem> {
  const traces = found.toSorted(byEarliestEnd)
  let waiting: PlacedRun[] = []
  let taken = 0
  for await (const fetched of inOrder(traces, READS_UNDER_WAY, read)) {
    yield* sieve.withoutRuns(fetched, (run) => waiting.push(run))
    const next = traces[++taken]
    const isNext = (run: PlacedRun) => next === undefined || endedBefore(run, next)
    for (const { run } of waiting.filter(isNext).sort(oldestFirst)) yield { kind: 'run', run }
    waiting = waiting.filter((run) => !isNext(run))
  }
}

/** The newest, oldest first. No trace is read any more that can have no newer one. */
async function* newestFound(
  found: readonly FoundTrace[],
  read: Read,
  count: number,
  sieve: Sieve,
): AsyncGenerator<RunSearchItem> {
  const traces = found.toSorted(byLatestEnd)
  const newest = new Newest<PlacedRun>(count)
  let taken = 0
  for await (const fetched of inOrder(traces, READS_UNDER_WAY, read)) {
    yield* sieve.withoutRuns(fetched, (run) => newest.add(run))
    const next = traces[++taken]
    const runs = newest.oldestFirst()
    const [oldest] = runs
    const isFull = runs.length >= count
    if (isFull && next !== undefined && (oldest === undefined || endedAfter(oldest, next))) break
  }
  for (const { run } of newest.oldestFirst()) yield { kind: 'run', run }
}

type PlacedRun = ReturnType<typeof placeOf>

/** Takes what is wanted out of what was fetched, each run once. */
class Sieve {
  readonly #selection: RunSelection
  readonly #namespace: string | undefined
  readonly #given = new Set<string>()

  constructor({ selection, namespace }: RunSearch) {
    const { traceIds: _, ...others } = selection
    // What was read because of its trace is of that trace, also where its newest revision is not.
    this.#selection = selection.runIds === undefined ? others : selection
    this.#namespace = namespace
  }

  /** Whether what came will do: there are runs, and of the wanted ones nothing is missing. */
  isAnswer({ runs, interrupted }: Fetched): boolean {
    if (runs.length + interrupted.length === 0) return false
    return runs.every((run) => isWhole(run) || !this.#wants(run))
  }

  *itemsOf(fetched: Found): Generator<RunSearchItem> {
    const runs: ImportedRun[] = []
    yield* this.withoutRuns(fetched, ({ run }) => runs.push(run))
    for (const run of runs) yield { kind: 'run', run }
  }

  /** Hands the runs over, and gives everything else. */
  *withoutRuns(fetched: Found, take: (run: PlacedRun) => void): Generator<RunSearchItem> {
    const { runs, interrupted, problems, spans, traceId, record } = fetched
    yield {
      kind: 'read',
      runs,
      spans,
      ...(traceId === undefined ? {} : { traceId }),
      ...(record === undefined ? {} : { record }),
    }
    // What could not be read costs nothing where every wanted run is whole all the same.
    if (!this.isAnswer(fetched)) {
      for (const problem of problems) yield { kind: 'problem', problem }
    }
    for (const trace of interrupted) {
      if (this.#isOfNamespace(trace) && wantsInterrupted(this.#selection, trace))
        yield { kind: 'interrupted', trace }
    }
    for (const run of runs) {
      const name = keyOfRun(run)
      if (this.#given.has(name) || !this.#wants(run)) continue
      this.#given.add(name)
      take(placeOf(run))
    }
  }

  #wants(run: ImportedRun): boolean {
    return this.#isOfNamespace(run) && wantsImportedRun(this.#selection, run)
  }

  #isOfNamespace({ namespace }: RunName): boolean {
    return this.#namespace === undefined || namespace === this.#namespace
  }
}
