/**
 * A run as it is correlated: when it was, and what is known of its source. Of its journal nothing else
 * is needed, so that one that came back in part, or that was never written, will do.
 */
import { isWhole } from '../../mapping/imported-run.js'
import type { InterruptedTrace } from '../../mapping/interrupted-trace.js'
import { RivetOtelError } from '../../problem.js'
import type { JournalSource } from '../../sources/source.js'
import type { RunRecord } from '../../state/run-record.js'
import { type SourceAddress, sourceAddress } from '../../state/source-address.js'
import type { UnjournaledRun } from '../../state/unjournaled-run.js'
import { importRuns } from '../import-runs.js'
import { holdsJournals, type OpenedPlace } from '../open-place.js'
import { type ChunkChoice, type LookedAt, lookedAt } from './time-window.js'

/** What to look for. */
export interface RunWanted {
  readonly runId: string
  /** The namespace that it was sent with, where traces are read; any where it is absent. */
  readonly namespace?: string | undefined
  /** Which part of it; the whole run where it is absent. */
  readonly chunk?: ChunkChoice | undefined
  /** How long a server is asked again for a run that is not there yet, or not whole, in ms. */
  readonly waitMs?: number
}

/** A run that was found. */
export interface RunToCorrelate {
  readonly runId: string
  readonly exportName: string
  /** What it was sent with; only of traces. */
  readonly namespace?: string
  readonly lookedAt: LookedAt
  /** Absent where the place does not know it. */
  readonly source?: SourceAddress
  /** The traces that it was found in; none where a journal was read. */
  readonly traceIds: readonly string[]
  /** What is to be said of it, one sentence each. */
  readonly notes: readonly string[]
}

/**
 * Finds a run in a place; `undefined` where it does not have it.
 *
 * @throws {RivetOtelError} where the place cannot be read, and `USAGE` where the run has no such chunk.
 * @example
 * const run = await findRun(opened, { runId: 'orders_1', chunk: 'longest' })
 */
export async function findRun(
  place: OpenedPlace,
  wanted: RunWanted,
): Promise<RunToCorrelate | undefined> {
  return holdsJournals(place) ? inSource(place, wanted) : inTraces(place, wanted)
}

async function inSource(
  source: JournalSource,
  { runId, chunk }: RunWanted,
): Promise<RunToCorrelate | undefined> {
  const problems: string[] = []
  let found: RunToCorrelate | undefined
  for await (const item of source.read({ runIds: [runId] })) {
    if (item.kind === 'unreadable') {
      if (item.runId === undefined || item.runId === runId)
        problems.push(`${item.where}: ${item.problem}`)
      continue
    }
    const { export_name: exportName } = item.journal
    const record = (await source.records?.of([{ runId, exportName }]))?.get(runId)
    const looked = lookedAt(item.journal, chunk)
    found = { ...foundIn(runId, exportName, looked, record), notes: problems }
  }
  if (found !== undefined) return found
  for await (const item of source.records?.unjournaled({ runIds: [runId] }) ?? []) {
    if (item.kind === 'unjournaled' && item.runId === runId) return unjournaled(item, chunk)
  }
  const [problem] = problems
  if (problem !== undefined) throw new RivetOtelError('INVALID_JOURNAL', problem)
  return undefined
}

function foundIn(
  runId: string,
  exportName: string,
  looked: LookedAt,
  record: RunRecord | undefined,
): RunToCorrelate {
  const source = sourceAddress(record?.status?.source ?? '')
  const engine = record?.metrics?.sourceType
  const known = source ?? (engine === undefined ? undefined : { engine })
  return {
    runId,
    exportName,
    lookedAt: looked,
    ...(known !== undefined && { source: known }),
    traceIds: [],
    notes: [],
  }
}

function unjournaled(run: UnjournaledRun, chunk: ChunkChoice | undefined): RunToCorrelate {
  const { runId, exportName, state, startedUnixNano, endedUnixNano, record } = run
  refuseChunk(chunk, state)
  const looked = timeBetween(startedUnixNano, endedUnixNano ?? BigInt(Date.now()) * 1_000_000n)
  const until = endedUnixNano === undefined ? 'until now' : UNTIL_NOTICED
  return {
    ...foundIn(runId, exportName, looked, record),
    notes: [withoutJournal(state, until)],
  }
}

function refuseChunk(chunk: ChunkChoice | undefined, state: string): void {
  if (chunk === undefined) return
  throw new RivetOtelError(
    'USAGE',
    `--chunk: the run left no journal (${state}), so the times of its chunks are not known`,
    { hint: 'Without --chunk the whole run is looked at.' },
  )
}

function timeBetween(startUnixNano: bigint, end: bigint): LookedAt {
  return { startUnixNano, endUnixNano: end > startUnixNano ? end : startUnixNano + 1n }
}

const UNTIL_NOTICED = 'until rivet noticed that it had ended'

function withoutJournal(state: string, until: string): string {
  return `the run left no journal (${state}); what is looked at is the time from its start ${until}`
}

async function inTraces(
  traces: Exclude<OpenedPlace, JournalSource>,
  { runId, namespace, chunk, waitMs }: RunWanted,
): Promise<RunToCorrelate | undefined> {
  const { runs, interrupted, problems } = await importRuns(traces, {
    selection: { runIds: [runId] },
    namespace,
    waitMs,
  })
  const said = problems.map(({ problem }) => problem)
  const run = runs.at(-1)
  const killed = interrupted.at(-1)
  if (run === undefined)
    return killed === undefined ? undefined : interruptedRun(killed, chunk, said)
  const journal = isWhole(run) ? run.journal : run.fragment
  const incomplete = isWhole(run)
    ? []
    : [`the run came back ${run.status}, so it may have lasted longer: ${run.reasons.join('; ')}`]
  return {
    runId,
    exportName: run.exportName,
    namespace: run.namespace,
    lookedAt: lookedAt(journal, chunk),
    traceIds: run.traceIds,
    notes: [...incomplete, ...said],
  }
}

function interruptedRun(
  { runId, exportName, namespace, traceId, startUnixNano, noticedUnixNano }: InterruptedTrace,
  chunk: ChunkChoice | undefined,
  problems: readonly string[],
): RunToCorrelate {
  refuseChunk(chunk, 'interrupted')
  const isKnown = noticedUnixNano !== undefined
  const until = isKnown ? UNTIL_NOTICED : 'alone: when rivet noticed its end did not come'
  return {
    runId,
    exportName,
    namespace,
    lookedAt: timeBetween(startUnixNano, noticedUnixNano ?? startUnixNano),
    traceIds: [traceId],
    notes: [withoutJournal('interrupted', until), ...problems],
  }
}
