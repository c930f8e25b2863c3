/** The part of a run's time that is looked at: zooming and moving it, never beyond the run. */

/** Milliseconds from the start of the axis; `start` is less than `end`. */
export interface TimeWindow {
  readonly start: number
  readonly end: number
}

/** One in this many of the whole is the least that can be looked at. */
const DEEPEST = 1_000_000

/**
 * The whole of a run.
 *
 * @example
 * wholeWindow(205) // { start: 0, end: 205 }
 */
export function wholeWindow(duration: number): TimeWindow {
  return { start: 0, end: duration > 0 ? duration : 1 }
}

/**
 * A window made smaller (`factor` above 1) or larger around a moment that stays where it is.
 *
 * @example
 * zoomed({ start: 0, end: 100 }, 2, 50, 100) // { start: 25, end: 75 }
 */
export function zoomed(
  { start, end }: TimeWindow,
  factor: number,
  around: number,
  duration: number,
): TimeWindow {
  const whole = wholeWindow(duration)
  const length = Math.min(Math.max((end - start) / factor, whole.end / DEEPEST), whole.end)
  const share = (around - start) / (end - start)
  return inside(around - share * length, length, whole)
}

/**
 * A window moved by some of its own length, as far as the run goes.
 *
 * @example
 * moved({ start: 0, end: 10 }, 0.5, 100) // { start: 5, end: 15 }
 */
export function moved({ start, end }: TimeWindow, by: number, duration: number): TimeWindow {
  const length = end - start
  return inside(start + by * length, length, wholeWindow(duration))
}

/**
 * The window between two moments, whichever comes first.
 *
 * @example
 * windowBetween(80, 20, 100) // { start: 20, end: 80 }
 */
export function windowBetween(a: number, b: number, duration: number): TimeWindow {
  const whole = wholeWindow(duration)
  const from = Math.max(0, Math.min(a, b))
  const length = Math.min(Math.max(Math.abs(a - b), whole.end / DEEPEST), whole.end)
  return inside(from, length, whole)
}

/**
 * Whether all of the run is in it.
 *
 * @example
 * isWhole({ start: 0, end: 100 }, 100) // true
 */
export function isWhole({ start, end }: TimeWindow, duration: number): boolean {
  return start <= 0 && end >= wholeWindow(duration).end
}

function inside(start: number, length: number, whole: TimeWindow): TimeWindow {
  const from = Math.min(Math.max(start, 0), whole.end - length)
  return { start: from, end: Math.min(from + length, whole.end) }
}
