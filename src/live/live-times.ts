/**
 * When the entries of a run that goes on stand in its trace.
 *
 * Nothing is known of later entries, so an entry whose time is outside 1970 to 2100 goes with the time
 * of the one before it. Its own time is carried beside, as in an exported trace.
 */
import { parseTimestamp } from '../journal/timestamp.js'
import type { AttributesInTheMaking } from '../mapping/attributes.js'
import { isInside, putCarriedTime, type TimesInTrace } from '../mapping/times.js'

/** The times of the entries so far, in nanoseconds since 1970. */
export class LiveTimes implements TimesInTrace {
  readonly #entries: { readonly text: string; readonly unixNano: bigint; isMoved: boolean }[] = []
  #last: bigint
  #latest: bigint | undefined

  /** @param start what stands for the time of the first entry where its own is outside */
  constructor(start: bigint) {
    this.#last = start
  }

  /** The latest time so far; `undefined` before the first entry. */
  get latest(): bigint | undefined {
    return this.#latest
  }

  /** Takes note of the next entry's time. */
  add(text: string): void {
    const { unixNano } = parseTimestamp(text)
    const isMoved = !isInside(unixNano)
    if (!isMoved) this.#last = unixNano
    if (this.#latest === undefined || this.#last > this.#latest) this.#latest = this.#last
    this.#entries.push({ text, unixNano: this.#last, isMoved })
  }

  of(index: number): bigint {
    return this.#entries[index]?.unixNano ?? this.#last
  }

  isMoved(index: number): boolean {
    return this.#entries[index]?.isMoved === true
  }

  putCarried(
    attributes: AttributesInTheMaking,
    prefix: string,
    index: number,
    written: bigint,
    spanStart?: bigint,
  ): void {
    putCarriedTime(attributes, prefix, this.#entries[index]?.text ?? '', written, spanStart)
  }
}
