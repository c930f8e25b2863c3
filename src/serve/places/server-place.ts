/**
 * The runs of a server that keeps traces: a search now and then, over the last minutes.
 *
 * The first search goes as far back as is asked for. Traces come late, so every later one looks
 * back a while. A server is asked seldom while nobody looks at the page.
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
}

const EVERY_MS = 15_000
const EVERY_UNWATCHED_MS = 60_000
/** How long after its end a run may come, in ms. */
const LATE_MS = 15 * 60_000
const PAGE = 50

/** A server. */
export class ServerPlace implements Place {
  readonly everyMs = EVERY_MS
  readonly #options: ServerPlaceOptions
  #lookedAt = Number.NEGATIVE_INFINITY
  /** When the last search that was answered began, in ms since 1970. */
  #searchedAt: number | undefined

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
    this.#lookedAt = performance.now()
    const startedAt = Date.now()
    const { open, index, selection } = this.#options
    const since = this.#searchedAt
    const reader = await open()
    const runs: ListedRun[] = []
    let count = 0
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
