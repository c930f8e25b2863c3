/** The key figures of a run, side by side. */
import { UNKNOWN } from '../view/quantities.js'
import type { RunView } from '../view/run-view.js'
import { keyFigures } from './key-figures.js'

/**
 * The key figures, with their change from the run before where there is one; nothing where none is known.
 *
 * @example
 * <Figures view={view} />
 */
export function Figures({ view: { summary, comparison } }: { readonly view: RunView }) {
  const figures = keyFigures(summary, comparison?.a ?? null)
  if (figures.every(({ value }) => value === UNKNOWN)) return null
  return (
    <dl class="figures">
      {figures.map(({ label, value, change, was }) => (
        <div class="figure">
          <dt>{label}</dt>
          <dd>
            <span class="value">{value}</span>
            {change === null ? null : (
              <span class="change" title={was ?? ''}>
                {change}
                <span class="was"> {was}</span>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
