/** The local page: what the address says, between a head that says where one is and whether it is live. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Shown } from '../parts/shown.js'
import { visibleText } from '../parts/shown-text.js'
import { DiffPage } from './diff-page.js'
import { OneRunPage } from './one-run-page.js'
import { ALL_RUNS, fragmentOf, type Route } from './route.js'
import type { FeedState } from './runs-feed.js'
import { RunsPage } from './runs-page.js'
import { useRoute, useRuns } from './surroundings.js'

/**
 * The local page.
 *
 * @example
 * render(<App />, document.body)
 */
export function App() {
  const feed = useRuns()
  const [route, go] = useRoute()
  useTitle(route)
  return (
    <>
      <Head feed={feed} isHome={route.kind === 'runs'} />
      {route.kind === 'runs' && <RunsPage feed={feed} listing={route} go={go} />}
      {route.kind === 'run' && (
        <OneRunPage feed={feed} runId={route.runId} namespace={route.namespace} />
      )}
      {route.kind === 'diff' && <DiffPage a={route.a} b={route.b} />}
    </>
  )
}

function Head({ feed, isHome }: { readonly feed: FeedState; readonly isHome: boolean }) {
  return (
    <header class="app-head">
      <a
        href={fragmentOf({ kind: 'runs', ...ALL_RUNS })}
        aria-current={isHome ? 'page' : undefined}
      >
        rivet-otel
      </a>
      <span class="app-location">
        <Shown text={feed.location} />
      </span>
      <Connection feed={feed} />
    </header>
  )
}

const BACK_MS = 5000

/** Nothing is worse than a page that looks live and is not. */
function Connection({ feed: { connection, failure } }: { readonly feed: FeedState }) {
  const wasLost = useRef(false)
  const [isBack, setBack] = useState(false)
  useEffect(() => {
    if (connection === 'lost') wasLost.current = true
    if (connection !== 'live' || !wasLost.current) return
    wasLost.current = false
    setBack(true)
    const later = setTimeout(() => setBack(false), BACK_MS)
    return () => clearTimeout(later)
  }, [connection])
  const text =
    connection === 'lost'
      ? 'Connection lost: what is shown may be old. Trying again …'
      : connection === 'opening'
        ? 'Connecting …'
        : failure !== undefined
          ? `What is shown may be old: ${failure}.`
          : isBack
            ? 'Connected again'
            : 'Live'
  return (
    <p
      class="app-connection"
      role="status"
      data-connection={failure === undefined ? connection : 'lost'}
    >
      {text}
    </p>
  )
}

function useTitle(route: Route): void {
  const title =
    route.kind === 'run'
      ? route.runId
      : route.kind === 'diff'
        ? `${route.a.runId} and ${route.b.runId}`
        : route.exportName || 'Runs'
  useEffect(() => {
    document.title = `${visibleText(title)} · rivet-otel`
  }, [title])
  const isFirst = useRef(true)
  const place = route.kind === 'runs' ? route.kind : fragmentOf(route)
  useEffect(() => {
    if (!isFirst.current) scrollTo(0, 0)
    isFirst.current = false
  }, [place])
}
