/** How a run ended: what was checked, and the whole error. */
import type { RunView } from '../view/run-view.js'
import { LabelledList } from './parts/labelled-list.js'
import { Section } from './parts/section.js'
import { Shown } from './parts/shown.js'

/**
 * The section of the outcome.
 *
 * @example
 * <Outcome view={view} />
 */
export function Outcome({ view: { outcome, error } }: { readonly view: RunView }) {
  return (
    <Section id="outcome" title="Outcome">
      <LabelledList lines={outcome} />
      {error === null ? null : (
        <div class="error">
          <h3>Error</h3>
          <pre>
            <Shown text={error} />
          </pre>
        </div>
      )}
    </Section>
  )
}
