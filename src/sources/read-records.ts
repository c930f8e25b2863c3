/**
 * What the tables know of some runs beside their journals, put together from their rows.
 *
 * The rows of a run that went on with another one stand under that other one's id. Whose a row is
 * follows from when it was written: until the next run of its export and source began, it is the
 * older one's. Without resumptions the times are not looked at.
 */
import type { HarmCounter, RunMetrics, RunRecord } from '../state/run-record.js'
import { findResumptions, type Resumptions, readStatuses } from './run-lives.js'
import {
  addedUp,
  harmIn,
  METRICS_INTEGERS,
  METRICS_TEXTS,
  metricsIn,
  type Noted,
  type StatusOfRun,
} from './run-record-rows.js'
import type { RunListing } from './source.js'
import type { Condition, Question, StateRow } from './state-query.js'
import { integerOf } from './state-query.js'

/** `export_metrics` has no index over run_id, and mostly the latest runs are asked for. */
const LATEST_METRICS = [100, 5_000]

/**
 * What is known of these runs, by run_id; a run of which nothing is known is not in it.
 *
 * @param runs a few thousand at most: they are asked for at once.
 * @param known how these runs and others belong together, where that was asked before.
 * @example
 * await ask(() => readRecords(runs))
 */
export function* readRecords(
  runs: readonly RunListing[],
  known?: Resumptions,
): Question<Map<string, RunRecord>> {
  const statuses = yield* readStatuses(runs.map(({ runId }) => runId))
  const resumptions =
    known ?? (yield* findResumptions([...statuses.values()].map(({ life }) => life)))
  const shares = runs.map((run) => shareOf(run, statuses.get(run.runId), resumptions))
  const metrics = yield* readMetrics(shares)
  const harm = yield* readHarm(shares)
  const records = new Map<string, RunRecord>()
  for (const share of shares) {
    const { runId, exportName } = share.run
    const status = statuses.get(runId)?.row
    const lastMetrics = theLast(rowsOf(share, metrics))
    const counters = addedUp(rowsOf(share, harm).map(({ value }) => value))
    const resumption = resumptions.by.get(runId)
    if (status === undefined && lastMetrics === undefined && counters.length === 0) continue
    records.set(runId, {
      runId,
      exportName,
      ...(status === undefined ? {} : { status }),
      ...(lastMetrics === undefined ? {} : { metrics: lastMetrics }),
      harm: counters,
      ...(resumption === undefined
        ? {}
        : { resumed: { runId: resumption.resumedRunId, hasJournal: resumption.hasJournal } }),
    })
  }
  return records
}

/** Which rows are a run's. */
interface Share {
  readonly run: RunListing
  /** Of those under its own id, the ones up to this time; absent for all of them. */
  readonly untilUnixNano?: bigint
  /** Where there are none: those under this id, after this time. */
  readonly resumed?: { readonly runId: string; readonly sinceUnixNano: bigint }
}

function shareOf(run: RunListing, status: StatusOfRun | undefined, of: Resumptions): Share {
  const life = status?.life
  const until =
    of.of.get(run.runId)?.interruptedUnixNano ??
    (life?.status === 'interrupted' ? life.finishedUnixNano : undefined)
  const resumption = of.by.get(run.runId)
  const since = life?.startedUnixNano
  return {
    run,
    ...(until === undefined ? {} : { untilUnixNano: until }),
    ...(resumption === undefined || since === undefined
      ? {}
      : { resumed: { runId: resumption.resumedRunId, sinceUnixNano: since } }),
  }
}

function isByTime({ untilUnixNano, resumed }: Share): boolean {
  return untilUnixNano !== undefined || resumed !== undefined
}

function rowsOf<T>(
  { run, untilUnixNano, resumed }: Share,
  rows: ReadonlyMap<string, readonly Noted<T>[]>,
): readonly Noted<T>[] {
  const all = rows.get(run.runId) ?? []
  const own =
    untilUnixNano === undefined
      ? all
      : all.filter(({ notedUnixNano: at }) => at !== undefined && at <= untilUnixNano)
  if (own.length > 0 || resumed === undefined) return own
  return (rows.get(resumed.runId) ?? []).filter(
    ({ notedUnixNano: at }) => at !== undefined && at > resumed.sinceUnixNano,
  )
}

/** A row that is not final only counts where no other does: it may be of a run that goes on with this one. */
function theLast(rows: readonly Noted<RunMetrics>[]): RunMetrics | undefined {
  const last = rows.findLast(isFinal) ?? rows.at(-1)
  return last?.value
}

function isFinal({ value }: Noted<RunMetrics>): boolean {
  return value.status !== 'running'
}

type MetricsByRun = Map<string, Noted<RunMetrics>[]>

/** By run_id, in the order in which they were written. */
function* readMetrics(shares: readonly Share[]): Question<MetricsByRun> {
  const found: MetricsByRun = new Map()
  for (const latest of LATEST_METRICS) {
    const open = shares.filter((share) => !hasFinalRow(share, found))
    if (open.length === 0) return found
    const late = yield* metricsWhere([
      { column: 'id', latest },
      { column: 'run_id', among: namesIn(open) },
    ])
    for (const [runId, rows] of late) found.set(runId, rows)
  }
  const missing = shares.filter((share) => rowsOf(share, found).length === 0)
  if (missing.length === 0) return found
  const exports = new Set(missing.map(({ run }) => run.exportName))
  const older = yield* metricsWhere([
    { column: 'export_name', among: [...exports] },
    { column: 'run_id', among: namesIn(missing) },
  ])
  return new Map([...found, ...older])
}

/** Whether older rows cannot matter. */
function hasFinalRow(share: Share, found: MetricsByRun): boolean {
  return !isByTime(share) && rowsOf(share, found).some(isFinal)
}

function* metricsWhere(where: readonly Condition[]): Question<MetricsByRun> {
  const columns = { texts: METRICS_TEXTS, integers: METRICS_INTEGERS }
  const { rows } = yield { table: 'export_metrics', ...columns, where }
  return byRun([...rows].sort(byId).map(metricsIn))
}

function* readHarm(shares: readonly Share[]): Question<Map<string, Noted<HarmCounter>[]>> {
  const { rows } = yield {
    table: 'export_harm',
    // There are many, and mostly nobody asks when.
    texts: ['run_id', 'metric', ...(shares.some(isByTime) ? ['recorded_at'] : [])],
    integers: ['delta'],
    where: [{ column: 'run_id', among: namesIn(shares) }],
  }
  return byRun(rows.map(harmIn))
}

function namesIn(shares: readonly Share[]): string[] {
  const names = shares.flatMap(({ run, resumed }) => [
    run.runId,
    ...(resumed ? [resumed.runId] : []),
  ])
  return [...new Set(names)]
}

function byId(a: StateRow, b: StateRow): number {
  const [first, second] = [integerOf(a, 'id') ?? 0, integerOf(b, 'id') ?? 0]
  return first < second ? -1 : first > second ? 1 : 0
}

function byRun<T>(rows: readonly (Noted<T> | undefined)[]): Map<string, Noted<T>[]> {
  const runs = new Map<string, Noted<T>[]>()
  for (const row of rows) {
    if (row === undefined) continue
    const known = runs.get(row.runId)
    if (known === undefined) runs.set(row.runId, [row])
    else known.push(row)
  }
  return runs
}
