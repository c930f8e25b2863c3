/** The report of a run in a real browser: what a person sees, reaches and is spared. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { JournalEntry } from '../../src/journal/run-journal.js'
import { parseTimestamp } from '../../src/journal/timestamp.js'
import { reportHtml } from '../../src/report/report-html.js'
import type { RunView } from '../../src/view/run-view.js'
import { temporaryFolder } from '../e2e/command-line.js'
import { shopJournal, shopJournals } from '../journal/example-journals.js'
import { largeView, shopView } from '../report/views.js'
import { accessibilityProblems, describeInBrowser, openPage, screenshot } from './chromium.js'

const LARGE = 10_000
/** What opening and scrolling a run of {@link LARGE} chunks may take, in ms. */
const LONGEST_OPENING_MS = 2000
const LONGEST_TASK_MS = 200
const MOST_TRIALS = 3
const BANNER = 'NOT THE WHOLE JOURNAL: this run came back incomplete.'

async function open(view: RunView, options: BrowserContextOptions = {}) {
  const file = join(temporaryFolder(), 'report.html')
  writeFileSync(file, await reportHtml(view, { version: '0.0.0' }))
  const opened = await openPage(options)
  onTestFinished(() => opened.close())
  await opened.page.goto(pathToFileURL(file).href)
  return opened
}

const grid = (page: Page) => page.getByRole('grid', { name: 'Attempts at the chunks' })
const rows = (page: Page) => grid(page).locator('tbody tr')

describeInBrowser('the report of a run', () => {
  it.each(shopJournals().map(({ export_name }) => [export_name]))(
    '%s opens from disk without a complaint, and asks nobody for anything',
    async (name) => {
      const { page, complaints, requests } = await open(shopView(name))
      expect(await page.locator('h1').innerText()).toBe(name)
      await page.waitForTimeout(100)
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] })
    },
  )

  it('says at a glance what failed, and why, and which chunk was slowest', async () => {
    const { page } = await open(shopView('chunk_boom'))
    const top = await page.locator('.run-header').innerText()
    expect(top).toContain('failed')
    expect(top).toContain('Chunk 5 (keys 1251 – 1500) failed: db error: ERROR: division by zero')
    expect(top).toMatch(/Slowest: chunk 6 .* 22 ms/)
    await screenshot(page, 'failed-light')
  })

  it('draws every attempt where its journal has it, to a pixel', async () => {
    const { page } = await open(shopView('orders'))
    const wanted = barsOf(shopJournal('orders').entries)
    expect(await rows(page).count()).toBe(16)
    const drawn = await rows(page).evaluateAll((all) =>
      all.map((row) => {
        const track = row.querySelector('svg')?.getBoundingClientRect()
        const bar = row.querySelector('rect.bar')?.getBoundingClientRect()
        return {
          chunk: Number.parseInt(row.querySelector('td')?.textContent ?? '', 10),
          left: (bar?.left ?? 0) - (track?.left ?? 0),
          width: bar?.width ?? 0,
          whole: track?.width ?? 0,
        }
      }),
    )
    for (const { chunk, left, width, whole } of drawn) {
      const bar = wanted.get(chunk)
      expect(Math.abs(left - (bar?.from ?? 0) * whole), `left of ${chunk}`).toBeLessThanOrEqual(1)
      expect(Math.abs(width - (bar?.length ?? 0) * whole), `width of ${chunk}`).toBeLessThanOrEqual(
        1,
      )
    }
    expect(new Set(drawn.map(({ chunk }) => chunk))).toEqual(new Set(wanted.keys()))
  })

  it('shows all of a chunk to who points at it, and to who comes to it by keyboard', async () => {
    const { page } = await open(shopView('orders'))
    const card = page.locator('.floating-card')
    await rows(page).nth(2).hover()
    await card.waitFor()
    const told = await card.innerText()
    for (const words of ['Chunk 2', '50001 – 75000', '193 ms', '25,000', 'orders_20261121'])
      expect(told).toContain(words)
    await page.mouse.move(0, 0)
    await card.waitFor({ state: 'detached' })
    await grid(page).focus()
    for (const _ of [0, 1, 2]) await page.keyboard.press('ArrowDown')
    await card.waitFor()
    await expect.poll(() => card.innerText()).toContain('Chunk 2')
    expect(await grid(page).getAttribute('aria-activedescendant')).toBe('attempt-2')
    await page.keyboard.press('Enter')
    expect(await page.getByRole('complementary').innerText()).toContain('50001 – 75000')
  })

  it('filters, searches, sorts and zooms', async () => {
    const { page } = await open(shopView('chunk_boom'))
    await page.locator('label', { hasText: 'Failed 1' }).click()
    expect(await rows(page).count()).toBe(1)
    expect(await rows(page).innerText()).toContain('failed')
    await page.locator('label', { hasText: 'All 8' }).click()
    await page.getByLabel('Find', { exact: true }).fill('1501')
    await expect.poll(() => rows(page).count()).toBe(1)
    await page.getByLabel('Find', { exact: true }).fill('')
    await page.getByLabel('Sort by').selectOption('duration')
    await expect.poll(() => rows(page).first().innerText()).toMatch(/^6\D/)
    await page.getByLabel('Sort by').selectOption('time')
    const width = () =>
      rows(page)
        .first()
        .locator('rect')
        .evaluate((bar) => bar.getBoundingClientRect().width)
    const before = await width()
    expect(await page.getByRole('button', { name: 'Whole run' }).isDisabled()).toBe(true)
    await grid(page).focus()
    await page.keyboard.press('+')
    await expect.poll(width).not.toBe(before)
    await page.keyboard.press('0')
    await expect.poll(width).toBe(before)
  })

  it('can be read without a script', async () => {
    const { page } = await open(shopView('chunk_boom'), { javaScriptEnabled: false })
    const said = await page.locator('main').innerText()
    for (const words of ['chunk_boom', 'division by zero', '1251 – 1500', 'SELECT id', '_chunk7_'])
      expect(said).toContain(words)
    await screenshot(page, 'no-script')
  })

  it.each([['light'], ['dark']] as const)(
    'has nothing in %s that axe-core objects to',
    async (colorScheme) => {
      for (const name of ['chunk_boom', 'orders', 'customers_quality']) {
        const { page } = await open(shopView(name), { colorScheme })
        expect(await accessibilityProblems(page), name).toEqual([])
        await screenshot(page, `${name}-${colorScheme}`)
      }
    },
  )

  it('fits a phone', async () => {
    const { page } = await open(shopView('chunk_boom'), { viewport: { width: 390, height: 844 } })
    expect(await page.evaluate<number>(OVERFLOW)).toBeLessThanOrEqual(0)
    expect(await accessibilityProblems(page)).toEqual([])
    await screenshot(page, 'phone')
  })

  it('prints on pages, with what must be said first', async () => {
    const view = { ...shopView('orders'), banner: BANNER, incomplete: ['entry 3 is missing'] }
    const { page } = await open(view)
    await page.emulateMedia({ media: 'print' })
    await screenshot(page, 'print')
    expect(await page.getByText(BANNER).isVisible()).toBe(true)
    expect(await page.locator('.static-waterfall').isVisible()).toBe(true)
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
    const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0
    expect(pages).toBeGreaterThan(1)
    expect(pages).toBeLessThan(8)
  })

  describe.each([
    ['a script', '</script><script>globalThis.canary=1</script>'],
    ['an image', '"\'><img src=x onerror=globalThis.canary=1>'],
    ['a template', ['{{globalThis.canary=1}}', '$', '{globalThis.canary=1}'].join('')],
    ['a turned line', 'gpj.\u202e\u2066exe\u0000\u2028.csv'],
    ['a comment', '<!--<script>'],
  ])('with %s in its texts', (_, attack) => {
    it('shows text, and nothing of it runs', async () => {
      const { page, complaints, requests } = await open(attacked(attack))
      await rows(page).first().hover()
      await page.locator('.floating-card').waitFor()
      expect(await page.evaluate(() => Reflect.get(globalThis, 'canary'))).toBeUndefined()
      expect(await page.locator('img, iframe, object').count()).toBe(0)
      expect(await page.locator('script').count()).toBe(2)
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] })
      const shown = attack.replace(/[\u202e\u2066\u2028\p{Cc}]/gu, (unseen) => {
        return `U+${unseen.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
      })
      for (const place of ['h1', '.reason', '.query-head + pre', '.file-name', '.floating-card'])
        expect(await page.locator(place).first().innerText(), place).toContain(shown)
    })
  })

  it(`of ${LARGE} chunks opens in 2 s, and scrolls without a long wait`, async () => {
    const { page, complaints } = await open(largeView(LARGE))
    await rows(page).first().waitFor()
    const opened = await page.evaluate<number>(SINCE_NAVIGATION)
    await screenshot(page, 'large', false)
    await grid(page).focus()
    // Time that other programs take on this machine is no time of the page: its best of some is its own.
    let longest = Number.POSITIVE_INFINITY
    for (let trial = 1; trial <= MOST_TRIALS && longest >= LONGEST_TASK_MS; trial++) {
      const { tasks, last } = await page.evaluate<{ tasks: number[]; last: number }>(
        SCROLLED_THROUGH,
      )
      expect(last).toBe(LARGE - 1)
      longest = Math.max(0, ...tasks)
      console.log(
        `${LARGE} chunks: open after ${Math.round(opened)} ms; scrolled with ${tasks.length} long tasks, the longest ${Math.round(longest)} ms (trial ${trial})`,
      )
    }
    expect(opened).toBeLessThan(LONGEST_OPENING_MS)
    expect(longest).toBeLessThan(LONGEST_TASK_MS)
    expect(complaints).toEqual([])
  })
})

/** Parts of the run's time, from nothing but the entries. */
function barsOf(entries: readonly JournalEntry[]): Map<number, { from: number; length: number }> {
  const starts = new Map<number, bigint>()
  const bars = new Map<number, { start: bigint; end: bigint }>()
  const times = entries.map(({ recorded_at }) => parseTimestamp(recorded_at).unixNano)
  let [first = 0n] = times
  const last = times.at(-1) ?? 0n
  entries.forEach(({ event }, i) => {
    const at = times[i] ?? 0n
    if (typeof event === 'string') return
    const { ChunkStarted, ChunkCompleted, RunCompleted } = event as Record<
      string,
      { chunk_index: number; duration_ms: number } | undefined
    >
    if (ChunkStarted) starts.set(ChunkStarted.chunk_index, at)
    if (ChunkCompleted) {
      const { chunk_index } = ChunkCompleted
      bars.set(chunk_index, { start: starts.get(chunk_index) ?? at, end: at })
    }
    const began = at - BigInt(RunCompleted?.duration_ms ?? 0) * 1_000_000n
    if (RunCompleted && began < first) first = began
  })
  const part = (nanos: bigint) => Number(nanos) / Number(last - first)
  return new Map(
    [...bars].map(([chunk, { start, end }]) => [
      chunk,
      { from: part(start - first), length: part(end - start) },
    ]),
  )
}

function attacked(attack: string): RunView {
  const view = shopView('chunk_boom')
  return {
    ...view,
    summary: { ...view.summary, export_name: attack, run_id: attack, concerns: [attack] },
    error: attack,
    query: attack,
    attempts: view.attempts.map((attempt) => ({
      ...attempt,
      keys: [attack, attack] as const,
      error: attack,
      files: [attack],
      failed: true,
    })),
    files: [{ name: attack, rows: 1, bytes: 2 }],
    degraded: [{ label: attack, text: attack, level: 'bad' }],
    events: view.events.map((event) => ({ ...event, text: attack })),
  }
}

/** What follows is run in the page, as text: the types of these tests know no document. */
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

/** In ms, to the next frame. */
const SINCE_NAVIGATION =
  'new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())))'

/** From top to bottom, a screenful a frame: how long tasks took that were long, and the last row. */
const SCROLLED_THROUGH = `(async () => {
  const grid = document.activeElement
  const tasks = []
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration)
  })
  observer.observe({ type: 'longtask' })
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
  const step = Math.max(grid.clientHeight, 100)
  for (let top = 0; top < grid.scrollHeight; top += step) {
    grid.scrollTop = top
    await frame()
  }
  grid.scrollTop = grid.scrollHeight
  for (let i = 0; i < 5; i++) await frame()
  await new Promise((resolve) => setTimeout(resolve, 200))
  observer.disconnect()
  const shown = [...grid.querySelectorAll('[data-position]')]
  return { tasks, last: Math.max(...shown.map((row) => Number(row.dataset.position))) }
})()`
