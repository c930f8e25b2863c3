/**
 * Which run went on with which: worked out from the rows of `run_status`, because rivet keeps no word
 * of it.
 *
 * A run that goes on with the work of a run that was killed or that failed writes under that run's
 * id, and at its end both rows are finished, the older one a moment before, with one status. So a row
 * that was finished during the life of a later run of the same export and source was finished by it:
 * two such runs never overlap, rivet's lease forbids that. What only looks like it (clocks that do not
 * agree) is told by the older run's journal, which then ends within the later run.
 *
 * Pure: it is given the rows, and when the journals ended.
 */
import { RangeMaximum } from './range-maximum.js'
import { countUpTo } from './sorted-numbers.js'

/** A row of `run_status`, as far as it tells when a run lived. */
export interface RunLife {
  readonly runId: string
  readonly exportName: string
  /** Absent before rivet recorded it. */
  readonly source?: string
  readonly status: string
  /** Nanoseconds since 1970. */
  readonly startedUnixNano?: bigint
  /** Nanoseconds since 1970. */
  readonly finishedUnixNano?: bigint
}

/** A run that went on with another one. */
export interface Resumption {
  /** The one that went on. */
  readonly runId: string
  /** The one whose work that was. */
  readonly resumedRunId: string
  /** Whether that one left a journal. */
  readonly hasJournal: boolean
  /**
   * When the work was interrupted at the latest, in nanoseconds since 1970: the next run of the same
   * export and source began.
   */
  readonly interruptedUnixNano: bigint
}

/** A run whose row was finished by a run: that one, or one that went on with it. */
export type FinishedLife = RunLife & {
  readonly startedUnixNano: bigint
  readonly finishedUnixNano: bigint
}

/**
 * The runs that others may have gone on with, by the rows alone: only of these it matters when their
 * journals ended.
 *
 * @param lives at least all rows of the same exports that overlap with those that matter.
 * @example
 * possiblyResumed(lives) // ['orders_1']
 */
export function possiblyResumed(lives: readonly RunLife[]): string[] {
  return alikeIn(lives).flatMap((alike) => {
    const starts = startsBySource(alike)
    return alike.flatMap((older) => {
      const next = nextStart(older, starts)
      return next !== undefined && next < older.finishedUnixNano ? [older.runId] : []
    })
  })
}

/**
 * Which run went on with which: with the newest of those that it may have gone on with, whose
 * journal, where it left one, ended before.
 *
 * The time follows the number of rows, whatever they say, but for the sorting.
 *
 * @param lives as for {@link possiblyResumed}
 * @param journals when the journals of the runs that may have been resumed ended, in nanoseconds
 *   since 1970; `undefined` for one that does not say it, and no entry for a run without a journal.
 * @example
 * findResumed(lives, new Map())
 */
export function findResumed(
  lives: readonly RunLife[],
  journals: ReadonlyMap<string, bigint | undefined>,
): Resumption[] {
  const starts = new Map(
    groupedBy(lives.filter(hasStarted), ({ exportName }) => exportName).map((ofExport) => [
      ofExport[0]?.exportName,
      startsBySource(ofExport.sort(earlierFirst)),
    ]),
  )
  return alikeIn(lives).flatMap((alike) =>
    resumedAmong(alike, journals).map(([by, older]) => ({
      runId: by.runId,
      resumedRunId: older.runId,
      hasJournal: journals.has(older.runId),
      interruptedUnixNano: nextStart(older, starts.get(older.exportName)) ?? older.finishedUnixNano,
    })),
  )
}

/**
 * Whether a row says that its run was finished by a run, itself or another: neither still running nor
 * only found dead.
 *
 * @example
 * isFinished({ runId: 'a', exportName: 'orders', status: 'running' }) // false
 */
export function isFinished(life: RunLife): life is FinishedLife {
  if (life.status === 'running' || life.status === 'interrupted') return false
  return life.startedUnixNano !== undefined && life.finishedUnixNano !== undefined
}

type StartedLife = RunLife & { readonly startedUnixNano: bigint }

function hasStarted(life: RunLife): life is StartedLife {
  return life.startedUnixNano !== undefined
}

/** Finished runs that are alike in export and status, those that began first before the others. */
function alikeIn(lives: readonly RunLife[]): FinishedLife[][] {
  const alike = groupedBy(lives.filter(isFinished), ({ exportName, status }) =>
    JSON.stringify([exportName, status]),
  )
  return alike.map((group) => group.sort(earlierFirst))
}

function earlierFirst(a: StartedLife, b: StartedLife): number {
  if (a.startedUnixNano !== b.startedUnixNano) return a.startedUnixNano < b.startedUnixNano ? -1 : 1
  return a.runId < b.runId ? -1 : 1
}

/** When runs began, in order: of each source, and of all. */
interface Starts {
  readonly ofAll: readonly bigint[]
  readonly ofSource: ReadonlyMap<string | undefined, readonly bigint[]>
}

function startsBySource(inOrder: readonly StartedLife[]): Starts {
  const bySource = groupedBy(inOrder, ({ source }) => source)
  return {
    ofAll: inOrder.map(startOf),
    ofSource: new Map(bySource.map((runs) => [runs[0]?.source, runs.map(startOf)])),
  }
}

/** When the first run after this one began that may read its source: rivet counts rows that name none as of any. */
function nextStart({ source, startedUnixNano }: StartedLife, starts: Starts | undefined) {
  const others = source === undefined ? starts?.ofAll : starts?.ofSource.get(source)
  return others?.[countUpTo(others, startedUnixNano)]
}

/** Pairs of a run and the one that it went on with. All runs are alike, and in order. */
function resumedAmong(
  inOrder: readonly FinishedLife[],
  journals: ReadonlyMap<string, bigint | undefined>,
): [FinishedLife, FinishedLife][] {
  const sources = new Map(
    groupedBy(inOrder, ({ source }) => source).map((runs) => [
      runs[0]?.source,
      new Resumable(runs),
    ]),
  )
  const resumable = inOrder.flatMap((run, place) => resumableFrom(run, place, journals))
  resumable.sort((a, b) => compared(a.from, b.from))
  const pairs: [FinishedLife, FinishedLife][] = []
  let known = 0
  for (const by of inOrder) {
    for (let next = resumable[known]; next && next.from <= by.startedUnixNano; ) {
      sources.get(next.run.source)?.add(next.run, next.place)
      next = resumable[++known]
    }
    const places = [...new Set([by.source, undefined])].flatMap(
      (source) => sources.get(source)?.newestFor(by) ?? [],
    )
    const older = inOrder[Math.max(...places, -1)]
    if (older !== undefined) pairs.push([by, older])
  }
  return pairs
}

/** From when on a run can be gone on with: after it began, and not before its journal ended. */
function resumableFrom(
  run: FinishedLife,
  place: number,
  journals: ReadonlyMap<string, bigint | undefined>,
) {
  const after = run.startedUnixNano + 1n
  const ended = journals.has(run.runId) ? journals.get(run.runId) : after
  return ended === undefined ? [] : [{ run, place, from: ended > after ? ended : after }]
}

/** The runs of one source, those that can be gone on with so far among them. */
class Resumable {
  /** By their run_ids, when they were finished, the first ones first. */
  readonly #places: ReadonlyMap<string, number>
  readonly #ends: readonly bigint[]
  readonly #newest: RangeMaximum

  constructor(runs: readonly FinishedLife[]) {
    const inOrder = runs.toSorted((a, b) => compared(a.finishedUnixNano, b.finishedUnixNano))
    this.#places = new Map(inOrder.map(({ runId }, place) => [runId, place]))
    this.#ends = inOrder.map(({ finishedUnixNano }) => finishedUnixNano)
    this.#newest = new RangeMaximum(inOrder.length)
  }

  /** @param number the newer a run is, the greater. */
  add({ runId }: FinishedLife, number: number): void {
    const place = this.#places.get(runId)
    if (place !== undefined) this.#newest.set(place, number)
  }

  /** The number of the newest one that was finished during the life of a run. */
  newestFor({ startedUnixNano, finishedUnixNano }: FinishedLife): number | undefined {
    const from = countUpTo(this.#ends, startedUnixNano)
    return this.#newest.over(from, countUpTo(this.#ends, finishedUnixNano))
  }
}

function compared(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function startOf({ startedUnixNano }: StartedLife): bigint {
  return startedUnixNano
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string | undefined): T[][] {
  const groups = new Map<string | undefined, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [item])
    else known.push(item)
  }
  return [...groups.values()]
}
