/**
 * The runs of a server that keeps traces, as they are asked for: by run_id, by trace id, or by
 * search.
 *
 * Memory follows the largest run, unless the newest few are asked for; those are held together.
 */
import type { TraceBackend, TraceSearch } from '../backends/backend.js'
import { formatTimestamp } from '../journal/timestamp.js'
import { type ImportedRun, isWhole } from '../mapping/imported-run.js'
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import { oldestFirst } from '../sources/selection.js'
import { type Fetched, fetchRunOrItsEnd, fetchTrace } from './fetch-run.js'
import { inOrder, READS_UNDER_WAY } from './in-order.js'
import { Patience } from './patience.js'
import { placeOf, type RunSelection, wantsImportedRun, wantsInterrupted } from './run-selection.js'

/** How far back runs are searched for where nobody says since when, in ms: a week. */
const SEARCHED_BY_DEFAULT_MS = 7 * 86_400_000
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
  /** A run that was killed and left a trace instead of a journal; only of those that are named. */
  | { readonly kind: 'interrupted'; readonly trace: InterruptedTrace }
  /** Something that could not be read. */
  | { readonly kind: 'problem'; readonly problem: string }
  /** Runs that the search may have missed, and how they are found. */
  | { readonly kind: 'unseen'; readonly problem: string }
  /** What was read: the runs, wanted or not, and how many spans. */
  | {
      readonly kind: 'read'
      readonly runs: readonly ImportedRun[]
      readonly spans: Fetched['spans']
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
  const areWhole = ({ runs, interrupted }: Fetched) =>
    runs.length + interrupted.length > 0 && runs.every(isWhole)
  if (runIds !== undefined) {
    const namespace = search.namespace ?? ''
    const fetched = inOrder(new Set(runIds), READS_UNDER_WAY, (runId, signal) =>
      patience.until(() => fetchRunOrItsEnd(backend, { namespace, runId }), areWhole, signal),
    )
    yield* last === undefined ? wanted(fetched, search) : newest(fetched, last, search)
    return
  }
  const found =
    traceIds === undefined ? yield* foundBySearch(backend, search) : [...new Set(traceIds)]
  const fetch = async (traceId: string, signal: AbortSignal): Promise<Fetched> => {
    const fetched = await patience.until(() => fetchTrace(backend, traceId), areWhole, signal)
    const { runs, interrupted, problems } = fetched
    if (traceIds !== undefined || runs.length + interrupted.length + problems.length > 0)
      return fetched
    return { ...fetched, problems: [`trace ${traceId}: ${NOT_BY_ID}`] }
  }
  if (last === undefined) {
    yield* wanted(inOrder(found, READS_UNDER_WAY, fetch), search)
  } else {
    yield* newest(inOrder(found.toReversed(), READS_UNDER_WAY, fetch), last, search)
  }
}

/** The traces that a search finds, oldest first. */
async function* foundBySearch(
  backend: TraceBackend,
  search: RunSearch,
): AsyncGenerator<RunSearchItem, string[]> {
  const ends = new Map<string, bigint>()
  const said = new Set<string>()
  const query = queryFor(search.selection)
  if (search.selection.sinceUnixNano === undefined) said.add(notBefore(query.sinceUnixNano))
  for await (const item of backend.search(query)) {
    if (item.kind === 'unseen') said.add(item.problem)
    else {
      const known = ends.get(item.traceId) ?? item.endUnixNano
      ends.set(item.traceId, known > item.endUnixNano ? known : item.endUnixNano)
    }
  }
  for (const problem of said) yield { kind: 'unseen', problem }
  // Traces that end together come in the order of their ids, as runs do.
  return [...ends]
    .map(([traceId, endedUnixNano]) => ({ traceId, runId: traceId, endedUnixNano }))
    .sort(oldestFirst)
    .map(({ traceId }) => traceId)
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

async function* wanted(
  fetched: AsyncIterable<Fetched>,
  { selection, namespace }: RunSearch,
): AsyncGenerator<RunSearchItem> {
  const given = new Set<string>()
  for await (const { runs, interrupted, problems, spans } of fetched) {
    yield { kind: 'read', runs, spans }
    // What could not be read of a trace costs nothing where every run in it is whole all the same.
    if (runs.length + interrupted.length === 0 || !runs.every(isWhole)) {
      for (const problem of problems) yield { kind: 'problem', problem }
    }
    for (const trace of interrupted) {
      if (namespace !== undefined && trace.namespace !== namespace) continue
      if (wantsInterrupted(selection, trace)) yield { kind: 'interrupted', trace }
    }
    for (const run of runs) {
      const name = JSON.stringify([run.namespace, run.runId])
      if (given.has(name)) continue
      if (namespace !== undefined && run.namespace !== namespace) continue
      if (!wantsImportedRun(selection, run)) continue
      given.add(name)
      yield { kind: 'run', run }
    }
  }
}

/** Runs that come about newest first; the newest `count` of them, oldest first. */
async function* newest(
  fetched: AsyncIterable<Fetched>,
  count: number,
  search: RunSearch,
): AsyncGenerator<RunSearchItem> {
  const runs: ImportedRun[] = []
  const { runIds, traceIds } = search.selection
  const isNamed = runIds !== undefined || traceIds !== undefined
  for await (const item of wanted(fetched, search)) {
    if (item.kind === 'run') runs.push(item.run)
    else yield item
    if (!isNamed && runs.length === count) break
  }
  const inTime = runs.map(placeOf).sort(oldestFirst).slice(-count)
  for (const { run } of count === 0 ? [] : inTime) yield { kind: 'run', run }
}
