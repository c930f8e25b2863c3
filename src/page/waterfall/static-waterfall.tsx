/** The waterfall where nothing moves: on paper, and before and without the script. */
import { formatCount } from '../../view/quantities.js'
import type { AttemptView, RunView } from '../../view/run-view.js'
import { countText, durationText } from '../parts/counts.js'
import { offsetText } from '../parts/moment.js'
import { Shown } from '../parts/shown.js'
import { attemptBar } from './attempt-bar.js'
import { attemptStates, keysText, TIMING_SIGNS } from './attempt-words.js'
import { printedAttempts } from './printed-attempts.js'
import { type TimeWindow, wholeWindow } from './time-window.js'

/**
 * The attempts as a table with a bar in each row; of many, the failed and the slowest.
 *
 * @example
 * <StaticWaterfall attempts={view.attempts} axis={view.axis} />
 */
export function StaticWaterfall({
  attempts,
  axis,
}: {
  readonly attempts: readonly AttemptView[]
  readonly axis: NonNullable<RunView['axis']>
}) {
  const printed = printedAttempts(attempts)
  const window = wholeWindow(axis.duration_ms)
  const left = attempts.length - printed.length
  return (
    <table class="static-waterfall">
      {left === 0 ? null : (
        <caption>
          {formatCount(printed.length)} of {formatCount(attempts.length)} attempts: the failed, and
          the slowest. {formatCount(left)} are not printed.
        </caption>
      )}
      <thead>
        <tr>
          <th scope="col" class="number">
            Chunk
          </th>
          <th scope="col">Keys</th>
          <th scope="col" class="number">
            Duration
          </th>
          <th scope="col" class="number">
            Rows
          </th>
          <th scope="col" class="line">
            0 to {offsetText(axis.duration_ms, Math.max(axis.duration_ms / 100, 1))}
          </th>
          <th scope="col">
            <span class="unseen-words">State</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {printed.map((attempt) => (
          <tr class={attempt.failed ? 'failed' : ''}>
            <th scope="row" class="number">
              {attempt.chunk}
            </th>
            <td class="text">
              <Shown text={keysText(attempt)} />
            </td>
            <td class="number">
              {attempt.duration_ms === null ? '' : durationText(attempt.duration_ms)}
            </td>
            <td class="number">{attempt.rows === null ? '' : countText(attempt.rows)}</td>
            <td class="line">
              <StaticBar attempt={attempt} window={window} />
            </td>
            <td>{attemptStates(attempt).join(', ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function StaticBar({
  attempt,
  window,
}: {
  readonly attempt: AttemptView
  readonly window: TimeWindow
}) {
  const bar = attemptBar(attempt, window)
  const percent = (part: number) => `${(part * 100).toFixed(2)}%`
  const sign = attempt.timing === 'measured' ? '·' : TIMING_SIGNS[attempt.timing]
  return (
    <svg class="track" aria-hidden="true">
      {bar.kind === 'stretch' ? (
        <rect
          class={`bar${attempt.failed ? ' failed' : ''}${attempt.longest ? ' longest' : ''}`}
          x={percent(Math.min(bar.from, 0.996))}
          y="15%"
          width={percent(Math.max(bar.length, 0.004))}
          height="70%"
        />
      ) : (
        <text class="mark" x={percent(bar.kind === 'mark' ? bar.at : 0)} y="75%">
          {sign}
        </text>
      )}
    </svg>
  )
}
