/** One run, for people who look: what the report and the local page show of it. */
import type { RunView } from '../view/run-view.js'
import { Comparison } from './comparison.js'
import { Events } from './events.js'
import { Figures } from './figures.js'
import { Files } from './files.js'
import { Findings } from './findings.js'
import { Outcome } from './outcome.js'
import { LabelledList } from './parts/labelled-list.js'
import { Section } from './parts/section.js'
import { Query } from './query.js'
import { RunHeader } from './run-header.js'
import { Trend } from './trend/trend.js'
import { Waterfall } from './waterfall/waterfall.js'

/**
 * The page of a run.
 *
 * @example
 * <RunPage view={view} />
 */
export function RunPage({ view }: { readonly view: RunView }) {
  return (
    <main class="run-page">
      <RunHeader view={view} />
      <Figures view={view} />
      <Waterfall view={view} />
      <div class="columns">
        <Findings view={view} />
        <Outcome view={view} />
        {view.happened.length === 0 ? null : (
          <Section id="happened" title="Happened">
            <LabelledList lines={view.happened} />
          </Section>
        )}
        {view.beside.length === 0 ? null : (
          <Section id="beside" title="Beside the journal">
            <LabelledList lines={view.beside} />
          </Section>
        )}
      </div>
      <Section id="planned" title="Planned">
        <LabelledList lines={view.planned} />
        {view.query === null ? null : <Query sql={view.query} />}
      </Section>
      <Files files={view.files} />
      <Trend view={view} />
      {view.comparison === null ? null : <Comparison diff={view.comparison} />}
      <Events view={view} />
    </main>
  )
}
