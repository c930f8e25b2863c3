/**
 * The pictures of the README, of runs that are made up. They are made again by
 * `RIVET_OTEL_SCREENSHOTS=docs/images npx vitest run --config test/backends/vitest.config.ts test/browser/pictures.real.ts`
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { rivetOtel, temporaryFolder } from '../e2e/command-line.js'
import { accessibilityProblems, describeInBrowser, openPage, screenshot } from './chromium.js'
import { nightlyRun } from './made-up-runs.js'
import { served } from './served.js'

const NIGHTS = 40
const FAILED: { readonly [night: number]: number } = { 21: 4, 33: 16, 39: 9 }
const NOW = '2026-11-09T07:30:00Z'

function nights(): string {
  const cwd = temporaryFolder()
  const lines = Array.from({ length: NIGHTS }, (_, night) => {
    const fails = FAILED[night]
    return nightlyRun(night, fails === undefined ? {} : { fails })
  })
  writeFileSync(join(cwd, 'runs.jsonl'), lines.join(''))
  return cwd
}

describeInBrowser('forty nights of an export', () => {
  it('as a report: what failed and why, the slowest chunk, and the nights before', async () => {
    const cwd = nights()
    const args = ['report', 'orders_night_39', '--from', 'runs.jsonl', '--to', 'night.html']
    expect((await rivetOtel(args, { cwd })).code).toBe(0)
    const { page, complaints, close } = await openPage()
    onTestFinished(close)
    await page.goto(pathToFileURL(join(cwd, 'night.html')).href)
    const top = await page.locator('.run-header').innerText()
    expect(top).toContain('Chunk 9 (keys 225001 – 250000) failed: db error')
    expect(top.indexOf('Chunk 9')).toBeLessThan(top.indexOf('1 chunk task(s)'))
    expect(top).toContain('Slowest: chunk 7')
    await screenshot(page, 'report', false)
    const chart = page.getByRole('slider', { name: 'Duration of the runs of this export' })
    expect(await chart.locator('.trend-bar').count()).toBe(31)
    expect(await chart.locator('text').count()).toBe(3)
    const [left, right] = await page
      .locator('.trend-chart')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect()))
    expect(left?.y).toBe(right?.y)
    expect(left?.x ?? 0).toBeLessThan(right?.x ?? 0)
    expect(await accessibilityProblems(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  it('as the local page: their trend above their list', async () => {
    const path = '#/runs?export=orders'
    const options = { colorScheme: 'dark', viewport: { width: 1280, height: 760 } } as const
    const args = ['--from', 'runs.jsonl', '--no-receive', '--all']
    const { page, complaints, port } = await served(args, { cwd: nights(), options })
    await page.clock.setFixedTime(NOW)
    await page.goto(`http://127.0.0.1:${port}/${path}`)
    await page.reload()
    await page.getByText('40 runs', { exact: true }).waitFor()
    expect(await page.locator('.runs-trend-link').count()).toBe(2 * NIGHTS)
    expect(await page.locator('.runs-trend-link[data-tone=bad]').count()).toBe(6)
    await screenshot(page, 'serve', false)
    expect(await accessibilityProblems(page)).toEqual([])
    expect(complaints).toEqual([])
  })
})
