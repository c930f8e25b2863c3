/** The page itself, and the files it is made of. */
import type { Answer } from './answer.js'

/** Everything of the page comes from its own server, and nobody else may frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Runs – rivet-otel</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/app.css">
<script type="module" src="/app.js"></script>
</head>
<body>
<div id="rivet-otel-page"></div>
<noscript>This page needs JavaScript. Without it: rivet-otel runs, or rivet-otel report.</noscript>
</body>
</html>
`

/**
 * The page.
 *
 * @example
 * pageAnswer().headers // { 'content-security-policy': "default-src 'none'; …" }
 */
export function pageAnswer(): Answer {
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body: PAGE,
    headers: { 'content-security-policy': POLICY },
  }
}

/**
 * The script of the page.
 *
 * @example
 * (await scriptAnswer()).type // 'text/javascript; charset=utf-8'
 */
export async function scriptAnswer(): Promise<Answer> {
  const { appScript } = await import('../page/assets.js')
  return { status: 200, type: 'text/javascript; charset=utf-8', body: appScript }
}

/**
 * The styles of the page.
 *
 * @example
 * (await stylesAnswer()).type // 'text/css; charset=utf-8'
 */
export async function stylesAnswer(): Promise<Answer> {
  const { styles } = await import('../page/assets.js')
  return { status: 200, type: 'text/css; charset=utf-8', body: styles }
}
