/**
 * Which entries of a journal belong to one attempt at a chunk.
 *
 * An attempt runs from a ChunkStarted to the ChunkCompleted of that index with the latest time (of
 * two at the same time the later entry), else to such a ChunkFailed, before the index starts again.
 * Its other ends are span events on it. An end that nothing started is an attempt of its own.
 */
import { openEvent } from '../journal/events.js'
import { chunkIndexKey, type JournalEntry } from '../journal/run-journal.js'
import type { TimesInTrace } from './times.js'

/** How the two ends of a chunk span are known; only `measured` has a duration. */
export type ChunkTiming = 'measured' | 'end_only' | 'start_only' | 'clamped'

/** One attempt at a chunk: the indices of its entries. */
export interface ChunkAttempt {
  /** The ChunkStarted; absent where nothing started it. */
  readonly start?: number
  /** The ChunkCompleted or ChunkFailed that ends it; absent where nothing ended it. */
  readonly end?: number
  readonly failed: boolean
  readonly timing: ChunkTiming
}

/** The attempts of a journal, and which attempt each of their entries belongs to. */
export interface ChunkAttempts {
  /** By the index of the entry that opens the attempt: its start, else its end. */
  readonly byOpener: ReadonlyMap<number, ChunkAttempt>
  /** For every other end of an attempt: the index of the entry that opens the attempt. */
  readonly otherEnds: ReadonlyMap<number, number>
}

interface OpenAttempt {
  readonly start: number
  readonly completed: number[]
  readonly failed: number[]
}

/**
 * Finds the attempts in a journal's entries.
 *
 * @example
 * chunkAttempts(journal.entries, new EntryTimes(journal.entries)).byOpener.get(1)?.timing // 'measured'
 */
export function chunkAttempts(
  entries: readonly JournalEntry[],
  times: TimesInTrace,
): ChunkAttempts {
  const byOpener = new Map<number, ChunkAttempt>()
  const otherEnds = new Map<number, number>()
  const running = new Map<string, OpenAttempt>()

  const close = (attempt: OpenAttempt) => {
    const closed = closeAttempt(attempt, times)
    byOpener.set(attempt.start, closed)
    for (const end of [...attempt.completed, ...attempt.failed]) {
      if (end !== closed.end) otherEnds.set(end, attempt.start)
    }
  }

  entries.forEach(({ event }, index) => {
    const opened = openEvent(event)
    switch (opened.kind) {
      case 'ChunkStarted': {
        const key = chunkIndexKey(opened.fields.chunk_index)
        const before = running.get(key)
        if (before !== undefined) close(before)
        running.set(key, { start: index, completed: [], failed: [] })
        return
      }
      case 'ChunkCompleted':
      case 'ChunkFailed': {
        const failed = opened.kind === 'ChunkFailed'
        const attempt = running.get(chunkIndexKey(opened.fields.chunk_index))
        if (attempt === undefined) byOpener.set(index, { end: index, failed, timing: 'end_only' })
        else (failed ? attempt.failed : attempt.completed).push(index)
        return
      }
      default:
        return
    }
  })
  for (const attempt of running.values()) close(attempt)
  return { byOpener, otherEnds }
}

function closeAttempt(
  { start, completed, failed }: OpenAttempt,
  times: TimesInTrace,
): ChunkAttempt {
  const hasFailed = completed.length === 0
  const end = latest(hasFailed ? failed : completed, times)
  if (end === undefined) return { start, failed: false, timing: 'start_only' }
  return { start, end, failed: hasFailed, timing: timingOf(start, end, times) }
}

/**
 * Whether the time from a start to an end was measured, or the two are `clamped`.
 *
 * @example
 * timingOf(1, 2, new EntryTimes(journal.entries)) // 'measured'
 */
export function timingOf(start: number, end: number, times: TimesInTrace): ChunkTiming {
  const measured = times.of(end) >= times.of(start) && !times.isMoved(start) && !times.isMoved(end)
  return measured ? 'measured' : 'clamped'
}

function latest(ends: readonly number[], times: TimesInTrace): number | undefined {
  let last: number | undefined
  for (const end of ends) if (last === undefined || times.of(end) >= times.of(last)) last = end
  return last
}
