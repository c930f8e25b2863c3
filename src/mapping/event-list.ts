/** The events of one span: how many, and how much of them, it takes. */
import { MAX_EVENT_BYTES_PER_SPAN, MAX_EVENTS_PER_SPAN } from './size.js'

/** How large the events are that a list may take, by their indices, in bytes by the formula. */
export interface EventSizes {
  /** Not less than {@link EventSizes.sizeOf}, and quicker. */
  mostOf(index: number): number
  sizeOf(index: number): number
}

/**
 * The events of one span, as many as it may have. Once one did not fit, no later one does.
 *
 * @example
 * const events = new EventList(new EntrySizes(journal.entries, times))
 * if (!events.take(7)) overflow.takeFirst(7)
 */
export class EventList {
  /** The indices of the entries that are its events, in order. */
  readonly indices: number[] = []
  readonly #sizes: EventSizes
  /** Not less than what its events take. */
  #most = 0
  /** How many of them were measured, the first ones, and what these take. */
  #measured = 0
  #measuredBytes = 0
  #full = false

  constructor(sizes: EventSizes) {
    this.#sizes = sizes
  }

  /** Whether it is known that no further event fits. */
  get isFull(): boolean {
    return this.#full || this.indices.length >= MAX_EVENTS_PER_SPAN || !this.#hasRoomFor(1)
  }

  /** Takes an event where it has room for it; says whether it did. */
  take(index: number): boolean {
    if (this.#full) return false
    const most = this.#sizes.mostOf(index)
    this.#full =
      this.indices.length >= MAX_EVENTS_PER_SPAN ||
      (this.#most + most > MAX_EVENT_BYTES_PER_SPAN && !this.#hasRoomFor(this.#sizes.sizeOf(index)))
    if (this.#full) return false
    this.#add(index, most)
    return true
  }

  /** Takes an event of any size: one that is too large for every span has a span to itself. */
  takeFirst(index: number): void {
    this.#add(index, this.#sizes.mostOf(index))
  }

  #add(index: number, most: number): void {
    this.#most += most
    this.indices.push(index)
  }

  #hasRoomFor(bytes: number): boolean {
    if (this.#most + bytes <= MAX_EVENT_BYTES_PER_SPAN) return true
    for (; this.#measured < this.indices.length; this.#measured++) {
      this.#measuredBytes += this.#sizes.sizeOf(this.indices[this.#measured] ?? 0)
    }
    this.#most = this.#measuredBytes
    return this.#most + bytes <= MAX_EVENT_BYTES_PER_SPAN
  }
}
