/** The script of the local page: all runs of a location, and one of them at a time. */
import { render } from 'preact'

const page = document.getElementById('rivet-otel-page')
if (page !== null) render(<main class="run-page">Loading …</main>, page)
