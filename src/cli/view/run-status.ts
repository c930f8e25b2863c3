/** How a run ended, in a few words, and their paint. */
import { formatCount, UNKNOWN } from '../../view/quantities.js'
import type { Paint, Palette } from './palette.js'
import { printable } from './printable.js'

/**
 * A status and its worst concern, printable; `failed` and `interrupted` say enough.
 *
 * @example
 * statusText('success', ['mismatch', '1 warning']) // 'success, mismatch +1'
 */
export function statusText(status: string | undefined, concerns: readonly string[]): string {
  const words = status === undefined ? UNKNOWN : printable(status)
  const [worst, ...others] = concerns
  if (worst === undefined || isBad(status)) return words
  return `${words}, ${worst}${others.length > 0 ? ` +${formatCount(others.length)}` : ''}`
}

/**
 * The paint of a status: only a `success` without concerns is good; what goes on is quiet.
 *
 * @example
 * statusPaint('success', ['mismatch'], paints) === paints.warning // true
 */
export function statusPaint(
  status: string | undefined,
  concerns: readonly string[],
  paints: Palette,
): Paint {
  if (isBad(status)) return paints.bad
  if (concerns.length > 0) return paints.warning
  if (status === 'success') return paints.good
  return status === 'skipped' || status === 'running' ? paints.quiet : paints.warning
}

function isBad(status: string | undefined): boolean {
  return status === 'failed' || status === 'interrupted'
}
