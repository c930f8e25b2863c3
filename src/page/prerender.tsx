/** The page of a run as HTML, for a document that is readable before, and without, its script. */
import { renderToString } from 'preact-render-to-string'
import type { RunView } from '../view/run-view.js'
import { RunPage } from './run-page.js'

/**
 * The HTML of the page of a run, from `<main>` to `</main>`. Whatever the view holds stays text.
 *
 * @example
 * renderReport(view).startsWith('<main') // true
 */
export function renderReport(view: RunView): string {
  return renderToString(<RunPage view={view} />)
}
