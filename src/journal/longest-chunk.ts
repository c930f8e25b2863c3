/**
 * The longest time that a chunk took, as rivet's own journal answers it: the pairs of a `ChunkStarted`
 * and a `ChunkCompleted`.
 */
import { ChunkIndexMap } from './chunk-index-map.js'
import { type EntryInstants, instantsOf, NOT_PLAIN } from './entry-instants.js'
import { fieldsOf, type Integer } from './events.js'
import type { JournalEntry } from './run-journal.js'
import { parseTimestamp } from './timestamp.js'

const NANOS_PER_SECOND = 1_000_000_000
const NANOS_PER_MS = 1_000_000

/** So many seconds are still exact as nanoseconds in a double: about a hundred days. */
const MOST_EXACT_SECONDS = 9_000_000

/**
 * See `RunJournal.longestChunkMs`.
 *
 * @returns whole milliseconds; `undefined` where no chunk has both a start and an end
 * @example
 * longestChunkMs(journal.entries) // 193
 */
export function longestChunkMs(entries: readonly JournalEntry[]): number | undefined {
  const longest = new LongestChunk(entries)
  for (let i = 0; i < entries.length; i++) {
    const event = entries[i]?.event ?? ''
    const start = fieldsOf(event, 'ChunkStarted')
    const end = start === undefined ? fieldsOf(event, 'ChunkCompleted') : undefined
    if (start !== undefined) longest.start(start.chunk_index, i)
    else if (end !== undefined) longest.complete(end.chunk_index, i)
  }
  return longest.ms
}

/**
 * The same for whoever goes through the entries anyway.
 *
 * @example
 * const longest = new LongestChunk(entries)
 * longest.start(0, 1)
 * longest.complete(0, 2)
 * longest.ms // from entry 1 to entry 2
 */
export class LongestChunk {
  /** Whole milliseconds; `undefined` while no chunk has both a start and an end. */
  ms: number | undefined
  readonly #entries: readonly JournalEntry[]
  readonly #instants: EntryInstants
  readonly #started: ChunkIndexMap

  constructor(entries: readonly JournalEntry[]) {
    this.#entries = entries
    this.#instants = instantsOf(entries)
    this.#started = new ChunkIndexMap(entries.length)
  }

  /** A chunk started, by the entry at this index. */
  start(chunk: Integer, entry: number): void {
    this.#started.set(chunk, entry)
  }

  /** A chunk is completed, by the entry at this index. */
  complete(chunk: Integer, entry: number): void {
    const since = this.#started.get(chunk)
    if (since === undefined) return
    const ms = wholeMsBetween(this.#entries, this.#instants, since, entry)
    if (ms >= 0 && (this.ms === undefined || ms > this.ms)) this.ms = ms
  }
}

/** Cut off towards 0. */
function wholeMsBetween(
  entries: readonly JournalEntry[],
  instants: EntryInstants,
  from: number,
  to: number,
): number {
  const fromSeconds = instants.seconds[from] ?? NOT_PLAIN
  const toSeconds = instants.seconds[to] ?? NOT_PLAIN
  const seconds = toSeconds - fromSeconds
  if (
    fromSeconds !== NOT_PLAIN &&
    toSeconds !== NOT_PLAIN &&
    Math.abs(seconds) < MOST_EXACT_SECONDS
  ) {
    const between = (instants.nanos[to] ?? 0) - (instants.nanos[from] ?? 0)
    const nanos = seconds * NANOS_PER_SECOND + between
    return (nanos - (nanos % NANOS_PER_MS)) / NANOS_PER_MS
  }
  const nanos = unixNanoAt(entries, to) - unixNanoAt(entries, from)
  return Number(nanos / BigInt(NANOS_PER_MS))
}

function unixNanoAt(entries: readonly JournalEntry[], index: number): bigint {
  return parseTimestamp(entries[index]?.recorded_at ?? '').unixNano
}
