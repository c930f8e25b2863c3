/** Labels and texts of a run, as a list. */
import type { Labelled } from '../../view/run-view.js'
import { LevelSign } from './level-sign.js'
import { Shown } from './shown.js'

/**
 * A list of labels and texts; what matters has a sign before it.
 *
 * @example
 * <LabelledList lines={view.planned} />
 */
export function LabelledList({ lines }: { readonly lines: readonly Labelled[] }) {
  return (
    <dl class="labelled">
      {lines.map(({ label, text, level = 'info' }) => (
        <div class={`line ${level}`}>
          <dt>
            <Shown text={label} />
          </dt>
          <dd>
            <LevelSign level={level} />
            <Shown text={text} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
