/** Times on the axis of a run, as numbers. */

/**
 * Nanoseconds as milliseconds with three digits after the point, cut off: whole milliseconds are those
 * that rivet counts. Exact over a hundred years.
 *
 * @example
 * microsAsMs(193_402_999n) // 193.402
 */
export function microsAsMs(nanos: bigint): number {
  return Number(nanos / 1000n) / 1000
}
