/** The top of the page of a run: which run, how it ended, and why, at a glance. */
import type { RunView } from '../view/run-view.js'
import { firstLine, headline } from './headline.js'
import { timeText } from './parts/moment.js'
import { Shown } from './parts/shown.js'
import { ThemeSwitch } from './parts/theme-switch.js'
import { StatusBadge } from './status-badge.js'

/**
 * The top of the page.
 *
 * @example
 * <RunHeader view={view} />
 */
export function RunHeader({ view }: { readonly view: RunView }) {
  const { summary, trace_id } = view
  return (
    <header class="run-header">
      <div class="run-title">
        <h1>
          <Shown text={summary.export_name} />
        </h1>
        <StatusBadge run={summary} />
        <span class="spring" />
        <ThemeSwitch />
      </div>
      <p class="run-facts">
        <span>
          run{' '}
          <code>
            <Shown text={summary.run_id} />
          </code>
        </span>
        <span>started {timeText(summary.started_at)}</span>
        {summary.namespace === null ? null : (
          <span>
            namespace <Shown text={summary.namespace} />
          </span>
        )}
        <span>
          trace <code>{trace_id}</code>
        </span>
      </p>
      <Remarks view={view} />
      <Glance view={view} />
    </header>
  )
}

/** What must be said first of a run that is not there as rivet wrote it. */
function Remarks({ view: { banner, incomplete, summary } }: { readonly view: RunView }) {
  if (banner === null && incomplete === null) return null
  const reasons = incomplete ?? []
  // What is there besides a journal is said in one breath.
  const sentence = summary.journal
    ? (banner ?? 'This is not the whole run.')
    : [banner ?? '', ...reasons].join(' ').trim()
  return (
    <div class="banner">
      <p>
        <Shown text={sentence} />
      </p>
      {summary.journal && reasons.length > 0 ? (
        <ul>
          {reasons.map((reason) => (
            <li>
              <Shown text={reason} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}

/** What failed and why, and what was slowest; rivet's own words come first only where nothing says more. */
function Glance({ view }: { readonly view: RunView }) {
  const sentences = headline(view)
  const reason = <Reason error={view.error} />
  const saysWhy = sentences.some(({ level }) => level === 'bad')
  return (
    <>
      {saysWhy ? null : reason}
      <ul class="headline">
        {sentences.map(({ level, text }) => (
          <li class={level}>
            <span aria-hidden="true">{level === 'bad' ? '✗' : '›'}</span>
            <Shown text={text} />
          </li>
        ))}
      </ul>
      {saysWhy ? reason : null}
    </>
  )
}

function Reason({ error }: Pick<RunView, 'error'>) {
  if (error === null) return null
  return (
    <p class="reason">
      <Shown text={firstLine(error)} />
      {error.trim().includes('\n') ? <a href="#outcome-title">whole error</a> : null}
    </p>
  )
}
