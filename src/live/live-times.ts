/**
 * When the entries of a run that goes on stand in its trace.
 *
 * Nothing is known of later entries, so an entry whose time is outside 1970 to 2100 goes with the time
 * of the one before it. Its own time is carried beside, as in an exported trace.
 */
import type { JournalEntry } from '../journal/run-journal.js'
import { parseTimestamp } from '../journal/timestamp.js'
import { isInside, type TimesInTrace } from '../mapping/times.js'

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
    const { unixNano } = parseTimestamp(recorded_at)
    if (isInside(unixNano)) this.#last = unixNano
    else this.#moved.add(this.#unixNanos.length)
    if (this.#latest === undefined || this.#last > this.#latest) this.#latest = this.#last
    this.#unixNanos.push(this.#last)
  }

  of(index: number): bigint {
    return this.#unixNanos[index] ?? this.#last
  }

  isMoved(index: number): boolean {
    return this.#moved.has(index)
  }
}
