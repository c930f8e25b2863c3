/** The time of a watcher, and its waits, which a signal ends. */
import { setTimeout as realSleep } from 'node:timers/promises'

/** A clock in ms that only goes forward. */
export interface WatchClock {
  now(): number
  /** Waits, and no longer once the signal comes. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>
}

/** The clock of this process. */
export const CLOCK: WatchClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => realSleep(ms, undefined, { signal }).catch(() => {}),
}
