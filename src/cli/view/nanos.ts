/** Nanoseconds as people read them: spans take from some microseconds to hours. */
import { formatDuration } from '../../view/quantities.js'

const UNITS = [
  [1_000_000n, 'ms'],
  [1000n, 'µs'],
  [1n, 'ns'],
] as const

/**
 * A duration with three digits that count; from a second on as {@link formatDuration} has it.
 *
 * @example
 * formatNanos(1_234_567n) // '1.23 ms'
 */
export function formatNanos(nanos: bigint): string {
  if (nanos >= 999_500_000n) return formatDuration((nanos + 500_000n) / 1_000_000n)
  for (const [size, unit] of UNITS) {
    if (nanos * 10_000n < size * 9_995n) continue
    const text = Number(Number((nanos * 1000n) / size).toPrecision(3)) / 1000
    return `${text} ${unit}`
  }
  return '0 ns'
}
