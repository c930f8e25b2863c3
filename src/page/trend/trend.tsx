/** How a run stands among those of its export before it. */
import { counted } from '../../view/quantities.js'
import type { RunView } from '../../view/run-view.js'
import { bytesText, countText, durationText } from '../parts/counts.js'
import { timeText } from '../parts/moment.js'
import { Section } from '../parts/section.js'
import { Shown } from '../parts/shown.js'
import { TableFrame } from '../parts/table-frame.js'
import { StatusBadge } from '../status-badge.js'
import { TrendChart } from './trend-chart.js'

/**
 * The section of the runs before: charts of duration and rows, and the runs as a table.
 *
 * @example
 * <Trend view={view} />
 */
export function Trend({ view }: { readonly view: RunView }) {
  const { before, before_problems: problems, summary } = view
  if (before.length === 0 && problems.length === 0) return null
  return (
    <Section id="trend" title="Runs before" note={`${before.length}`}>
      {before.length === 0 ? null : (
        <div class="trend-charts">
          <TrendChart
            title="Duration"
            quantity={(run) => run.duration_ms}
            format={durationText}
            before={before}
            current={summary}
          />
          <TrendChart
            title="Rows"
            quantity={(run) => run.rows}
            format={countText}
            before={before}
            current={summary}
          />
        </div>
      )}
      {problems.map((problem) => (
        <p class="quiet">
          <Shown text={problem} />
        </p>
      ))}
      {before.length === 0 ? null : (
        <details>
          <summary>{counted(before.length, 'run')} before this one, the newest first</summary>
          <TableFrame name="Runs before">
            <table>
              <thead>
                <tr>
                  <th scope="col">Started</th>
                  <th scope="col">Run</th>
                  <th scope="col">Status</th>
                  <th scope="col" class="number">
                    Duration
                  </th>
                  <th scope="col" class="number">
                    Rows
                  </th>
                  <th scope="col" class="number">
                    Bytes
                  </th>
                </tr>
              </thead>
              <tbody>
                {[...before].reverse().map((run) => (
                  <tr>
                    <td>{timeText(run.started_at)}</td>
                    <td class="text">
                      <Shown text={run.run_id} />
                    </td>
                    <td>
                      <StatusBadge run={run} />
                    </td>
                    <td class="number">{durationText(run.duration_ms)}</td>
                    <td class="number">{countText(run.rows)}</td>
                    <td class="number">{bytesText(run.bytes)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        </details>
      )}
    </Section>
  )
}
