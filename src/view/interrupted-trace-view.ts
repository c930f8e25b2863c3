/** What the trace of a run that was killed says of it, as plain JSON. */
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import { bannerOfTrace, happenedByTrace, outcomeByTrace } from './interrupted-trace-words.js'
import type { RunContents } from './journal-view.js'
import type { RunView } from './run-view.js'

/** What a view has that its trace says nothing of. */
const NOTHING = {
  ended_at: null,
  error: null,
  query: null,
  planned: [],
  degraded: [],
  beside: [],
  axis: null,
  attempts: [],
  events: [],
  files: [],
} as const

/**
 * The contents of such a run's view.
 *
 * @example
 * interruptedTraceView(trace).outcome[0] // { label: 'status', text: 'interrupted', level: 'bad' }
 */
export function interruptedTraceView(
  trace: InterruptedTrace,
): RunContents & Pick<RunView, 'banner' | 'incomplete'> {
  return {
    ...NOTHING,
    banner: bannerOfTrace(trace),
    incomplete: [],
    happened: happenedByTrace(trace),
    outcome: outcomeByTrace(trace),
  }
}
