/**
 * The attempts at the chunks of a run, and which of them share a line of the waterfall.
 *
 * What an attempt is, the mapping decides; nothing is paired here.
 */
import { fieldsOf, type Integer } from '../../journal/events.js'
import { chunkIndexKey, type JournalEntry } from '../../journal/run-journal.js'
import { type ChunkTiming, chunkAttempts } from '../../mapping/chunk-attempts.js'
import type { EntryTimes } from '../../mapping/times.js'

/** One attempt at a chunk, as the waterfall shows it. */
export interface Attempt {
  readonly chunkIndex: Integer
  /** The range of keys; known only where the start was recorded. */
  readonly keys: { readonly start: string; readonly end: string } | undefined
  readonly timing: ChunkTiming
  readonly failed: boolean
  /** Nanoseconds since 1970: its start, or its end where only that was recorded. */
  readonly startUnixNano: bigint
  /** Nanoseconds since 1970; the start where the attempt has no duration. */
  readonly endUnixNano: bigint
  /** Whole milliseconds, cut off; `undefined` where the attempt has no duration. */
  readonly durationMs: bigint | undefined
  /** Rows of all its completions. */
  readonly rows: bigint | undefined
  /** The number of the attempt by the ChunkFailed that ends it. */
  readonly failedAttempt: Integer | undefined
  /** Whether it completed although a ChunkFailed came before. */
  readonly recovered: boolean
  /** Whether an earlier attempt was at the same chunk. */
  readonly again: boolean
}

/** A line of the waterfall stands for one attempt or for several neighbours; never for none. */
export type AttemptLine = readonly [Attempt, ...Attempt[]]

const NANOS_PER_MS = 1_000_000n
const MOST_LINES = 40
const SLOWEST_ALONE = 5
const FAILED_ALONE = 12

/**
 * The attempts of a run in the order of their times.
 *
 * @example
 * attemptsOf(journal.entries, new EntryTimes(journal.entries)).length // 16, for a run of 16 chunks
 */
export function attemptsOf(entries: readonly JournalEntry[], times: EntryTimes): Attempt[] {
  const { byOpener, otherEnds } = chunkAttempts(entries, times)
  const totals = new Map<number, AttemptTotal>()
  const addEnd = (opener: number, end: number) => {
    const total = totals.get(opener) ?? { rows: undefined, hasFailure: false }
    const completed = fieldsOf(entries[end]?.event ?? '', 'ChunkCompleted')
    if (completed === undefined) total.hasFailure = true
    else total.rows = (total.rows ?? 0n) + BigInt(completed.rows)
    totals.set(opener, total)
  }
  for (const [opener, { end }] of byOpener) if (end !== undefined) addEnd(opener, end)
  for (const [end, opener] of otherEnds) addEnd(opener, end)

  const seen = new Set<string>()
  return [...byOpener]
    .sort(([a], [b]) => compare(times.of(a), times.of(b)) || a - b)
    .flatMap(([opener, { start, end, failed, timing }]) => {
      const opening = fieldsOf(entries[start ?? -1]?.event ?? '', 'ChunkStarted')
      const failure = fieldsOf(entries[end ?? -1]?.event ?? '', 'ChunkFailed')
      const completion = fieldsOf(entries[end ?? -1]?.event ?? '', 'ChunkCompleted')
      const chunkIndex = (opening ?? failure ?? completion)?.chunk_index
      if (chunkIndex === undefined) return []
      const startUnixNano = times.of(opener)
      const endUnixNano = timing === 'measured' ? times.of(end ?? opener) : startUnixNano
      const again = seen.has(chunkIndexKey(chunkIndex))
      seen.add(chunkIndexKey(chunkIndex))
      return {
        chunkIndex,
        keys: opening && { start: opening.start_key, end: opening.end_key },
        timing,
        failed,
        startUnixNano,
        endUnixNano,
        durationMs:
          timing === 'measured' ? (endUnixNano - startUnixNano) / NANOS_PER_MS : undefined,
        rows: totals.get(opener)?.rows,
        failedAttempt: failure?.attempt,
        recovered: !failed && totals.get(opener)?.hasFailure === true,
        again,
      }
    })
}

/**
 * The attempt that took longest of those that did not fail.
 *
 * @example
 * longestOf(attempts)?.durationMs // 193n
 */
export function longestOf(attempts: readonly Attempt[]): Attempt | undefined {
  return slowestFirst(attempts.filter(({ failed }) => !failed))[0]
}

/**
 * Puts attempts on lines: one each, as long as there are few; otherwise neighbours share a line,
 * but for those that were much slower than others, and for the failed ones, of which the first
 * dozen stand alone.
 *
 * @example
 * toLines(attempts).length // at most 40
 */
export function toLines(attempts: readonly Attempt[]): AttemptLine[] {
  if (attempts.length <= MOST_LINES) return attempts.map((attempt) => [attempt])
  const alone = new Set([
    ...attempts.filter(({ failed }) => failed).slice(0, FAILED_ALONE),
    ...outliers(attempts),
  ])
  const runs = neighbours(attempts, alone)
  let size = Math.ceil(attempts.length / MOST_LINES)
  while (countLines(runs, size) > MOST_LINES) size = Math.ceil(size * 1.1)
  return runs.flatMap((run) => cut(run, size))
}

/** The slowest attempt, and others of the slowest that took at least twice the median. */
function outliers(attempts: readonly Attempt[]): Attempt[] {
  const sorted = slowestFirst(attempts)
  const median = durationOf(sorted[Math.floor(sorted.length / 2)])
  return sorted
    .slice(0, SLOWEST_ALONE)
    .filter((attempt, i) => i === 0 || durationOf(attempt) >= 2n * median)
}

interface AttemptTotal {
  rows: bigint | undefined
  hasFailure: boolean
}

function slowestFirst(attempts: readonly Attempt[]): Attempt[] {
  return attempts
    .filter(({ durationMs }) => durationMs !== undefined)
    .sort((a, b) => compare(durationOf(b), durationOf(a)))
}

/** Nanoseconds. */
function durationOf(attempt: Attempt | undefined): bigint {
  return attempt === undefined ? 0n : attempt.endUnixNano - attempt.startUnixNano
}

/** Each run of neighbours that may share lines, and each attempt that stands alone, in order. */
function neighbours(attempts: readonly Attempt[], alone: ReadonlySet<Attempt>): Attempt[][] {
  const runs: Attempt[][] = []
  let isOpen = false
  for (const attempt of attempts) {
    const isAlone = alone.has(attempt)
    if (isOpen && !isAlone) runs.at(-1)?.push(attempt)
    else runs.push([attempt])
    isOpen = !isAlone
  }
  return runs
}

function countLines(runs: readonly (readonly Attempt[])[], size: number): number {
  return runs.reduce((sum, { length }) => sum + Math.ceil(length / size), 0)
}

/** Cuts a run of neighbours into lines of nearly the same number of attempts. */
function cut(run: readonly Attempt[], size: number): AttemptLine[] {
  const count = Math.ceil(run.length / size)
  const lines: AttemptLine[] = []
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * run.length) / count)
    const [first, ...others] = run.slice(from, Math.floor(((i + 1) * run.length) / count))
    if (first !== undefined) lines.push([first, ...others])
  }
  return lines
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
