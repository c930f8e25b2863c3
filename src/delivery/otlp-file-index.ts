/**
 * What an OTLP file holds already: the ids of its spans, and the revisions of its runs.
 *
 * Memory follows the number of runs; the spans of a run are a few bytes each.
 */

import { takeInteger, takeText } from '../mapping/attributes.js'
import { spanIdsOf, traceIdOf } from '../mapping/ids.js'
import { LIVE_ROOT } from '../mapping/journal-span.js'
import type { PageSubject, SentPage } from '../mapping/page.js'
import { SpanIdSet } from '../trace/span-id-set.js'
import type { Attributes, Span } from '../trace/trace.js'
import type { HeldRevision } from './delivery.js'

/** A revision of a run. */
interface RunRevision extends HeldRevision {
  readonly namespace: string
  readonly runId: string
}

/**
 * The ids and revisions of a file.
 *
 * @example
 * const index = new OtlpFileIndex()
 * for (const { span } of received) index.add(span)
 * index.missingFrom(page, spanIds) // the ids of the spans that the file lacks
 */
export class OtlpFileIndex {
  readonly #spans = new SpanIdSet()
  readonly #revisions = new Map<string, HeldRevision[]>()
  /** The traces that runs were joined to, by those that they would have of their own. */
  readonly #joined = new Map<string, string>()

  /** Takes note of a span; one that it knows changes nothing. */
  add({ traceId, spanId, attributes }: Span): void {
    if (!this.#spans.add(traceId, spanId)) return
    const root = readRoot(attributes)
    if (root !== undefined) this.#addRevision(traceId, root)
  }

  /** Takes note of spans of a page that it lacked. */
  addOf(page: SentPage, spanIds: readonly string[]): void {
    for (const spanId of spanIds) this.#spans.add(page.traceId, spanId)
    const isFirst = page.page === 0 && (page.subject ?? 'journal') === 'journal'
    if (isFirst && spanIds.includes(spanIdsOf(page).root)) this.#addRevision(page.traceId, page)
  }

  /**
   * The spans of a page that the file lacks. Of an interrupted run or a load it lacks nothing once the
   * root is there: what was written first stands.
   *
   * @param spanIds of all its spans, the root's first
   */
  missingFrom({ subject, traceId }: SentPage, spanIds: readonly string[]): readonly string[] {
    const [root] = spanIds
    const joined = this.#joined.get(traceId)
    // A span that was joined to another trace is there too, and is not written a second time.
    const isThere = (spanId: string) =>
      this.#spans.has(traceId, spanId) || (joined !== undefined && this.#spans.has(joined, spanId))
    const standsAsItIs = subject === 'interrupted' || subject === 'load'
    if (standsAsItIs && root !== undefined && isThere(root)) return []
    return spanIds.filter((spanId) => !isThere(spanId))
  }

  /**
   * The revisions of a run whose first page's root is in the file. Of anything but journals there are
   * none to tell apart: their span ids follow from what they say, or what was written first stands.
   * A run that was joined to another trace has a signpost, whatever that says.
   */
  held(
    namespace: string,
    runId: string,
    subject: PageSubject = 'journal',
  ): readonly HeldRevision[] {
    if (subject === 'signpost') {
      const isJoined = this.#joined.has(traceIdOf({ namespace, runId, page: 0 }))
      return isJoined ? [{ revision: 0, digest: '' }] : []
    }
    if (subject !== 'journal') return []
    return this.#revisions.get(JSON.stringify([namespace, runId])) ?? []
  }

  #addRevision(traceId: string, { namespace, runId, revision, digest }: RunRevision): void {
    const run = JSON.stringify([namespace, runId])
    const known = this.#revisions.get(run)
    if (known === undefined) this.#revisions.set(run, [{ revision, digest }])
    else known.push({ revision, digest })
    const own = traceIdOf({ namespace, runId, page: 0 })
    if (own !== traceId) this.#joined.set(own, traceId)
  }
}

/** What the root of a first page says; `undefined` where the span is another or is damaged. */
function readRoot(attributes: Attributes): RunRevision | undefined {
  // A live run's trace is no revision that was sent: its ids are others.
  if (attributes['rivet.journal.digest'] === undefined || LIVE_ROOT in attributes) return undefined
  try {
    const runId = takeText(attributes, 'rivet.run.id')
    const digest = takeText(attributes, 'rivet.journal.digest')
    const revision = takeInteger(attributes, 'rivet.run.revision')
    if (runId === undefined || digest === undefined || typeof revision !== 'number')
      return undefined
    return { runId, digest, revision, namespace: takeText(attributes, 'rivet.run.namespace') ?? '' }
  } catch {
    return undefined
  }
}
