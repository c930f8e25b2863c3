/** The attempts at the chunks of a run, as plain JSON. */
import type { JournalEntry } from '../journal/run-journal.js'
import { type Attempt, attemptsOf, longestOf } from './attempts.js'
import { microsAsMs } from './axis-time.js'
import type { RunAxis } from './run-axis.js'
import { countOf, countOrNull } from './run-summary.js'
import type { AttemptView } from './run-view.js'

/**
 * The attempts of a run by their start, on its axis.
 *
 * @example
 * attemptViews(journal.entries, axis)[2]?.longest // true
 */
export function attemptViews(entries: readonly JournalEntry[], axis: RunAxis): AttemptView[] {
  const attempts = attemptsOf(entries, axis.times)
  const longest = longestOf(attempts)
  return attempts.map((attempt) => viewOf(attempt, axis, attempt === longest))
}

function viewOf(attempt: Attempt, axis: RunAxis, longest: boolean): AttemptView {
  const { timing, keys, startUnixNano, endUnixNano, error, failedAttempt } = attempt
  return {
    chunk: countOf(attempt.chunkIndex),
    start_ms: microsAsMs(startUnixNano - axis.startUnixNano),
    duration_ms: timing === 'measured' ? microsAsMs(endUnixNano - startUnixNano) : null,
    timing,
    keys: keys === undefined ? null : [keys.start, keys.end],
    rows: countOrNull(attempt.rows),
    files: attempt.files,
    failed: attempt.failed,
    error: error ?? null,
    attempt: countOrNull(failedAttempt),
    recovered: attempt.recovered,
    again: attempt.again,
    longest,
  }
}
