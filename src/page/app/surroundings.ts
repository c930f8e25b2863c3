/** The state that parts of the local page share with their surroundings: the feed, the address, the clock. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { fragmentOf, type Route, readRoute } from './route.js'
import { type FeedState, RunsFeed } from './runs-feed.js'

const TICK_MS = 10_000

/**
 * All runs, as they are now.
 *
 * @example
 * const { runs, connection } = useRuns()
 */
export function useRuns(): FeedState {
  const [state, setState] = useState(RunsFeed.empty)
  useEffect(() => {
    const feed = new RunsFeed(setState)
    feed.open()
    return () => feed.close()
  }, [])
  return state
}

/** Goes somewhere; `replace` leaves no step back. */
export type Go = (route: Route, how?: 'replace') => void

/**
 * What is shown, as the address says it.
 *
 * @example
 * const [route, go] = useRoute()
 */
export function useRoute(): [Route, Go] {
  const [route, setRoute] = useState(() => readRoute(location.hash))
  const shown = useRef(route)
  shown.current = route
  useEffect(() => {
    const read = () => {
      // A link to a place in the page is none to another page, and must not be what a reload leads to.
      if (/^#[^/]/.test(location.hash)) history.replaceState(null, '', fragmentOf(shown.current))
      else setRoute(readRoute(location.hash))
    }
    addEventListener('popstate', read)
    addEventListener('hashchange', read)
    return () => {
      removeEventListener('popstate', read)
      removeEventListener('hashchange', read)
    }
  }, [])
  const go: Go = (next, how) => {
    if (how === 'replace') history.replaceState(null, '', fragmentOf(next))
    else history.pushState(null, '', fragmentOf(next))
    setRoute(next)
  }
  return [route, go]
}

/**
 * The time, in milliseconds since 1970, to some seconds.
 *
 * @example
 * ago(run.started_at, useNow())
 */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(ticking)
  }, [])
  return now
}
