/** All attempts of a run in one strip, with the part of the time that the waterfall shows. */
import { useMemo } from 'preact/hooks'
import type { AttemptView } from '../../view/run-view.js'
import { DragMark } from './drag-mark.js'
import { OVERVIEW, overviewPath } from './overview-path.js'
import { type TimeWindow, windowBetween } from './time-window.js'
import { useTimeDrag } from './use-time-drag.js'

/**
 * The strip. Dragging over it chooses the part to look at.
 *
 * @example
 * <Overview attempts={view.attempts} duration={205} window={window} choose={setWindow} />
 */
export function Overview({
  attempts,
  duration,
  window,
  choose,
}: {
  readonly attempts: readonly AttemptView[]
  readonly duration: number
  readonly window: TimeWindow
  readonly choose: (window: TimeWindow) => void
}) {
  const { columns, rows } = OVERVIEW
  const paths = useMemo(
    () => ({
      all: overviewPath(attempts, duration),
      longest: overviewPath(attempts, duration, ({ longest }) => longest),
      failed: overviewPath(attempts, duration, ({ failed }) => failed),
    }),
    [attempts, duration],
  )
  const { drag, handlers } = useTimeDrag((from, to) =>
    choose(windowBetween(from * duration, to * duration, duration)),
  )
  const left = (window.start / (duration || 1)) * columns
  const right = (window.end / (duration || 1)) * columns
  return (
    <div class="overview" {...handlers} title="Drag to zoom into a part">
      <svg viewBox={`0 0 ${columns} ${rows}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="all" d={paths.all} />
        <path class="longest" d={paths.longest} />
        <path class="failed" d={paths.failed} />
        <rect class="shade" x={0} y={0} width={left} height={rows} />
        <rect class="shade" x={right} y={0} width={Math.max(columns - right, 0)} height={rows} />
        <rect class="seen" x={left} y={0} width={Math.max(right - left, 2)} height={rows} />
      </svg>
      <DragMark drag={drag} />
    </div>
  )
}
