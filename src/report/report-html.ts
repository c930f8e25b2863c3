/**
 * One run as one HTML document that needs nothing else: no network, no server, and to be read not
 * even a script.
 *
 * The same view gives the same bytes. Nothing in the view is trusted: its texts cannot become markup,
 * and the document's own policy lets no script run but the one it was made with.
 */
import { createHash } from 'node:crypto'
import type { RunView } from '../view/run-view.js'
import { UNSEEN_CHARACTERS } from '../view/unseen-characters.js'
import { withinReport } from './report-limits.js'

/** What a report says of its maker. */
export interface ReportMaker {
  /** The version of rivet-otel. */
  readonly version: string
}

/**
 * The report of a run. One of more than 100,000 attempts, events or files says what of them it has
 * left out; see {@link withinReport}.
 *
 * @example
 * await writeFile('report.html', await reportHtml(view, { version: '0.1.0' }))
 */
export async function reportHtml(view: RunView, { version }: ReportMaker): Promise<string> {
  const [{ reportScript, styles }, { renderReport }] = await Promise.all([
    import('../page/assets.js'),
    import('../page/render.js'),
  ])
  const shown = withinReport(view)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(reportScript)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="rivet-otel ${escaped(version)}">
<link rel="icon" href="data:,">
<title>${escaped(titleOf(shown))}</title>
<style>${styles}</style>
</head>
<body>
<div id="rivet-otel-page">${renderReport(shown)}</div>
<script type="application/json" id="rivet-otel-data">${asData(shown)}</script>
<script>${reportScript}</script>
</body>
</html>
`
}

/** Attributes of style place what the waterfall draws; a hash cannot allow these. */
function policyFor(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

function titleOf({ summary }: RunView): string {
  const status = summary.status === null ? '' : `${summary.status} · `
  return visible(`${summary.export_name} · ${status}${summary.run_id}`)
}

/** What reorders a line or breaks it would do so in the browser's tab and its history. */
function visible(text: string): string {
  return text.replace(UNSEEN_CHARACTERS, '\ufffd')
}

function escaped(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
}

/** JSON that no parser of HTML finds an end or a comment in. */
function asData(view: RunView): string {
  return JSON.stringify(view)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029')
}
