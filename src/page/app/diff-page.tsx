/** Two runs side by side: what is not the same in them. */
import type { RunDiff } from '../../view/run-diff.js'
import type { RunSummary } from '../../view/run-view.js'
import { Comparison } from '../comparison.js'
import { timeText } from '../parts/moment.js'
import { Shown } from '../parts/shown.js'
import { StatusBadge } from '../status-badge.js'
import { Asked, useAnswer } from './answer.js'
import { ALL_RUNS, fragmentOf, type RunPlace } from './route.js'

/** Which runs are compared. */
export interface DiffPageProps {
  /** The earlier one. */
  readonly a: RunPlace
  readonly b: RunPlace
}

/**
 * The page of two runs.
 *
 * @example
 * <DiffPage a={{ runId: 'orders_1', namespace: '' }} b={{ runId: 'orders_2', namespace: '' }} />
 */
export function DiffPage({ a, b }: DiffPageProps) {
  const query = new URLSearchParams({ a: a.runId, b: b.runId })
  if (a.namespace !== '') query.set('a_namespace', a.namespace)
  if (b.namespace !== '') query.set('b_namespace', b.namespace)
  const answer = useAnswer<RunDiff>(`/api/diff?${query}`, '')
  return (
    <>
      <nav class="app-nav" aria-label="This comparison">
        <a href={fragmentOf({ kind: 'runs', ...ALL_RUNS })}>← All runs</a>
        <a href={fragmentOf({ kind: 'diff', a: b, b: a })}>The other way round</a>
      </nav>
      <Asked answer={answer} what="Two runs compared">
        {(diff) => (
          <main class="run-page">
            <h1>Two runs compared</h1>
            <dl class="app-sides">
              <Side name="Before (A)" run={diff.a} />
              <Side name="Now (B)" run={diff.b} />
            </dl>
            <Comparison diff={diff} title="What differs" namesBefore={false} />
          </main>
        )}
      </Asked>
    </>
  )
}

function Side({ name, run }: { readonly name: string; readonly run: RunSummary }) {
  const { run_id: runId, namespace, started_at } = run
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <a href={fragmentOf({ kind: 'run', runId, namespace: namespace ?? '' })}>
          <Shown text={runId} />
        </a>
        <span class="quiet"> {timeText(started_at)}</span> <StatusBadge run={run} />
      </dd>
    </div>
  )
}
