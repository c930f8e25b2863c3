/**
 * When the entries of a run that goes on stand in its trace.
 *
 * Nothing is known of later entries, so an entry whose time is outside 1970 to 2100 goes with the time
 * of the one before it. Its own time is carried beside, as in an exported trace.
 */
import type { JournalEntry } from '../journal/run-journal.js'
import { parseTimestamp } from '../journal/timestamp.js'
import { isInside, NO_REMAINDER, remainderOf, type TimesInTrace } from '../mapping/times.js'

/**
 * The times of the entries so far, in nanoseconds since 1970.
 *
 * @example
 * const times = new LiveTimes(1795251219134436857n)
 * times.add(entry)
 */
export class LiveTimes implements TimesInTrace {
  readonly #unixNanos: bigint[] = []
  readonly #moved = new Set<number>()
  readonly #remainders: number[] = []
  #last: bigint
  #latest: bigint | undefined

  /**
   * @param start what stands for the time of the first entry where its own is outside
   */
  constructor(start: bigint) {
    this.#last = start
  }

  /** The latest time so far; `undefined` before the first entry. */
  get latest(): bigint | undefined {
    return this.#latest
  }

  /** Takes note of the next entry's time. */
  add({ recorded_at }: JournalEntry): void {
    const timestamp = parseTimestamp(recorded_at)
    const isMoved = !isInside(timestamp.unixNano)
    if (isMoved) this.#moved.add(this.#unixNanos.length)
    else this.#last = timestamp.unixNano
    this.#remainders.push(isMoved ? NO_REMAINDER : remainderOf(recorded_at, timestamp))
    if (this.#latest === undefined || this.#last > this.#latest) this.#latest = this.#last
    this.#unixNanos.push(this.#last)
  }

  of(index: number): bigint {
    return this.#unixNanos[index] ?? this.#last
  }

  isBefore(a: number, b: number): boolean {
    return this.of(a) < this.of(b)
  }

  isMoved(index: number): boolean {
    return this.#moved.has(index)
  }

  remainder(index: number): number {
    return this.#remainders[index] ?? NO_REMAINDER
  }
}
