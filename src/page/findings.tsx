/** What was not well about a run, the worst first. */
import type { RunView } from '../view/run-view.js'
import { LabelledList } from './parts/labelled-list.js'
import { Section } from './parts/section.js'

/**
 * The section of what degraded.
 *
 * @example
 * <Findings view={view} />
 */
export function Findings({ view }: { readonly view: RunView }) {
  const { degraded: findings } = view
  return (
    <Section id="degraded" title="Degraded" note={findings.length > 0 ? `${findings.length}` : ''}>
      {findings.length === 0 ? (
        <p class="quiet">{nothing(view)}</p>
      ) : (
        <LabelledList lines={findings} />
      )}
    </Section>
  )
}

function nothing({ incomplete, summary }: RunView): string {
  if (incomplete === null) return 'Nothing degraded.'
  return summary.journal
    ? 'Nothing in the part that is here; of the rest nothing is known.'
    : 'Nothing is known without its journal.'
}
