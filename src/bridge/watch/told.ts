/** What happens, on its way to whoever wants to be told. */
import type { WatchEvent } from './watch-event.js'

/**
 * Tells events in their order. Whoever is told may be slow; {@link Told.heard} waits for that.
 *
 * @example
 * told.tell({ kind: 'look', waiting: 0 })
 * await told.heard()
 */
export class Told {
  readonly #onEvent: ((event: WatchEvent) => unknown) | undefined
  readonly #telling: Promise<unknown>[] = []

  constructor(onEvent: ((event: WatchEvent) => unknown) | undefined) {
    this.#onEvent = onEvent
  }

  tell(event: WatchEvent): void {
    const telling = new Promise((resolve) => resolve(this.#onEvent?.(event)))
    // What is thrown waits until somebody asks whether it was heard.
    telling.catch(() => {})
    this.#telling.push(telling)
  }

  /** Whether `source` or `target` is there, as an event. */
  standing(kind: 'source' | 'target'): (isThere: boolean, problem?: string) => void {
    return (isThere, problem) =>
      this.tell({ kind, isThere, ...(problem === undefined ? {} : { problem }) })
  }

  /** @throws what the telling threw. */
  async heard(): Promise<void> {
    await Promise.all(this.#telling.splice(0))
  }
}
