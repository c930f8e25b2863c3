/** A real Chromium for the tests that look at pages, and what it complained of. */
import { accessSync, constants, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, describe } from 'vitest'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const program = [process.env.RIVET_OTEL_CHROMIUM, ...PLACES].find(
  (path) => path !== undefined && isProgram(path),
)

/** Tests of pages in a real browser; where there is none they are named as unchecked. */
export function describeInBrowser(title: string, tests: () => void): void {
  if (program === undefined)
    console.log(`UNCHECKED: ${title}, in a browser; RIVET_OTEL_CHROMIUM names a Chromium`)
  describe.skipIf(program === undefined)(title, tests)
}

let browser: Promise<Browser> | undefined
const launched = () => {
  browser ??= chromium.launch({
    ...(program === undefined ? {} : { executablePath: program }),
    // Its sandbox needs rights that containers do not give.
    args: ['--no-sandbox', '--disable-gpu'],
  })
  return browser
}
afterAll(async () => (await browser)?.close())

/** A page, and everything that went on beside what it shows. */
export interface Watched {
  readonly page: Page
  /** Errors and warnings of the console, and errors that nobody caught. */
  readonly complaints: string[]
  /** Whatever was asked for, but the document itself and data in it. */
  readonly requests: string[]
  close(): Promise<void>
}

/** Opens an empty page of its own. */
export async function openPage(options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await (await launched()).newContext({
    viewport: { width: 1280, height: 900 },
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith('data:') && !request.isNavigationRequest())
      requests.push(request.url())
  })
  return { page, complaints, requests, close: () => context.close() }
}

/** What axe-core finds against WCAG 2.2 AA and good practice, as one line each. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // The page's own policy would stop a script that is added to it, but not one that is evaluated.
  const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  const { readFileSync } = await import('node:fs')
  await page.evaluate(readFileSync(source, 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: readonly Violation[] }> }
    }
    interface Violation {
      readonly id: string
      readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
    }
    const { violations } = await axe.run()
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary}`),
    )
  })
}

/** Keeps a picture where somebody wants to look at it: in the folder of RIVET_OTEL_SCREENSHOTS. */
export async function screenshot(page: Page, name: string, fullPage = true): Promise<void> {
  const folder = process.env.RIVET_OTEL_SCREENSHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
