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
  const { summary, banner, incomplete, error, trace_id } = view
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
      {banner === null ? null : (
        <p class="banner">
          <Shown text={banner} />
        </p>
      )}
      {incomplete === null ? null : (
        <div class="banner">
          <strong>This is not the whole run.</strong>
          <ul>
            {incomplete.map((reason) => (
              <li>
                <Shown text={reason} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {error === null ? null : (
        <p class="reason">
          <Shown text={firstLine(error)} />
          {error.trim().includes('\n') ? <a href="#outcome-title">whole error</a> : null}
        </p>
      )}
      <ul class="headline">
        {headline(view).map(({ level, text }) => (
          <li class={level}>
            <span aria-hidden="true">{level === 'bad' ? '✗' : '›'}</span>
            <Shown text={text} />
          </li>
        ))}
      </ul>
    </header>
  )
}
