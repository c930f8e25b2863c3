/**
 * The runs of a server that keeps traces: a search now and then, over the last minutes.
 *
 * The first search goes as far back as is asked for, and so does one now and then, since runs may be
 * sent long after they ended. The others look back a while. A server is asked seldom while nobody looks
 * at the page.
 */
import type { RunReader } from '../../bridge/run-reader.js'
import type { RunSelection } from '../../bridge/run-selection.js'
import type { RunIndex } from '../run-index.js'
import { type ListedRun, listedRun } from '../run-summary.js'
import type { LookSurroundings, Place } from './place.js'

/** What a server is shown with. */
export interface ServerPlaceOptions {
  /** As messages name it, without secrets. */
  readonly location: string
  readonly open: (namespace?: string) => Promise<RunReader>
  readonly index: RunIndex
  /** What the first search asks for. */
  readonly selection: RunSelection
  /** How long after a search for everything that is wanted there is another one, in ms. */
  readonly wholeEveryMs?: number
}

const EVERY_MS = 15_000
const EVERY_UNWATCHED_MS = 60_000
const WHOLE_EVERY_MS = 10 * 60_000
/** How long after its end a run may come and be found at once, in ms. */
const LATE_MS = 15 * 60_000
const PAGE = 50

/** A server. */
export class ServerPlace implements Place {
  readonly everyMs = EVERY_MS
  readonly #options: ServerPlaceOptions
  #lookedAt = Number.NEGATIVE_INFINITY
  /** When the last search that was answered began, in ms since 1970. */
  #searchedAt: number | undefined
  /** When the last search for everything began that was answered. */
  #searchedWholeAt = Number.NEGATIVE_INFINITY

  constructor(options: ServerPlaceOptions) {
    this.#options = options
  }

  get location(): string {
    return this.#options.location
  }

  async look({ isWatched, signal }: LookSurroundings): Promise<boolean> {
    // A look may come a little before its time.
    const leastMs = isWatched ? 0 : EVERY_UNWATCHED_MS - EVERY_MS / 2
    if (performance.now() - this.#lookedAt < leastMs) return false
    const now = performance.now()
    this.#lookedAt = now
    const startedAt = Date.now()
    const { open, index, selection, wholeEveryMs = WHOLE_EVERY_MS } = this.#options
    // While nobody looks there is no need; who comes back makes up for it.
    const isDue = isWatched && now - this.#searchedWholeAt >= wholeEveryMs
    const since = isDue ? undefined : this.#searchedAt
    const reader = await open()
    const runs: ListedRun[] = []
    let count = 0
    if (since === undefined) index.forgetUnreadable('from')
    try {
      for await (const item of reader.read(since === undefined ? selection : lately(since))) {
        if (signal.aborted) return false
        if (item.kind === 'unreadable' || item.kind === 'unseen') {
          index.unreadable('from', this.location, item.problem)
          continue
        }
        count = runs.push(listedRun(item))
        if (count % PAGE === 0) index.put('from', runs.splice(0))
      }
    } finally {
      index.put('from', runs)
      await reader.close()
    }
    this.#searchedAt = startedAt
    if (since === undefined) this.#searchedWholeAt = now
    return count > 0
  }

  open(namespace: string): Promise<RunReader> {
    return this.#options.open(namespace)
  }

  async close(): Promise<void> {}
}

function lately(sinceMs: number): RunSelection {
  return { sinceUnixNano: BigInt(sinceMs - LATE_MS) * 1_000_000n }
}
