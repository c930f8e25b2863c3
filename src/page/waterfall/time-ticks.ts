/** Where the time axis has its ticks, and what they say. */
import { scaleLinear, scaleUtc } from 'd3-scale'
import { offsetText } from '../parts/moment.js'
import type { TimeWindow } from './time-window.js'

/** A tick: milliseconds from the start of the axis, and its label. */
export interface TimeTick {
  readonly at: number
  readonly label: string
}

/** From here on people count in 5, 15 and 30 seconds or minutes rather than in tens. */
const CLOCKWISE_MS = 30_000

/**
 * About so many ticks at round times.
 *
 * @example
 * timeTicks({ start: 0, end: 205 }, 4).map(({ label }) => label) // ['0', '50 ms', '100 ms', '150 ms', '200 ms']
 */
export function timeTicks({ start, end }: TimeWindow, count: number): TimeTick[] {
  const clockwise = end - start >= CLOCKWISE_MS
  const at = clockwise
    ? scaleUtc([start, end], [0, 1]).ticks(count).map(Number)
    : scaleLinear([start, end], [0, 1]).ticks(count)
  const step = (at[1] ?? end) - (at[0] ?? start)
  return at.map((ms) => ({ at: ms, label: offsetText(ms, step) }))
}

/**
 * Where a moment is on a line of this length, and what moment is at a place of it.
 *
 * @example
 * timeScale({ start: 0, end: 100 }, 500)(50) // 250
 */
export function timeScale({ start, end }: TimeWindow, length: number) {
  return scaleLinear([start, end], [0, length])
}
