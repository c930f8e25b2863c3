/** The events of one span: how many, and how much of them, it takes. */
import type { SpanEvent } from '../trace/trace.js'
import { MAX_EVENT_BYTES_PER_SPAN, MAX_EVENTS_PER_SPAN, sizeOfEvent } from './size.js'

/**
 * The events of one span, as many as it may have. Once one did not fit, no later one does.
 *
 * @example
 * const events = new EventList()
 * if (!events.take(7, event)) overflow.takeFirst(7, event)
 */
export class EventList {
  /** The indices of the entries that are its events, in order. */
  readonly indices: number[] = []
  #bytes = 0
  #full = false

  /** Whether it is known that no further event fits. */
  get isFull(): boolean {
    return (
      this.#full ||
      this.indices.length >= MAX_EVENTS_PER_SPAN ||
      this.#bytes >= MAX_EVENT_BYTES_PER_SPAN
    )
  }

  /** Takes an event where it has room for it; says whether it did. */
  take(index: number, event: SpanEvent): boolean {
    const bytes = sizeOfEvent(event)
    this.#full ||=
      this.indices.length >= MAX_EVENTS_PER_SPAN || this.#bytes + bytes > MAX_EVENT_BYTES_PER_SPAN
    if (this.#full) return false
    this.#bytes += bytes
    this.indices.push(index)
    return true
  }

  /** Takes an event of any size: one that is too large for every span has a span to itself. */
  takeFirst(index: number, event: SpanEvent): void {
    this.#bytes += sizeOfEvent(event)
    this.indices.push(index)
  }
}
