/** The script of a report: takes over the page that was rendered into the document. */
import { hydrate } from 'preact'
import type { RunView } from '../view/run-view.js'
import { RunPage } from './run-page.js'

const data = document.getElementById('rivet-otel-data')
const page = document.getElementById('rivet-otel-page')
if (data !== null && page !== null) {
  const view: RunView = JSON.parse(data.textContent ?? '')
  hydrate(<RunPage view={view} />, page)
}
