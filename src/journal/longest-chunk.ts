/**
 * The longest time that a chunk took, as rivet's own journal answers it: the pairs of a `ChunkStarted`
 * and a `ChunkCompleted`.
 */
import { exactInteger } from '../json/lossless.js'
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
  const instants = instantsOf(entries)
  const started = new ChunkStarts(entries.length)
  let longest: number | undefined
  for (let i = 0; i < entries.length; i++) {
    const event = entries[i]?.event ?? ''
    const start = fieldsOf(event, 'ChunkStarted')
    if (start !== undefined) {
      started.set(start.chunk_index, i)
      continue
    }
    const end = fieldsOf(event, 'ChunkCompleted')
    const since = end === undefined ? NEVER : started.get(end.chunk_index)
    if (since === NEVER) continue
    const ms = wholeMsBetween(entries, instants, since, i)
    if (ms >= 0 && (longest === undefined || ms > longest)) longest = ms
  }
  return longest
}

const NEVER = -1

/** At which entry each chunk started last. Chunks count from 0, nearly always. */
class ChunkStarts {
  /** One more than the index of the entry, 0 where there is none. */
  readonly #low: Uint32Array
  readonly #others = new Map<Integer, number>()

  constructor(lowest: number) {
    this.#low = new Uint32Array(lowest)
  }

  set(chunk: Integer, entry: number): void {
    if (this.#isLow(chunk)) this.#low[chunk] = entry + 1
    else this.#others.set(exactInteger(chunk), entry)
  }

  get(chunk: Integer): number {
    if (this.#isLow(chunk)) return (this.#low[chunk] ?? 0) - 1
    return this.#others.get(exactInteger(chunk)) ?? NEVER
  }

  #isLow(chunk: Integer): chunk is number {
    return typeof chunk === 'number' && chunk >>> 0 === chunk && chunk < this.#low.length
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
