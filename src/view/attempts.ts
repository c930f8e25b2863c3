/**
 * The attempts at the chunks of a run, in the order of their times.
 *
 * What an attempt is, the mapping decides; nothing is paired here.
 */
import { fieldsOf, type Integer } from '../journal/events.js'
import { chunkIndexKey, type JournalEntry } from '../journal/run-journal.js'
import { type ChunkTiming, chunkAttempts } from '../mapping/chunk-attempts.js'
import type { EntryTimes } from '../mapping/times.js'

/** One attempt at a chunk, as a waterfall shows it. */
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
  /** The files of all its completions, each once, in their order. */
  readonly files: readonly string[]
  /** What the ChunkFailed said that ends it; of one that recovered, the last before its end. */
  readonly error: string | undefined
  /** The number of the attempt by the ChunkFailed that ends it. */
  readonly failedAttempt: Integer | undefined
  /** Whether it completed although a ChunkFailed came before. */
  readonly recovered: boolean
  /** Whether an earlier attempt was at the same chunk. */
  readonly again: boolean
}

const NANOS_PER_MS = 1_000_000n

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
    const total = totals.get(opener) ?? { rows: undefined, files: new Set(), lastError: undefined }
    const event = entries[end]?.event ?? ''
    const completed = fieldsOf(event, 'ChunkCompleted')
    if (completed === undefined) total.lastError = fieldsOf(event, 'ChunkFailed')?.error
    else {
      total.rows = (total.rows ?? 0n) + BigInt(completed.rows)
      if (completed.file_name != null) total.files.add(completed.file_name)
    }
    totals.set(opener, total)
  }
  const ends = [...otherEnds]
  for (const [opener, { end }] of byOpener) if (end !== undefined) ends.push([end, opener])
  for (const [end, opener] of ends.sort(([a], [b]) => a - b)) addEnd(opener, end)

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
        files: [...(totals.get(opener)?.files ?? [])],
        error: failure?.error ?? totals.get(opener)?.lastError,
        failedAttempt: failure?.attempt,
        recovered: !failed && totals.get(opener)?.lastError !== undefined,
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
 * The attempts that have a duration, the slowest first.
 *
 * @example
 * slowestFirst(attempts).slice(0, 5)
 */
export function slowestFirst(attempts: readonly Attempt[]): Attempt[] {
  return attempts
    .filter(({ durationMs }) => durationMs !== undefined)
    .sort((a, b) => compare(durationOf(b), durationOf(a)))
}

/**
 * How long an attempt took, in nanoseconds; 0 for none.
 *
 * @example
 * durationOf(longestOf(attempts)) // 193_402_118n
 */
export function durationOf(attempt: Attempt | undefined): bigint {
  return attempt === undefined ? 0n : attempt.endUnixNano - attempt.startUnixNano
}

interface AttemptTotal {
  rows: bigint | undefined
  readonly files: Set<string>
  lastError: string | undefined
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
