/**
 * The account of a target after the chaos: which spans were sent how often, and whether each was sent
 * again for a reason.
 *
 * A page is confirmed by an exporter when each of its spans was in a request of it that was answered
 * as accepted. There are two reasons to send a confirmed page again: that its exporter was killed
 * before it wrote that down, which is bounded, and `--again`.
 */
import { createHash } from 'node:crypto'
import type { TracePage } from '../../src/mapping/page.js'
import type { ProxiedRequest } from './chaos-proxy.js'
import { spansOnWire } from './spans-on-wire.js'

/** What the account is made of. */
export interface Books {
  /** Every request, in the order of their beginning. */
  readonly requests: readonly ProxiedRequest[]
  /** Every page of every revision that the ledger knows of the target. */
  readonly pages: readonly TracePage[]
  /** The exporters that were killed. */
  readonly killed: ReadonlySet<string>
  /** The exporters that were told to send again what is there. */
  readonly again: ReadonlySet<string>
  /** How many requests of an exporter may be under way at once. */
  readonly concurrency: number
}

/** What became of the spans. */
export interface Account {
  /** Different spans that the receiver has. */
  readonly spans: number
  /** How often a span was handed to the receiver that had it already. */
  readonly doubled: number
  /** Spans that were sent and belong to no journal that the ledger knows. */
  readonly foreign: readonly string[]
  /** Spans that were sent in more than one version. */
  readonly changed: readonly string[]
  /** Pages that were sent again without a reason. */
  readonly needless: readonly string[]
  /** For each killed exporter, spans that it had confirmed and that were sent again, and the bound. */
  readonly forgotten: readonly { readonly exporter: string; spans: number; bound: number }[]
  /** The most bytes of one trace that the receiver was handed, all doubled ones counted. */
  readonly mostBytesOfTrace: number
}

/** Closes the books. */
export function accountOf(books: Books): Account {
  const bySpan = pagesBySpan(books.pages)
  const versions = new Map<string, string>()
  const handed = new Map<string, number>()
  const bytesOfTrace = new Map<string, number>()
  const foreign = new Set<string>()
  const changed = new Set<string>()
  const exporters = new Map<string, Exporter>()
  const needless = new Set<string>()
  const forgotten = new Map<string, Set<string>>()
  for (const request of books.requests) {
    const exporter = exporterOf(exporters, request.exporter)
    const spans = spansOnWire(request.body)
    exporter.mostSpans = Math.max(exporter.mostSpans, spans.length)
    const touched = new Set<string>()
    for (const { id, bytes } of spans) {
      const hash = createHash('sha256').update(bytes).digest('base64')
      if ((versions.get(id) ?? hash) !== hash) changed.add(id)
      versions.set(id, hash)
      const page = bySpan.get(id)
      if (page === undefined) foreign.add(id)
      else touched.add(page.name)
      if (exporter.confirmed.has(id)) needless.add(`${page?.name} twice by ${request.exporter}`)
      if (request.isHanded) {
        handed.set(id, (handed.get(id) ?? 0) + 1)
        const traceId = id.slice(0, 32)
        bytesOfTrace.set(traceId, (bytesOfTrace.get(traceId) ?? 0) + bytes.length)
      }
    }
    for (const name of touched) {
      exporter.requestsOfPage.set(name, (exporter.requestsOfPage.get(name) ?? 0) + 1)
      if (books.again.has(request.exporter)) continue
      for (const [before, { confirmedPages }] of exporters) {
        if (before === request.exporter || !confirmedPages.has(name)) continue
        const by = confirmedPages.get(name)
        const why = `number ${by?.number}, ${by?.fault}, ${by?.tookMs} ms`
        const what = `${name} by ${request.exporter} after ${before} (${why})`
        if (!books.killed.has(before)) needless.add(what)
        else forgotten.set(before, (forgotten.get(before) ?? new Set()).add(name))
      }
    }
    if (!request.isConfirmed) continue
    for (const { id } of spans) exporter.confirm(id, bySpan.get(id), request)
  }
  const pages = new Map([...bySpan.values()].map((page) => [page.name, page]))
  return {
    spans: handed.size,
    doubled: [...handed.values()].reduce((sum, times) => sum + times - 1, 0),
    foreign: [...foreign],
    changed: [...changed],
    needless: [...needless],
    forgotten: [...forgotten].map(([name, again]) => {
      const exporter = exporterOf(exporters, name)
      const spans = [...again].reduce((sum, page) => sum + (pages.get(page)?.spans ?? 0), 0)
      return { exporter: name, spans, bound: boundOf(exporter, pages, books.concurrency) }
    }),
    mostBytesOfTrace: Math.max(0, ...bytesOfTrace.values()),
  }
}

/** A page of a revision. */
interface Page {
  readonly name: string
  readonly runId: string
  readonly spans: number
}

class Exporter {
  mostSpans = 0
  /** Spans of which it knows that the receiver has them. */
  readonly confirmed = new Set<string>()
  /** The pages, each with the request that made it whole. */
  readonly confirmedPages = new Map<string, ProxiedRequest>()
  readonly requestsOfPage = new Map<string, number>()
  readonly #left = new Map<string, number>()

  confirm(id: string, page: Page | undefined, request: ProxiedRequest): void {
    if (this.confirmed.has(id)) return
    this.confirmed.add(id)
    if (page === undefined) return
    const left = (this.#left.get(page.name) ?? page.spans) - 1
    this.#left.set(page.name, left)
    if (left === 0) this.confirmedPages.set(page.name, request)
  }
}

/**
 * What is accepted is written before the next page is taken. So what was not written yet was in the
 * requests that were under way when the last page was taken, or was that page.
 */
function boundOf(exporter: Exporter, pages: ReadonlyMap<string, Page>, concurrency: number) {
  const inParts = [...exporter.requestsOfPage].filter(([, requests]) => requests > 1)
  const largest = Math.max(0, ...inParts.map(([name]) => pages.get(name)?.spans ?? 0))
  return (concurrency + 1) * exporter.mostSpans + largest
}

function exporterOf(exporters: Map<string, Exporter>, name: string): Exporter {
  const known = exporters.get(name)
  if (known !== undefined) return known
  const made = new Exporter()
  exporters.set(name, made)
  return made
}

function pagesBySpan(pages: readonly TracePage[]): Map<string, Page> {
  const bySpan = new Map<string, Page>()
  for (const { subject = 'journal', runId, revision, page, digest, trace } of pages) {
    const which = subject === 'journal' ? `revision ${revision} page ${page}` : digest
    const name = `${subject} ${runId} ${which}`
    const about = { name, runId, spans: trace.spans.length }
    for (const { traceId, spanId } of trace.spans) bySpan.set(`${traceId} ${spanId}`, about)
  }
  return bySpan
}
