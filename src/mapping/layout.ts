/**
 * Which span each entry of a journal goes to: the order of spans and events, before any is built.
 *
 * Chunk attempts are spans of their own. Every other entry is an event on the root, or, where it is
 * a further end of an attempt, on that attempt's span. A span that has its 100 events or 256 kB of
 * them takes no more; later ones go to spans named `entries`, in order.
 */
import type { JournalEntry } from '../journal/run-journal.js'
import { type ChunkAttempt, placedAttempts } from './chunk-attempts.js'
import { EntrySizes } from './entry-sizes.js'
import { EventList } from './event-list.js'
import { EntryTimes } from './times.js'

/** A span that is going to be built: what it is, and which entries are its events. */
export interface PlannedSpan {
  /** The index of the entry that opens it. */
  readonly opener: number
  /** The attempt it shows; absent on an `entries` span. */
  readonly attempt?: ChunkAttempt | undefined
  /** The indices of the entries that are its events, in order. */
  readonly events: readonly number[]
}

/** Where every entry of a journal goes. */
export interface Layout {
  readonly times: EntryTimes
  /** The indices of the entries that are events of the root. */
  readonly rootEvents: readonly number[]
  /** Every span but the root, in the order of the entries that open them. */
  readonly spans: readonly PlannedSpan[]
}

/**
 * Plans the spans of a journal.
 *
 * @example
 * planSpans(journal.entries).spans.length // 16, for a run of 16 chunks
 */
export function planSpans(entries: readonly JournalEntry[]): Layout {
  const times = new EntryTimes(entries)
  const { opened, isEnd, otherEnds } = placedAttempts(entries, times)
  const openersOfMore = new Set(otherEnds.values())

  const sizes = new EntrySizes(entries, times)
  const root = new EventList(sizes)
  const chunkEvents = new Map<number, EventList>()
  const spans: PlannedSpan[] = []
  let overflow: EventList | undefined

  for (let index = 0; index < entries.length; index++) {
    const attempt = opened[index]
    if (attempt !== undefined) {
      spans.push({ opener: index, attempt, events: eventsOfChunk(index) })
      continue
    }
    if (isEnd[index] === 1) continue
    const opener = otherEnds.get(index)
    const home = (opener === undefined ? undefined : chunkEvents.get(opener)) ?? root
    if (home.take(index) || overflow?.take(index)) continue
    overflow = new EventList(sizes)
    overflow.takeFirst(index)
    spans.push({ opener: index, attempt: undefined, events: overflow.indices })
  }
  return { times, rootEvents: root.indices, spans }

  function eventsOfChunk(opener: number): readonly number[] {
    if (!openersOfMore.has(opener)) return NONE
    const events = new EventList(sizes)
    chunkEvents.set(opener, events)
    return events.indices
  }
}

const NONE: readonly never[] = []
