/** The status of a run with what was not well about it: a sign, words, and a colour that only repeats them. */
import type { RunSummary } from '../view/run-view.js'
import { Shown } from './parts/shown.js'
import { runTone } from './run-tone.js'

const SIGNS = { good: '✓', warning: '▲', bad: '✗', plain: '●' } as const

/**
 * What is said beside the status of a run: what was not well, and that something was taken out.
 *
 * @example
 * marksOf(view.summary) // ['1 chunk failure', 'redacted']
 */
export function marksOf({ concerns, redaction }: RunSummary): readonly string[] {
  return redaction === undefined ? concerns : [...concerns, 'redacted']
}

/**
 * The badge of a run.
 *
 * @example
 * <StatusBadge run={view.summary} />
 */
export function StatusBadge({ run }: { readonly run: RunSummary }) {
  const tone = runTone(run)
  const marks = marksOf(run)
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{SIGNS[tone]}</span>
      <strong>
        <Shown text={run.status ?? 'status not known'} />
      </strong>
      {marks.length === 0 ? null : <Shown text={marks.join(', ')} />}
    </span>
  )
}
