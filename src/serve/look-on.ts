/**
 * Looks at a place again and again until it is told to stop.
 *
 * It works for less than a hundredth of the time while nothing changes, and for less than a sixth
 * while much does: a look that works long is followed by a wait that is as much longer. To wait for a disk or a
 * server is no work.
 */
import { Backoff } from '../bridge/watch/backoff.js'
import { CLOCK, type WatchClock } from '../bridge/watch/watch-clock.js'
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import type { Place } from './places/place.js'
import type { Origin, RunIndex } from './run-index.js'

/** What looking on needs. */
export interface LookingOn {
  readonly place: Place
  readonly index: RunIndex
  readonly origin: Origin
  readonly isWatched: () => boolean
  readonly signal: AbortSignal
  readonly clock?: WatchClock
}

/** How many times as long as a look worked is waited after it. */
const REST_AFTER_NOTHING = 100
const REST_AFTER_NEWS = 5
/** What comes shortly after a wake-up is taken along. */
const WAKE_MS = 250

/**
 * Looks on until the signal comes. Whatever goes wrong is a problem in the index.
 *
 * @example
 * await lookOn({ place, index, origin: 'from', isWatched: () => true, signal })
 */
export async function lookOn(looking: LookingOn): Promise<void> {
  const { place, index, origin, isWatched, signal, clock = CLOCK } = looking
  const backoff = new Backoff()
  const alarm = new Alarm()
  const stop = place.onWake?.(() => alarm.ring())
  try {
    while (!signal.aborted) {
      const began = { at: clock.now(), work: process.cpuUsage() }
      alarm.set()
      let rest = REST_AFTER_NOTHING
      try {
        if (await place.look({ isWatched: isWatched(), signal })) rest = REST_AFTER_NEWS
        backoff.reset()
        index.standing(origin, undefined)
      } catch (error) {
        if (signal.aborted) return
        // What is on this machine is found again at once.
        if (!isHere(error)) backoff.failed(clock.now())
        index.standing(origin, problemOf(error))
      }
      const now = clock.now()
      const workMs = Math.min(now - began.at, sumMs(process.cpuUsage(began.work)))
      const restMs = Math.max(WAKE_MS, backoff.inMs(now), workMs * rest)
      await clock.sleep(restMs, signal)
      await alarm.within(place.everyMs - restMs, clock, signal)
    }
  } finally {
    stop?.()
  }
}

/** What else this process did meanwhile is in it: it is no less than the look's own. */
function sumMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}

/** Ends a wait. */
class Alarm {
  #ring: () => void = () => {}
  #rung: Promise<void> = Promise.resolve()

  /** Forgets that it rang. */
  set(): void {
    this.#rung = new Promise((resolve) => {
      this.#ring = resolve
    })
  }

  ring(): void {
    this.#ring()
  }

  /** Waits until it rings or has rung, or until the time, in ms, is over. */
  async within(ms: number, clock: WatchClock, signal: AbortSignal): Promise<void> {
    if (ms <= 0) return
    const over = new AbortController()
    await Promise.race([clock.sleep(ms, AbortSignal.any([signal, over.signal])), this.#rung])
    over.abort()
  }
}

function isHere(error: unknown): boolean {
  return error instanceof RivetOtelError && error.code !== 'UNREACHABLE'
}

function problemOf(error: unknown): string {
  if (!(error instanceof RivetOtelError)) return withoutConnectionSecrets(reasonOf(error))
  const { message, hint } = error
  return withoutConnectionSecrets(hint === undefined ? message : `${message}; ${hint}`)
}
