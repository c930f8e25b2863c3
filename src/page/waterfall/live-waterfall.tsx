/** The waterfall that answers: zoomed, sorted, filtered, searched, and every attempt told in full. */
import { useMemo, useState } from 'preact/hooks'
import type { AttemptView, RunView } from '../../view/run-view.js'
import { AttemptDetails } from './attempt-details.js'
import { type AttemptChoice, attemptsShown, filterCounts } from './attempt-order.js'
import { TIMING_MEANINGS, TIMING_SIGNS } from './attempt-words.js'
import { EventLane } from './event-lane.js'
import { Grid } from './grid.js'
import { Overview } from './overview.js'
import { isWhole, type TimeWindow, wholeWindow, zoomed } from './time-window.js'
import { Toolbar } from './toolbar.js'

const TIMINGS = ['end_only', 'start_only', 'clamped'] as const

/**
 * The waterfall.
 *
 * @example
 * <LiveWaterfall attempts={view.attempts} events={view.events} axis={view.axis} />
 */
export function LiveWaterfall({
  attempts,
  events,
  axis,
}: Pick<RunView, 'attempts' | 'events'> & { readonly axis: NonNullable<RunView['axis']> }) {
  const duration = axis.duration_ms
  const [choice, setChoice] = useState<AttemptChoice>({ order: 'time', filter: 'all', find: '' })
  const [window, setWindow] = useState<TimeWindow>(wholeWindow(duration))
  const [follow, setFollow] = useState<{ position: number } | null>(null)
  const [opened, open] = useState<AttemptView | null>(null)
  const counts = useMemo(() => filterCounts(attempts), [attempts])
  const shown = useMemo(() => attemptsShown(attempts, choice), [attempts, choice])
  const overview = useMemo(
    () => (
      <Overview
        attempts={attempts}
        duration={duration}
        window={window}
        choose={(to) => look(to, true)}
      />
    ),
    [attempts, duration, window, shown],
  )

  const absent = useMemo(() => {
    if (attempts.length === 0) return ' no-rows'
    const keys = attempts.some((one) => one.keys !== null) ? '' : ' no-keys'
    return attempts.some((one) => one.duration_ms !== null) ? keys : `${keys} no-duration`
  }, [attempts])

  function look(to: TimeWindow, following = false) {
    setWindow(to)
    if (!following || choice.order !== 'time') return
    const position = shown.findIndex((place) => {
      const attempt = attempts[place]
      return attempt !== undefined && attempt.start_ms + (attempt.duration_ms ?? 0) >= to.start
    })
    setFollow({ position })
  }

  function zoom(factor: number) {
    const middle = (window.start + window.end) / 2
    look(factor === 0 ? wholeWindow(duration) : zoomed(window, factor, middle, duration))
  }

  return (
    <div class={`live-waterfall${absent}`}>
      {attempts.length > 1 ? (
        <Toolbar
          choice={choice}
          counts={counts}
          choose={setChoice}
          zoom={zoom}
          zoomedIn={!isWhole(window, duration)}
        />
      ) : null}
      {attempts.length > 0 ? overview : null}
      {events.length > 0 ? <EventLane events={events} window={window} /> : null}
      {attempts.length > 0 ? (
        <Grid
          attempts={attempts}
          shown={shown}
          order={choice.order}
          axis={axis}
          window={window}
          look={look}
          follow={follow}
          open={open}
        />
      ) : null}
      {shown.length === 0 && attempts.length > 0 ? (
        <p class="quiet">No attempt is like that.</p>
      ) : null}
      {opened === null ? null : (
        <aside class="opened" aria-label="The chosen attempt" aria-live="polite">
          <button type="button" class="button close" onClick={() => open(null)}>
            Close
          </button>
          <AttemptDetails attempt={opened} axis={axis} />
        </aside>
      )}
      {attempts.length > 0 ? <Legend attempts={attempts} /> : null}
    </div>
  )
}

function Legend({ attempts }: { readonly attempts: readonly AttemptView[] }) {
  const timings = TIMINGS.filter((timing) => attempts.some((one) => one.timing === timing))
  return (
    <p class="legend quiet">
      {timings.map((timing) => (
        <span>
          {TIMING_SIGNS[timing]} {TIMING_MEANINGS[timing]}
        </span>
      ))}
      <span id="waterfall-keys">
        <kbd>↑</kbd> <kbd>↓</kbd> go from chunk to chunk, <kbd>Enter</kbd> shows all of one,{' '}
        <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> zoom, <kbd>←</kbd> <kbd>→</kbd> move; drag over the
        time line, or <kbd>Ctrl</kbd> and the wheel
      </span>
    </p>
  )
}
