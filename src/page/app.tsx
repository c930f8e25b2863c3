/** The script of the local page: all runs of a location, and one of them, or two, at a time. */
import { render } from 'preact'
import { App } from './app/app.js'

const page = document.getElementById('rivet-otel-page')
if (page !== null) render(<App />, page)
