/** The page of a run as HTML, rendered in Node. It is built from prerender.tsx: no source has this name. */
import type { RunView } from '../view/run-view.js'

/**
 * The HTML of the page of a run, from `<main>` to `</main>`. Whatever the view holds stays text. A document that the report's
 * script is to take over has it as the only content of `<div id="rivet-otel-page">`, and after that the view as
 * JSON in `<script type="application/json" id="rivet-otel-data">`.
 *
 * @example
 * renderReport(view).startsWith('<main') // true
 */
export declare function renderReport(view: RunView): string
