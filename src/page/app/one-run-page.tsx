/** One run of the local page: what the report shows of it, asked for again when it changed. */
import type { RunView } from '../../view/run-view.js'
import { visibleText } from '../parts/shown-text.js'
import { RunPage } from '../run-page.js'
import { Asked, useAnswer } from './answer.js'
import { ALL_RUNS, fragmentOf } from './route.js'
import type { FeedState } from './runs-feed.js'

/**
 * The page of a run.
 *
 * @example
 * <OneRunPage feed={feed} runId="orders_1" namespace="" />
 */
export function OneRunPage({
  feed,
  runId,
  namespace,
}: {
  readonly feed: FeedState
  readonly runId: string
  readonly namespace: string
}) {
  const query = new URLSearchParams({ run_id: runId, ...(namespace === '' ? {} : { namespace }) })
  const known = feed.runs.find((run) => run.run_id === runId && (run.namespace ?? '') === namespace)
  const answer = useAnswer<RunView>(`/api/run?${query}`, JSON.stringify(known))
  return (
    <>
      <nav class="app-nav" aria-label="This run">
        <a href={fragmentOf({ kind: 'runs', ...ALL_RUNS, exportName: known?.export_name ?? '' })}>
          ← {known === undefined ? 'All runs' : `Runs of ${visibleText(known.export_name)}`}
        </a>
        <a href={`/report?${query}`} download>
          Download the report
        </a>
      </nav>
      <Asked answer={answer} what={runId}>
        {(view) => <RunPage key={JSON.stringify([namespace, runId])} view={view} />}
      </Asked>
    </>
  )
}
