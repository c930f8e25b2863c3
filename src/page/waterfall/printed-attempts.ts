/** The few attempts that stand for all of them where nothing can be scrolled: on paper, and without a script. */
import type { AttemptView } from '../../view/run-view.js'

/** How many rows there are at most. */
const MOST_PRINTED = 60

/**
 * The attempts to print, in their order: all, or the failed, then the slowest, then the first ones, as many as there is room for.
 *
 * @example
 * printedAttempts(view.attempts).length // at most 60
 */
export function printedAttempts(
  attempts: readonly AttemptView[],
  most = MOST_PRINTED,
): readonly AttemptView[] {
  if (attempts.length <= most) return attempts
  const failed = attempts.filter((one) => one.failed)
  const slowest = attempts
    .filter((one) => one.duration_ms !== null)
    .sort((a, b) => (b.duration_ms ?? 0) - (a.duration_ms ?? 0))
  const kept = new Set<AttemptView>()
  for (const one of [...failed.slice(0, most / 2), ...slowest, ...attempts]) {
    if (kept.size >= most) break
    kept.add(one)
  }
  return attempts.filter((one) => kept.has(one))
}
