/** How a run went, as one of four tones. */
import type { RunSummary } from '../view/run-view.js'

/** `plain` is neither good nor bad: skipped, running, not known. */
export type Tone = 'good' | 'warning' | 'bad' | 'plain'

/**
 * The tone of a run; one that succeeded with something amiss is a warning.
 *
 * @example
 * runTone(view.summary) // 'bad'
 */
export function runTone({ status, concerns }: RunSummary): Tone {
  if (status === 'failed' || status === 'interrupted') return 'bad'
  if (status !== 'success') return 'plain'
  return concerns.length > 0 ? 'warning' : 'good'
}
