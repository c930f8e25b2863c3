/**
 * A delivery that sends no more than so many traces in a second.
 *
 * Tempo keeps a trace live for about 10 s; with default settings it drops those beyond 10,000 and
 * still answers 200. What a pause holds back is not sent yet, so nothing waits in memory for it.
 */
import { setTimeout as realSleep } from 'node:timers/promises'
import type { PageSubject, TracePage } from '../mapping/page.js'
import type { Delivery } from './delivery.js'

/** The clock of a pace, in ms. */
export interface PaceClock {
  readonly now?: () => number
  readonly sleep?: (ms: number, options: { readonly signal?: AbortSignal }) => Promise<unknown>
  /** Ends a pause, and no other begins. */
  readonly signal?: AbortSignal | undefined
}

/** What goes into the trace of a run that goes just before it. */
const IN_A_TRACE: readonly (PageSubject | undefined)[] = ['source', 'resumed_run', 'wrapper']

/**
 * Paces a delivery. A page is a trace, unless it only adds to one; those of one second may go at once.
 *
 * @example
 * const delivery = paced(openOtlpHttp(settings), settings.maxTracesPerSecond)
 */
export function paced(
  delivery: Delivery,
  tracesPerSecond: number,
  { now = () => performance.now(), sleep = pause, signal }: PaceClock = {},
): Delivery {
  const pace = new Pace(tracesPerSecond, { now, sleep, signal })
  return {
    location: delivery.location,
    ...(delivery.encoding === undefined ? {} : { encoding: delivery.encoding }),
    send: (pages) => delivery.send(pace.slow(pages)),
    held: (namespace, runId, subject) => delivery.held(namespace, runId, subject),
    lacking: (page) => delivery.lacking(page),
    close: () => delivery.close(),
  }
}

type Clock = Required<Omit<PaceClock, 'signal'>> & Pick<PaceClock, 'signal'>

async function pause(ms: number, options: { readonly signal?: AbortSignal }): Promise<void> {
  await realSleep(ms, undefined, options).catch(() => {})
}

/** Lets one through for each share of a second, and saves up to a second of them. */
class Pace {
  readonly #perMs: number
  readonly #most: number
  readonly #clock: Clock
  #saved: number
  #at: number

  constructor(perSecond: number, clock: Clock) {
    this.#perMs = perSecond / 1000
    this.#most = perSecond
    this.#clock = clock
    this.#saved = perSecond
    this.#at = clock.now()
  }

  async *slow(pages: AsyncIterable<TracePage>): AsyncGenerator<TracePage> {
    for await (const page of pages) {
      if (!IN_A_TRACE.includes(page.subject)) await this.#wait()
      yield page
    }
  }

  async #wait(): Promise<void> {
    const { signal } = this.#clock
    if (signal?.aborted) return
    const now = this.#clock.now()
    this.#saved = Math.min(this.#most, this.#saved + (now - this.#at) * this.#perMs)
    this.#at = now
    this.#saved--
    // What is owed is slept off; of several that wait at once each owes its own.
    if (this.#saved >= 0) return
    const ms = Math.ceil(-this.#saved / this.#perMs)
    await this.#clock.sleep(ms, signal === undefined ? {} : { signal })
  }
}
