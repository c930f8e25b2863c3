/** A small chart of one quantity over the runs of an export. */
import { useState } from 'preact/hooks'
import type { Count, RunSummary } from '../../view/run-view.js'
import { timeText } from '../parts/moment.js'
import { Shown } from '../parts/shown.js'
import { visibleText } from '../parts/shown-text.js'
import { useLive } from '../parts/use-live.js'
import { runTone } from '../run-tone.js'
import { highestOf, trendPoints } from './trend-points.js'

const WIDTH = 600
const HEIGHT = 90
/** Room above the highest bar, for a sign. */
const SIGN = 18
const WIDEST_BAR = 48

/**
 * The chart: a bar for each run, the last one this run. What a bar is is said below it, when it is pointed at, or reached with the arrow keys.
 *
 * @example
 * <TrendChart title="Duration" quantity={(run) => run.duration_ms} format={durationText} before={view.before} current={view.summary} />
 */
export function TrendChart({
  title,
  quantity,
  format,
  before,
  current,
}: {
  readonly title: string
  readonly quantity: (run: RunSummary) => Count | null
  readonly format: (count: Count | null) => string
  readonly before: readonly RunSummary[]
  readonly current: RunSummary
}) {
  const live = useLive()
  const points = trendPoints(before, current, quantity)
  const highest = highestOf(points.map(({ run }) => quantity(run)))
  const [chosen, setChosen] = useState(points.length - 1)
  const step = Math.min(WIDTH / points.length, WIDEST_BAR * 1.25)
  const run = points[chosen]?.run ?? current
  const move = (event: KeyboardEvent) => {
    const to = moveTo(event.key, chosen, points.length)
    if (to === undefined) return
    event.preventDefault()
    setChosen(to)
  }
  const point = (event: MouseEvent & { readonly currentTarget: Element }) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    const to = Math.floor((((event.clientX - left) / width) * WIDTH) / step)
    if (to < points.length) setChosen(Math.max(to, 0))
  }
  const words = `${title} ${format(quantity(run))}: ${visibleText(run.run_id)}, ${timeText(run.started_at)}, ${run.status ?? 'status not known'}`
  return (
    <figure class="trend-chart">
      <figcaption>
        <strong>{title}</strong> <span class="value">{format(quantity(run))}</span>
        <br />
        <span class="quiet">
          {timeText(run.started_at)} · {run === current ? 'this run' : <Shown text={run.run_id} />}
          {run.status === 'success' ? '' : ` · ${run.status ?? 'status not known'}`}
        </span>
      </figcaption>
      <p class="trend-scale quiet" aria-hidden="true">
        {format(highest)} at most
      </p>
      <div
        class="trend-bars"
        role="slider"
        tabIndex={live ? 0 : -1}
        aria-label={`${title} of the runs of this export`}
        aria-valuemin={1}
        aria-valuemax={points.length}
        aria-valuenow={chosen + 1}
        aria-valuetext={words}
        onKeyDown={move}
        onMouseMove={point}
        onMouseLeave={() => setChosen(points.length - 1)}
      >
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="xMinYMax meet"
          aria-hidden="true"
          focusable="false"
        >
          <line class="trend-most" x1={0} x2={WIDTH} y1={SIGN} y2={SIGN} />
          {points.map(({ run: one, height, current: isCurrent }, i) => {
            const tall = Math.max((height ?? 0) * (HEIGHT - SIGN), 4)
            const classes = `trend-bar ${runTone(one)}${isCurrent ? ' current' : ''}${height === null ? ' unknown' : ''}${i === chosen ? ' chosen' : ''}`
            return (
              <g class={classes}>
                <title>{`${format(quantity(one))} · ${timeText(one.started_at)} · ${visibleText(one.run_id)}`}</title>
                <rect class="reach" x={i * step} y={0} width={step} height={HEIGHT} />
                <rect
                  class="bar"
                  x={i * step + step * 0.1}
                  y={HEIGHT - tall}
                  width={step * 0.8}
                  height={tall}
                />
                {runTone(one) === 'bad' ? (
                  <text x={i * step + step / 2} y={HEIGHT - tall - 4}>
                    ✗
                  </text>
                ) : null}
              </g>
            )
          })}
        </svg>
      </div>
    </figure>
  )
}

function moveTo(key: string, from: number, count: number): number | undefined {
  if (key === 'ArrowLeft' || key === 'ArrowDown') return Math.max(from - 1, 0)
  if (key === 'ArrowRight' || key === 'ArrowUp') return Math.min(from + 1, count - 1)
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return undefined
}
