/** How the runs of one export went over time: how long each took, and how many rows it gave. */
import { useState } from 'preact/hooks'
import { formatCount } from '../../view/quantities.js'
import type { Count, RunSummary } from '../../view/run-view.js'
import { countText, durationText } from '../parts/counts.js'
import { timeText } from '../parts/moment.js'
import { visibleText } from '../parts/shown-text.js'
import { runTone } from '../run-tone.js'
import { magnitude, NO_STATUS, placeOf, runKey } from './listed-runs.js'
import { fragmentOf } from './route.js'

/** More would be too thin to point at. */
const MOST_RUNS = 60

/**
 * The trend of an export, as bars that lead to its runs; nothing where no export is chosen, or where
 * it ran only once.
 *
 * @example
 * <Trend runs={runs} exportName="orders" />
 */
export function Trend({
  runs,
  exportName,
}: {
  readonly runs: readonly RunSummary[]
  readonly exportName: string
}) {
  const about = runs.filter((run) => exportName !== '' && run.export_name === exportName)
  if (about.length < 2) return null
  const newest = about.slice(-MOST_RUNS)
  const said =
    about.length > newest.length
      ? `its last ${newest.length} of ${formatCount(about.length)} runs`
      : `its ${newest.length} runs`
  return (
    <section class="runs-trend" aria-label={`Trend of ${visibleText(exportName)}`}>
      <Bars
        title={`Duration of ${said}`}
        runs={newest}
        quantityOf={({ duration_ms }) => duration_ms}
        format={durationText}
      />
      <Bars
        title={`Rows of ${said}`}
        runs={newest}
        quantityOf={({ rows }) => rows}
        format={countText}
      />
    </section>
  )
}

interface BarsProps {
  readonly title: string
  /** The oldest first. */
  readonly runs: readonly RunSummary[]
  readonly quantityOf: (run: RunSummary) => Count | null
  readonly format: (count: Count | null) => string
}

/** Tab comes to one bar, the newest at first; the arrow keys go through them. */
function Bars({ title, runs, quantityOf, format }: BarsProps) {
  const [reached, setReached] = useState<string>()
  const most = runs.reduce((high, run) => Math.max(high, magnitude(quantityOf(run)) ?? 0), 0)
  const keys = runs.map(runKey)
  const at = reached !== undefined && keys.includes(reached) ? reached : keys.at(-1)
  return (
    <figure>
      <figcaption>
        {title} <span class="runs-trend-most">up to {format(Math.round(most))}</span>
      </figcaption>
      <div class="runs-trend-links">
        {runs.map((run) => {
          const value = quantityOf(run)
          const height = most === 0 ? 0 : (100 * (magnitude(value) ?? 0)) / most
          const status = run.status ?? NO_STATUS
          const name = `${format(value)}, ${status}, ${timeText(run.started_at)}, ${run.run_id}`
          return (
            <a
              key={runKey(run)}
              class="runs-trend-link"
              data-tone={runTone(run)}
              href={fragmentOf({ kind: 'run', ...placeOf(run) })}
              aria-label={visibleText(name)}
              title={visibleText(name)}
              tabIndex={runKey(run) === at ? 0 : -1}
              onFocus={() => setReached(runKey(run))}
              onKeyDown={moveAside}
            >
              <span style={{ height: `${height.toFixed(1)}%` }} />
            </a>
          )
        })}
      </div>
    </figure>
  )
}

function moveAside(event: KeyboardEvent): void {
  const { currentTarget, key } = event
  if (!(currentTarget instanceof HTMLElement)) return
  const next = {
    ArrowLeft: currentTarget.previousElementSibling,
    ArrowRight: currentTarget.nextElementSibling,
  }[key]
  if (!(next instanceof HTMLElement)) return
  event.preventDefault()
  next.focus()
}
