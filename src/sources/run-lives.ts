/**
 * Which runs went on with others, asked of the tables: `src/state/resumption.ts` says how it is told.
 *
 * `run_status` has no index over its exports, so it is gone through once; of what is found only the
 * rows are kept that overlap with a run that matters.
 */
import { formatTimestamp } from '../journal/timestamp.js'
import {
  type FinishedLife,
  findResumed,
  isFinished,
  possiblyResumed,
  type Resumption,
  type RunLife,
} from '../state/resumption.js'
import { countUpTo } from '../state/sorted-numbers.js'
import { STATUS_TEXTS, type StatusOfRun, statusIn } from './run-record-rows.js'
import { type Question, type StateRow, textOf, timeOf } from './state-query.js'

/** What is known of how some runs belong together. */
export interface Resumptions {
  /** By the run that went on. */
  readonly by: ReadonlyMap<string, Resumption>
  /** By the run that was gone on with. */
  readonly of: ReadonlyMap<string, Resumption>
}

const NONE: Resumptions = { by: new Map(), of: new Map() }

const SECOND_NANOS = 1_000_000_000n

/**
 * The rows of `run_status` about these runs, by run_id.
 *
 * @example
 * await ask(() => readStatuses(['orders_1']))
 */
export function* readStatuses(runIds: readonly string[]): Question<Map<string, StatusOfRun>> {
  const where = [{ column: 'run_id', among: runIds }]
  const { rows } = yield { table: 'run_status', texts: STATUS_TEXTS, where }
  const statuses = new Map<string, StatusOfRun>()
  for (const row of rows) {
    const status = statusIn(row)
    if (status !== undefined) statuses.set(status.life.runId, status)
  }
  return statuses
}

/**
 * Which of these runs went on with others, and with which of them others went on.
 *
 * @example
 * const { by } = await ask(() => findResumptions(lives))
 */
export function* findResumptions(lives: readonly RunLife[]): Question<Resumptions> {
  const finished = lives.filter(isFinished)
  if (finished.length === 0) return NONE
  const overlapping = yield* readOverlapping(finished)
  const candidates = possiblyResumed(overlapping)
  if (candidates.length === 0) return NONE
  const found = findResumed(overlapping, yield* readJournalEnds(candidates))
  return {
    by: new Map(found.map((one) => [one.runId, one])),
    of: new Map(found.map((one) => [one.resumedRunId, one])),
  }
}

/**
 * These runs, and every one of the same exports that began in the life of one of these, or lived when
 * one of these began. The database goes by the texts of the times, to the second; what that leaves is
 * looked at closely.
 */
function* readOverlapping(lives: readonly FinishedLife[]): Question<RunLife[]> {
  const starts = lives.map(({ startedUnixNano }) => startedUnixNano)
  const ends = lives.map(({ finishedUnixNano }) => finishedUnixNano)
  const isOverlapping = overlapWith(lives)
  const known = new Set(lives.map(({ runId }) => runId))
  const { rows } = yield {
    table: 'run_status',
    texts: ['run_id', 'export_name', 'status', 'started_at', 'finished_at', 'source'],
    where: [
      { column: 'export_name', among: [...new Set(lives.map(({ exportName }) => exportName))] },
      { column: 'started_at', before: secondOf(greatest(ends) + SECOND_NANOS) },
      { column: 'finished_at', afterOrNull: secondOf(least(starts)) },
    ],
    keep: (row) => {
      const life = statusIn(row)?.life
      return life !== undefined && !known.has(life.runId) && isOverlapping(life)
    },
  }
  return [...lives, ...rows.flatMap((row) => statusIn(row)?.life ?? [])]
}

function* readJournalEnds(runIds: readonly string[]): Question<Map<string, bigint | undefined>> {
  const { rows } = yield {
    table: 'run_journal',
    texts: ['run_id', 'finished_at'],
    where: [{ column: 'run_id', among: runIds }],
  }
  return new Map(rows.flatMap(journalEnd))
}

function journalEnd(row: StateRow): [string, bigint | undefined][] {
  const runId = textOf(row, 'run_id')
  return runId === undefined ? [] : [[runId, timeOf(row, 'finished_at')]]
}

/** By export: when runs began, in order, and when the last ended of those up to there. */
interface Timeline {
  readonly starts: readonly bigint[]
  readonly endsUpTo: readonly bigint[]
}

function overlapWith(lives: readonly FinishedLife[]): (life: RunLife) => boolean {
  const exports = new Map<string, FinishedLife[]>()
  for (const life of lives) {
    const known = exports.get(life.exportName)
    if (known === undefined) exports.set(life.exportName, [life])
    else known.push(life)
  }
  const timelines = new Map([...exports].map(([name, ofExport]) => [name, timelineOf(ofExport)]))
  return ({ exportName, startedUnixNano: start, finishedUnixNano: end }) => {
    const timeline = timelines.get(exportName)
    if (timeline === undefined || start === undefined) return false
    // Of two that began together, neither went on with the other.
    const lastEnd = timeline.endsUpTo[countUpTo(timeline.starts, start - 1n) - 1]
    if (lastEnd !== undefined && lastEnd > start) return true
    const next = timeline.starts[countUpTo(timeline.starts, start)]
    return next !== undefined && end !== undefined && end > next
  }
}

function timelineOf(lives: readonly FinishedLife[]): Timeline {
  const inOrder = [...lives].sort((a, b) => (a.startedUnixNano < b.startedUnixNano ? -1 : 1))
  const endsUpTo: bigint[] = []
  for (const { finishedUnixNano } of inOrder) {
    const before = endsUpTo.at(-1)
    endsUpTo.push(before !== undefined && before > finishedUnixNano ? before : finishedUnixNano)
  }
  return { starts: inOrder.map(({ startedUnixNano }) => startedUnixNano), endsUpTo }
}

/** As rivet begins a time, which it always writes in UTC: whatever is later sorts after it. */
function secondOf(unixNano: bigint): string {
  return formatTimestamp(unixNano).slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)
}

function greatest(numbers: readonly bigint[]): bigint {
  return numbers.reduce((a, b) => (a > b ? a : b), numbers[0] ?? 0n)
}

function least(numbers: readonly bigint[]): bigint {
  return numbers.reduce((a, b) => (a < b ? a : b), numbers[0] ?? 0n)
}
