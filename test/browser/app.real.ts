/** The local page in a real browser, served by a real `rivet-otel serve`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { CLI, SHOP, temporaryFolder } from '../e2e/command-line.js'
import { smallRun } from '../e2e/small-runs.js'
import { accessibilityProblems, describeInBrowser, screenshot } from './chromium.js'
import { serve, served } from './served.js'

const BOOM = 'chunk_boom_20261121T085433.976_12990'
const MANY = 10_000

async function ended(child: ChildProcess): Promise<void> {
  const over = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await over
}

async function servedShop(path = '') {
  const cwd = temporaryFolder()
  copyFileSync(SHOP, join(cwd, 'shop.db'))
  const opened = await served(['--from', 'shop.db', '--no-receive'], { cwd, path })
  await opened.page.locator('h1').waitFor()
  return opened
}

const rows = (page: Page) => page.locator('[data-row]')

describeInBrowser('the local page', () => {
  it('lists every run, without a complaint, and asks only its own server', async () => {
    const { page, complaints, requests, port } = await servedShop()
    await expect.poll(() => rows(page).count()).toBe(13)
    const text = await page.locator('tbody').innerText()
    for (const words of ['chunk_boom', 'interrupted', '2.91 s', '400,000'])
      expect(text).toContain(words)
    expect(complaints).toEqual([])
    expect(requests.filter((url) => !url.startsWith(`http://127.0.0.1:${port}/`))).toEqual([])
    const times = await page.locator('time').evaluateAll((all) => all.map((time) => time.title))
    expect(times[0]).toMatch(/^2026-11-21T08:/)
    await screenshot(page, 'app', false)
  })

  it('filters, searches and sorts; back, reload and bookmarks lead to the same', async () => {
    const { page } = await servedShop()
    await page.getByLabel('Status').selectOption('failed')
    await expect.poll(() => rows(page).count()).toBe(4)
    await page.getByRole('button', { name: 'Duration' }).click()
    await expect.poll(() => rows(page).first().innerText()).toContain('16.5 s')
    await page.keyboard.press('/')
    await page.keyboard.type('boom')
    await expect.poll(() => rows(page).count()).toBe(1)
    await page.reload()
    await expect.poll(() => rows(page).count()).toBe(1)
    await page.keyboard.press('/')
    await page.keyboard.press('Tab')
    await rows(page).first().getByRole('link').focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('h1').innerText()).toBe('chunk_boom')
    expect(await page.title()).toContain(BOOM)
    await page.goBack()
    await expect.poll(() => rows(page).count()).toBe(1)
    expect(await page.getByRole('searchbox').inputValue()).toBe('boom')
  })

  it('goes through the rows by the arrow keys', async () => {
    const { page } = await servedShop()
    const links = rows(page).getByRole('link')
    await links.first().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    const focused = () => page.evaluate<string>('document.activeElement.textContent')
    await expect.poll(focused).toBe(await links.nth(2).innerText())
    await page.keyboard.press('End')
    await expect.poll(focused).toBe(await links.last().innerText())
  })

  it('shows a run as its report does, and gives the report', async () => {
    const { page, complaints } = await servedShop(`#/run?run_id=${BOOM}`)
    await page.getByRole('grid', { name: 'Attempts at the chunks' }).waitFor()
    expect(await page.locator('main').innerText()).toContain('division by zero')
    await page.getByRole('link', { name: 'whole error' }).click()
    expect(page.url()).toContain(`#/run?run_id=${BOOM}`)
    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download the report' }).click()
    expect((await downloading).suggestedFilename()).toMatch(/chunk_boom.*\.html$/)
    expect(complaints).toEqual([])
    await screenshot(page, 'app-run')
  })

  it('compares two runs that are selected, and draws the trend of an export', async () => {
    const { page } = await servedShop('#/runs?export=events_full')
    await expect.poll(() => rows(page).count()).toBe(2)
    expect(await page.locator('.runs-trend-link').count()).toBe(4)
    await screenshot(page, 'app-trend', false)
    for (const row of [0, 1]) await rows(page).nth(row).getByRole('checkbox').check()
    await page.getByRole('link', { name: 'Compare the two runs' }).click()
    await expect.poll(() => page.locator('h1').innerText()).toBe('Two runs compared')
    await page.getByRole('heading', { name: 'What differs' }).waitFor()
    await screenshot(page, 'app-diff')
    expect(await accessibilityProblems(page)).toEqual([])
    await page.goBack()
    await page.locator('.runs-trend-link').last().click()
    await expect.poll(() => page.locator('h1').innerText()).toBe('events_full')
  })

  it('says where to send runs to while there are none, and shows them as they come', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'runs.jsonl'), '')
    const { page, port } = await served(['--to', 'kept.jsonl', '--from', 'runs.jsonl'], { cwd })
    await page.getByRole('heading', { name: 'No runs yet' }).waitFor()
    expect(await page.locator('pre').innerText()).toBe(
      `rivet-otel export --to http://127.0.0.1:${port}`,
    )
    expect(await accessibilityProblems(page)).toEqual([])
    await screenshot(page, 'app-empty', false)
    const args = ['export', '--from', SHOP, '--to', `http://127.0.0.1:${port}`, '--no-ledger']
    const sending = spawn(process.execPath, [CLI, ...args], { cwd, stdio: 'ignore' })
    await new Promise((resolve) => sending.once('exit', resolve))
    await expect.poll(() => rows(page).count(), { timeout: 10_000 }).toBeGreaterThan(10)
  })

  it('moves nothing that is read when runs come, and says how many came', async () => {
    const { page, cwd } = await servedLines(200)
    await page.locator('.runs-table').hover()
    await page.mouse.wheel(0, 1000)
    await expect.poll(() => page.locator('.runs-table').evaluate((box) => box.scrollTop)).toBe(1000)
    const before = await rows(page).first().innerText()
    for (const i of [1, 2, 3]) appendFileSync(join(cwd, 'runs.jsonl'), smallRun(`new_${i}`))
    await page.getByRole('button', { name: '3 new runs' }).waitFor({ timeout: 15_000 })
    expect(await rows(page).first().innerText()).toBe(before)
    await page.getByRole('button', { name: '3 new runs' }).click()
    await expect.poll(() => page.locator('.runs-count').innerText()).toBe('203 runs')
  })

  it('says that the connection is lost, and that it is back, with what came meanwhile', async () => {
    const { page, cwd, child, port } = await servedLines(3)
    await page.getByText('Live', { exact: true }).waitFor()
    await ended(child)
    await page.getByText('Connection lost').waitFor()
    await screenshot(page, 'app-lost', false)
    appendFileSync(join(cwd, 'runs.jsonl'), smallRun('meanwhile'))
    await serve(['--from', 'runs.jsonl', '--no-receive'], port, cwd)
    await page.getByText('Connected again').waitFor({ timeout: 20_000 })
    await page.mouse.move(0, 0)
    await expect.poll(() => rows(page).count()).toBe(4)
  })

  it('answers eight windows at once, which share what they are told', async () => {
    const { page, cwd } = await servedLines(3)
    const others: Page[] = []
    for (let i = 0; i < 7; i++) others.push(await page.context().newPage())
    for (const other of others) await other.goto(page.url())
    const all = [page, ...others]
    for (const one of all) {
      await one.getByText('Live', { exact: true }).waitFor()
      await expect.poll(() => rows(one).count()).toBe(3)
    }
    appendFileSync(join(cwd, 'runs.jsonl'), smallRun('new_1'))
    for (const one of all) await expect.poll(() => rows(one).count(), { timeout: 15_000 }).toBe(4)
    // The window that listened for all of them.
    await page.close()
    writeFileSync(join(cwd, 'runs.jsonl'), `${smallRun('new_1')}no journal\n`)
    for (const one of others) {
      await expect.poll(() => rows(one).count(), { timeout: 15_000 }).toBe(1)
      await one.getByText('1 problem while reading').waitFor()
    }
    writeFileSync(join(cwd, 'runs.jsonl'), smallRun('new_1'))
    for (const one of others)
      await expect.poll(() => one.getByText('1 problem while').count(), { timeout: 15_000 }).toBe(0)
  })

  it('holds no connection while it is hidden, and has everything when it is seen again', async () => {
    const { page, cwd, requests } = await servedLines(3)
    await page.getByText('Live', { exact: true }).waitFor()
    const hide = (isHidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} })
        document.dispatchEvent(new Event('visibilitychange'))`,
      )
    const streams = () => requests.filter((url) => url.endsWith('/api/events')).length
    expect(streams()).toBe(1)
    const closed = page.waitForEvent('requestfailed')
    await hide(true)
    expect((await closed).url()).toMatch(/api\/events$/)
    appendFileSync(join(cwd, 'runs.jsonl'), smallRun('meanwhile'))
    await hide(false)
    await expect.poll(() => rows(page).count(), { timeout: 15_000 }).toBe(4)
    expect(streams()).toBe(2)
  })

  it.each([['light'], ['dark']] as const)(
    'has nothing in %s that axe-core objects to',
    async (colorScheme) => {
      const { page } = await servedShop()
      await page.emulateMedia({ colorScheme })
      await expect.poll(() => rows(page).count()).toBe(13)
      await rows(page).first().getByRole('checkbox').check()
      expect(await accessibilityProblems(page)).toEqual([])
      await screenshot(page, `app-${colorScheme}`, false)
    },
  )

  it('keeps what is an attack in a run as text', async () => {
    const cwd = temporaryFolder()
    const attack = '</script><img src=x onerror=globalThis.canary=1>'
    const run = { ...JSON.parse(smallRun('orders_1')), run_id: attack, export_name: attack }
    writeFileSync(join(cwd, 'runs.jsonl'), `${JSON.stringify(run)}\n`)
    const { page, complaints } = await served(['--from', 'runs.jsonl', '--no-receive'], { cwd })
    await rows(page).getByRole('link').click()
    await expect.poll(() => page.locator('h1').innerText()).toBe(attack)
    expect(await page.evaluate(() => Reflect.get(globalThis, 'canary'))).toBeUndefined()
    expect(await page.locator('img').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it(`holds ${MANY} runs, of which only those in view are drawn`, async () => {
    const { page } = await servedLines(MANY, ['--all'])
    await expect.poll(() => page.locator('.runs-count').innerText()).toBe('10,000 runs')
    expect(await rows(page).count()).toBeLessThan(80)
    await rows(page).first().getByRole('link').focus()
    await page.keyboard.press('End')
    await expect
      .poll(() => page.evaluate<string>('document.activeElement.closest("tr").dataset.row'))
      .toBe(String(MANY - 1))
    await page.getByRole('searchbox').fill('orders_9999')
    await expect.poll(() => rows(page).count()).toBe(1)
  })
})

async function servedLines(count: number, args: readonly string[] = []) {
  const cwd = temporaryFolder()
  const lines = Array.from({ length: count }, (_, i) => smallRun(`orders_${i}`))
  writeFileSync(join(cwd, 'runs.jsonl'), lines.join(''))
  const opened = await served(['--from', 'runs.jsonl', '--no-receive', ...args], { cwd })
  await rows(opened.page).first().waitFor()
  return opened
}
