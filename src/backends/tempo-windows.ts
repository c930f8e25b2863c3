/**
 * The windows of time in which Tempo is searched.
 *
 * A window finds a run only where it holds both the time of the run and the time at which it was
 * sent, because Tempo files a block under the time at which it came. So windows overlap by half:
 * a run that was sent within half a window of its end is whole in one of them.
 */

/** A span of time, in whole seconds since 1970; both ends belong to it. */
export interface TempoWindow {
  readonly start: number
  readonly end: number
}

/** The least length in which half a window is still a step, in seconds. */
export const SHORTEST_WINDOW = 2

/**
 * Windows that cover a range, the newest first.
 *
 * @param longest The most seconds that a window may last now, at least {@link SHORTEST_WINDOW}.
 *   Where it becomes less than the window that was handed out last, that one was refused, and its
 *   time comes again in shorter ones.
 * @example
 * [...windowsOf({ start: 0, end: 15 }, () => 10)]
 * // [{ start: 5, end: 15 }, { start: 0, end: 10 }]
 */
export function* windowsOf(range: TempoWindow, longest: () => number): Generator<TempoWindow> {
  let { end } = range
  for (;;) {
    const start = Math.max(range.start, end - longest())
    yield { start, end }
    if (end - start > longest()) continue
    if (start === range.start) return
    end -= Math.floor(longest() / 2)
  }
}
