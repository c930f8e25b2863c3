import type { AttemptView, EventView, RunSummary, RunView } from '../../src/view/run-view.js'

/** An attempt that was measured and completed, but for what is told otherwise. */
export function anAttempt(other: Partial<AttemptView> = {}): AttemptView {
  return {
    chunk: 0,
    start_ms: 0,
    duration_ms: 10,
    timing: 'measured',
    keys: ['1', '250'],
    rows: 250,
    files: [],
    failed: false,
    error: null,
    attempt: null,
    recovered: false,
    again: false,
    longest: false,
    ...other,
  }
}

/** An event that is nothing out of the ordinary, but for what is told otherwise. */
export function anEvent(other: Partial<EventView> = {}): EventView {
  return {
    entry: 0,
    at_ms: 0,
    kind: 'PlanResolved',
    label: 'plan',
    text: 'full',
    level: 'info',
    ...other,
  }
}

/** A run that succeeded, but for what is told otherwise. */
export function aSummary(other: Partial<RunSummary> = {}): RunSummary {
  return {
    run_id: 'orders_1',
    journal: true,
    namespace: null,
    export_name: 'orders',
    status: 'success',
    concerns: [],
    started_at: '2026-11-21T08:53:39.134436857Z',
    duration_ms: 200,
    rows: 1000,
    bytes: null,
    files: 1,
    chunks: 4,
    retries: 0,
    longest_chunk_ms: 20,
    ...other,
  }
}

/** A run of 200 ms, but for what is told otherwise. */
export function aView(other: Partial<RunView> = {}): RunView {
  return {
    summary: aSummary(),
    trace_id: 'c3bde0ddc359ac2423e3095a715b3412',
    banner: null,
    incomplete: null,
    ended_at: '2026-11-21T08:53:39.334436857Z',
    error: null,
    planned: [],
    query: null,
    happened: [],
    degraded: [],
    outcome: [],
    beside: [],
    axis: { start_at: '2026-11-21T08:53:39.134436857Z', duration_ms: 200 },
    attempts: [],
    events: [],
    files: [],
    before: [],
    before_problems: [],
    comparison: null,
    ...other,
  }
}
