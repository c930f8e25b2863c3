/**
 * Whether a watcher is alive, and whether it can do its work, for those who ask from outside.
 *
 * The two are told apart because of what is done about them: a watcher that is not alive is started
 * again; one that waits for a database or a target is not, because that would mend nothing.
 */
import type { WatchEvent } from '../bridge/watch/watch-event.js'
import { withoutSaidSecrets } from './said-text.js'
import { printable } from './view/printable.js'
import { shorten } from './view/terminal-text.js'

/** What is answered. */
export interface Verdict {
  readonly isWell: boolean
  /** Why not, one sentence each, without secrets; empty where all is well. */
  readonly reasons: readonly string[]
}

/** The shortest silence after which a watcher does not count as alive, in ms. */
const SHORTEST_SILENCE_MS = 5 * 60_000
const LOOKS_MISSED = 10
const LONGEST_REASON = 500

/**
 * The health of one watcher.
 *
 * @example
 * const health = new WatchHealth(5000)
 * health.observe({ kind: 'look', waiting: 0 })
 * health.alive().isWell // true
 */
export class WatchHealth {
  readonly #silenceMs: number
  readonly #now: () => number
  #heardAt: number
  /** Whether it was found out yet how it goes. */
  #isTold = false
  #source: string | undefined
  #target: string | undefined

  /**
   * @param everyMs the time between looks, in ms
   * @param now a clock that never goes back, in ms
   */
  constructor(everyMs: number, now: () => number = () => performance.now()) {
    this.#silenceMs = Math.max(LOOKS_MISSED * everyMs, SHORTEST_SILENCE_MS)
    this.#now = now
    this.#heardAt = now()
  }

  /** Takes note of something that happened. */
  observe(event: WatchEvent): void {
    this.#heardAt = this.#now()
    switch (event.kind) {
      case 'source':
        this.#isTold = true
        this.#source = problemIn('the state database cannot be read', event)
        break
      case 'target':
        this.#target = problemIn('runs cannot be delivered', event)
        break
      case 'look':
      case 'run':
        this.#isTold = true
        break
      case 'journal':
      case 'other':
      case 'others_failed':
        break
    }
  }

  /**
   * Whether looks go on: well until nothing was heard for ten looks, and for five minutes. A first
   * look may take hours, so whatever happens in it is a sign of life too.
   */
  alive(): Verdict {
    const silentMs = this.#now() - this.#heardAt
    if (silentMs <= this.#silenceMs) return verdict([])
    const seconds = (ms: number) => `${Math.round(ms / 1000)} s`
    return verdict([
      `nothing was heard of the watcher for ${seconds(silentMs)}; expected a look at least every ${seconds(this.#silenceMs)}`,
    ])
  }

  /** Whether the state database was seen, and it and the target are there as far as is known. */
  ready(): Verdict {
    const reasons = [this.#source, this.#target].filter((reason) => reason !== undefined)
    if (this.#isTold) return verdict(reasons)
    return verdict([...reasons, 'the state database has not been looked at yet'])
  }
}

function problemIn(
  what: string,
  { isThere, problem }: { readonly isThere: boolean; readonly problem?: string },
): string | undefined {
  if (isThere) return undefined
  const words = problem === undefined ? what : `${what}: ${problem}`
  return shorten(printable(withoutSaidSecrets(words)), LONGEST_REASON)
}

function verdict(reasons: readonly string[]): Verdict {
  return { isWell: reasons.length === 0, reasons }
}
