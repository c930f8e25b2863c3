import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { reportHtml } from '../../src/report/report-html.js'
import type { RunView } from '../../src/view/run-view.js'
import { shopView } from './views.js'

const MADE = { version: '1.2.3' }

const dataOf = (html: string): RunView =>
  JSON.parse(/<script type="application\/json"[^>]*>([^<]*)<\/script>/.exec(html)?.[1] ?? '')

it('the same view gives the same bytes', async () => {
  const first = await reportHtml(shopView('orders'), MADE)
  expect(await reportHtml(shopView('orders'), MADE)).toBe(first)
})

it('holds the whole view', async () => {
  const view = shopView('orders')
  expect(dataOf(await reportHtml(view, MADE))).toEqual(JSON.parse(JSON.stringify(view)))
})

it('a usual run takes less than 300 kB', async () => {
  const sizes = ['orders', 'events_full', 'chunk_boom'].map(async (name) =>
    Buffer.byteLength(await reportHtml(shopView(name), MADE)),
  )
  expect(Math.max(...(await Promise.all(sizes)))).toBeLessThan(300_000)
})

it('lets no script run but its own, and asks for nothing from anywhere', async () => {
  const html = await reportHtml(shopView('orders'), MADE)
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? ''
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = '']) => text)
  expect(scripts).toHaveLength(1)
  const hash = createHash('sha256')
    .update(scripts[0] ?? '')
    .digest('base64')
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ])
  const addresses = [
    ...html.matchAll(/<(?:link|img|script|iframe|a)\b[^>]*?(?:href|src)="([^"]*)"/g),
  ]
  expect(
    addresses.map(([, address = '']) => address).filter((to) => !/^(?:#|data:)/.test(to)),
  ).toEqual([])
})

it('texts of the run become no markup, and move nothing in the title', async () => {
  const attack =
    '</script></style><img src=x onerror=alert(1)>\u202e\u2028\u200b\u200e\u200f\u061c\ufeff<!--'
  const view = shopView('orders')
  const html = await reportHtml(
    {
      ...view,
      summary: { ...view.summary, run_id: attack, export_name: attack },
      error: attack,
      query: attack,
      files: [{ name: attack, rows: 1, bytes: null }],
    },
    MADE,
  )
  expect(html).not.toContain('<img')
  expect(html.match(/<\/script/g)).toHaveLength(2)
  expect(html.match(/<\/style/g)).toHaveLength(1)
  expect(/<title>(.*)<\/title>/.exec(html)?.[1]).not.toMatch(
    /[\u202e\u2028\u200b\u200e\u200f\u061c\ufeff]/,
  )
  expect(dataOf(html).summary.run_id).toBe(attack)
})
