/** What was not well about a run, the worst first. */
import type { Finding } from '../view/run-view.js'
import { LabelledList } from './parts/labelled-list.js'
import { Section } from './parts/section.js'

/**
 * The section of what degraded.
 *
 * @example
 * <Findings findings={view.degraded} />
 */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <Section id="degraded" title="Degraded" note={findings.length > 0 ? `${findings.length}` : ''}>
      {findings.length === 0 ? (
        <p class="quiet">Nothing degraded.</p>
      ) : (
        <LabelledList lines={findings} />
      )}
    </Section>
  )
}
