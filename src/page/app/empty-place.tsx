/** What is said where there are no runs yet: where they would come from. */
import { Shown } from '../parts/shown.js'
import { ProblemList } from './problem-list.js'
import type { FeedState } from './runs-feed.js'

/**
 * The page of a place without runs.
 *
 * @example
 * <EmptyPlace feed={feed} />
 */
export function EmptyPlace({ feed }: { readonly feed: FeedState }) {
  const { location, receiver, problems } = feed
  const base = receiver?.url.replace(/\/v1\/traces$/, '')
  return (
    <main class="runs runs-empty">
      <h1>No runs yet</h1>
      <p>
        There is none in{' '}
        <code>
          <Shown text={location} />
        </code>
        . The first one appears here by itself.
      </p>
      {receiver !== null && (
        <>
          <p>Send the runs of a state database here:</p>
          <pre>
            <code>rivet-otel export --to {base}</code>
          </pre>
          <p>
            Anything else that speaks OTLP/HTTP can send to <code>{base}/v1/traces</code>. What
            comes is kept in <code>{receiver.file}</code>.
          </p>
        </>
      )}
      {problems.length > 0 && <ProblemList problems={problems} />}
    </main>
  )
}
