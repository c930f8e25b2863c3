/** One run, for people who look: what the report and the local page show of it. */
import type { RunView } from '../view/run-view.js'

/**
 * The page of a run.
 *
 * @example
 * <RunPage view={view} />
 */
export function RunPage({ view }: { readonly view: RunView }) {
  return (
    <main class="run-page">
      <h1>{view.summary.run_id}</h1>
    </main>
  )
}
