/** One attempt as a row of the waterfall's grid. */
import type { AttemptView } from '../../view/run-view.js'
import { countText, durationText } from '../parts/counts.js'
import { Shown } from '../parts/shown.js'
import { attemptBar } from './attempt-bar.js'
import { attemptStates, keysText, TIMING_SIGNS } from './attempt-words.js'
import type { TimeWindow } from './time-window.js'

/** CSS pixels; the styles say the same. */
export const ROW_HEIGHT = 26

const SHORTEST_BAR = 3

/**
 * The row. Who points at it or clicks it is found by its `data-position`, so that it has no handlers of its own.
 *
 * @param position in the list that is shown, from 0
 * @param top CSS pixels from the first row
 * @example
 * <AttemptRow attempt={attempt} position={0} top={0} window={window} width={600} ticks="M10 0v26" active={false} />
 */
export function AttemptRow({
  attempt,
  position,
  top,
  window,
  width,
  ticks,
  active,
}: {
  readonly attempt: AttemptView
  readonly position: number
  readonly top: number
  readonly window: TimeWindow
  readonly width: number
  readonly ticks: string
  readonly active: boolean
}) {
  const { failed, recovered, longest, duration_ms, rows } = attempt
  const look = failed ? ' failed' : recovered ? ' recovered' : longest ? ' longest' : ''
  return (
    <tr
      id={`attempt-${position}`}
      class={`row${look}${active ? ' active' : ''}`}
      aria-rowindex={position + 2}
      aria-selected={active}
      data-position={position}
      style={{ transform: `translateY(${top}px)` }}
    >
      <td class="chunk">
        {attempt.chunk}
        <span class="states">{attemptStates(attempt).join(', ')}</span>
      </td>
      <td class="keys">
        <Shown text={keysText(attempt)} />
      </td>
      <td class="number duration">{duration_ms === null ? '' : durationText(duration_ms)}</td>
      <td class="number rows">{rows === null ? '' : countText(rows)}</td>
      <td class="track-cell">
        <svg class="track" width={width} height={ROW_HEIGHT} aria-hidden="true">
          <path class="gridline" d={ticks} />
          <Drawn attempt={attempt} window={window} width={width} look={look} />
        </svg>
      </td>
    </tr>
  )
}

function Drawn({
  attempt,
  window,
  width,
  look,
}: {
  readonly attempt: AttemptView
  readonly window: TimeWindow
  readonly width: number
  readonly look: string
}) {
  const bar = attemptBar(attempt, window)
  if (bar.kind === 'before') return <Mark x={6} sign="‹" look=" outside" />
  if (bar.kind === 'after') return <Mark x={width - 6} sign="›" look=" outside" />
  if (bar.kind === 'mark') {
    const sign = attempt.timing === 'measured' ? '·' : TIMING_SIGNS[attempt.timing]
    return <Mark x={Math.min(Math.max(bar.at * width, 6), width - 6)} sign={sign} look={look} />
  }
  const length = Math.max(bar.length * width, SHORTEST_BAR)
  const x = Math.min(bar.from * width, width - length)
  return (
    <>
      <rect class={`bar${look}`} x={x} y={5} width={length} height={16} rx={2} />
      {attempt.failed ? (
        <Mark x={x + length + 10 > width - 6 ? x - 8 : x + length + 8} sign="✗" look=" failed" />
      ) : null}
    </>
  )
}

function Mark({
  x,
  sign,
  look,
}: {
  readonly x: number
  readonly sign: string
  readonly look: string
}) {
  return (
    <text class={`mark${look}`} x={x} y={ROW_HEIGHT / 2 + 1}>
      {sign}
    </text>
  )
}
