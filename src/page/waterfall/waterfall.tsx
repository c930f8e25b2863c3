/** When each attempt at a chunk ran, and what happened meanwhile. */
import { counted } from '../../view/quantities.js'
import type { RunView } from '../../view/run-view.js'
import { offsetText } from '../parts/moment.js'
import { Section } from '../parts/section.js'
import { useLive } from '../parts/use-live.js'
import { LiveWaterfall } from './live-waterfall.js'
import { StaticWaterfall } from './static-waterfall.js'

/**
 * The section of the waterfall. Without a script, and on paper, it is a table of its most telling rows.
 *
 * @example
 * <Waterfall view={view} />
 */
export function Waterfall({ view: { attempts, events, axis } }: { readonly view: RunView }) {
  const live = useLive()
  if (axis === null) return null
  // Events alone are a list further down; on a line they are only for pointing at.
  if (attempts.length === 0 && (!live || events.length < 2)) return null
  const title = attempts.length === 0 ? 'Time line' : 'Chunks'
  const note = attempts.length === 0 ? span(axis.duration_ms) : counted(attempts.length, 'attempt')
  return (
    <Section id="waterfall" title={title} note={note}>
      <svg class="patterns" width="0" height="0" aria-hidden="true">
        <defs>
          <pattern id="failed-hatch" width="6" height="6" patternUnits="userSpaceOnUse">
            <rect class="hatch-ground" width="6" height="6" />
            <path class="hatch-lines" d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5" />
          </pattern>
        </defs>
      </svg>
      {live ? <LiveWaterfall attempts={attempts} events={events} axis={axis} /> : null}
      {attempts.length === 0 ? null : (
        <div class={live ? 'only-printed' : ''}>
          <StaticWaterfall attempts={attempts} axis={axis} />
        </div>
      )}
    </Section>
  )
}

function span(ms: number): string {
  return `0 to ${offsetText(ms, Math.max(ms / 100, 1))}`
}
