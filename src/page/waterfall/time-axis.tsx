/** The head of the time line: its ticks, and the part of it that is dragged over. */
import { ROW_HEIGHT } from './attempt-row.js'
import { DragMark } from './drag-mark.js'
import { useTimeDrag } from './use-time-drag.js'

/** CSS pixels. */
const LABEL_WIDTH = 56

/**
 * The axis, as a cell of the grid's head; `choose` is told the part that was dragged over, from 0 to 1 of the width.
 *
 * @example
 * <TimeAxis line={line} ticks={[{ x: 0, label: '0' }]} width={400} sorted choose={(from, to) => zoomTo(from, to)} />
 */
export function TimeAxis({
  line,
  ticks,
  width,
  sorted,
  choose,
}: {
  readonly line: { current: HTMLTableCellElement | null }
  readonly ticks: readonly { readonly x: number; readonly label: string }[]
  readonly width: number
  readonly sorted: boolean
  readonly choose: (from: number, to: number) => void
}) {
  const { drag, handlers } = useTimeDrag(choose)
  return (
    <th
      ref={line}
      scope="col"
      class="axis"
      aria-sort={sorted ? 'ascending' : 'none'}
      title="Drag to zoom into a part"
      {...handlers}
    >
      <span class="unseen-words">Time line</span>
      <svg width={width} height={ROW_HEIGHT} aria-hidden="true">
        {ticks.map(({ x, label }) => (
          <>
            <path class="gridline" d={`M${Math.round(x) + 0.5} 18v8`} />
            {x > width - LABEL_WIDTH / 2 ? null : (
              <text class={x < LABEL_WIDTH / 2 ? 'first' : ''} x={x} y={13}>
                {label}
              </text>
            )}
          </>
        ))}
      </svg>
      <DragMark drag={drag} />
    </th>
  )
}
