/** Quantities of a view as texts. A view's integer is a number, or decimal text where that would not be exact. */

import { formatBytes, formatCount, formatDuration, UNKNOWN } from '../../view/quantities.js'
import type { Count } from '../../view/run-view.js'

/**
 * An integer with commas; `–` where it is not known.
 *
 * @example
 * countText('9223372036854775807') // '9,223,372,036,854,775,807'
 */
export function countText(count: Count | null): string {
  return count === null ? UNKNOWN : formatCount(integerOf(count))
}

/**
 * Bytes in decimal units; `–` where they are not known.
 *
 * @example
 * bytesText(20_888_213) // '20.9 MB'
 */
export function bytesText(bytes: Count | null): string {
  return bytes === null ? UNKNOWN : formatBytes(integerOf(bytes))
}

/**
 * Milliseconds as a duration, cut off to whole ones as everywhere; `–` where they are not known.
 *
 * @example
 * durationText(193.9) // '193 ms'
 */
export function durationText(ms: Count | null): string {
  return ms === null ? UNKNOWN : formatDuration(integerOf(ms))
}

/**
 * A part of a whole in per cent: whole ones, but one digit below one,
 * and just below all.
 *
 * @example
 * percentText(0.107) // '11 %'
 * percentText(0.0004) // '< 0.1 %'
 */
export function percentText(part: number): string {
  const percent = part * 100
  if (percent > 0 && percent < 0.1) return '< 0.1 %'
  if (percent >= 99.5 && percent < 100) return `${Math.floor(percent * 10) / 10} %`
  return percent < 0.95 && percent > 0 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`
}

/**
 * A quantity as a number, close enough to draw or to compare.
 *
 * @example
 * approximate('9223372036854775807') // 9223372036854775807
 */
export function approximate(count: Count | null): number | null {
  return count === null ? null : Number(count)
}

function integerOf(count: Count): number | bigint {
  return typeof count === 'string' ? BigInt(count) : Math.trunc(count)
}
