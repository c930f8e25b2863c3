/**
 * Which entries of a journal belong to one attempt at a chunk.
 *
 * An attempt runs from a ChunkStarted to the ChunkCompleted of that index with the latest time (of
 * two at the same time the later entry), else to such a ChunkFailed, before the index starts again.
 * Its other ends are span events on it. An end that nothing started is an attempt of its own.
 */
import { ChunkIndexMap } from '../journal/chunk-index-map.js'
import { type EventFields, type Integer, kindOf, type RunEvent } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
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

/** The same by the places of the entries, for who goes through all of them. */
export interface PlacedAttempts {
  /** Of each entry the attempt that it opens, if it does. */
  readonly opened: readonly (ChunkAttempt | undefined)[]
  /** Of each entry 1 where it ends an attempt that another entry opens. */
  readonly isEnd: Uint8Array
  /** See {@link ChunkAttempts}. */
  readonly otherEnds: ReadonlyMap<number, number>
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
  const { opened, otherEnds } = placedAttempts(entries, times)
  const byOpener = new Map<number, ChunkAttempt>()
  opened.forEach((attempt, index) => {
    if (attempt !== undefined) byOpener.set(index, attempt)
  })
  return { byOpener, otherEnds }
}

/**
 * Finds the attempts in a journal's entries, like {@link chunkAttempts}.
 *
 * @example
 * placedAttempts(journal.entries, new EntryTimes(journal.entries)).opened[1]?.timing // 'measured'
 */
export function placedAttempts(
  entries: readonly JournalEntry[],
  times: TimesInTrace,
): PlacedAttempts {
  const opened = new Array<ChunkAttempt | undefined>(entries.length).fill(undefined)
  const isEnd = new Uint8Array(entries.length)
  const otherEnds = new Map<number, number>()
  const lastStart = new ChunkIndexMap(entries.length)

  for (let index = 0; index < entries.length; index++) {
    const event = entries[index]?.event ?? ''
    const kind = kindOf(event)
    if (kind !== 'ChunkStarted' && kind !== 'ChunkCompleted' && kind !== 'ChunkFailed') continue
    const chunk = chunkOf(event, kind)
    if (chunk === undefined) continue
    if (kind === 'ChunkStarted') {
      lastStart.set(chunk, index)
      opened[index] = { start: index, failed: false, timing: 'start_only' }
      continue
    }
    const failed = kind === 'ChunkFailed'
    const start = lastStart.get(chunk)
    if (start === undefined) {
      opened[index] = { end: index, failed, timing: 'end_only' }
      continue
    }
    const known = opened[start]
    if (known?.end !== undefined) {
      if (!isRatherTheEnd(index, failed, known.end, known.failed, times)) {
        otherEnds.set(index, start)
        continue
      }
      otherEnds.set(known.end, start)
      isEnd[known.end] = 0
    }
    opened[start] = { start, end: index, failed, timing: timingOf(start, index, times) }
    isEnd[index] = 1
  }
  return { opened, isEnd, otherEnds }
}

/** Whether of two ends the one that comes later in the journal counts: completed before failed, else by time. */
function isRatherTheEnd(
  index: number,
  failed: boolean,
  known: number,
  knownFailed: boolean,
  times: TimesInTrace,
): boolean {
  return failed === knownFailed ? !times.isBefore(index, known) : knownFailed
}

/** The index of the chunk that an event is about. */
function chunkOf(event: RunEvent, kind: string): Integer | undefined {
  if (typeof event === 'string') return undefined
  const { chunk_index } = event[kind as keyof typeof event] as EventFields<'ChunkStarted'>
  return chunk_index
}

/**
 * Whether the time from a start to an end was measured, or the two are `clamped`.
 *
 * @example
 * timingOf(1, 2, new EntryTimes(journal.entries)) // 'measured'
 */
export function timingOf(start: number, end: number, times: TimesInTrace): ChunkTiming {
  const measured = !times.isBefore(end, start) && !times.isMoved(start) && !times.isMoved(end)
  return measured ? 'measured' : 'clamped'
}
