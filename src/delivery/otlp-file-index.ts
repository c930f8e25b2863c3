/**
 * What an OTLP file holds already: the ids of its spans, and the revisions of its runs.
 *
 * Memory follows the number of spans, not their size.
 */

import { takeInteger, takeText } from '../mapping/attributes.js'
import { traceIdOf } from '../mapping/ids.js'
import { LIVE_ROOT } from '../mapping/journal-span.js'
import type { PageSubject, TracePage } from '../mapping/page.js'
import type { Attributes, Span } from '../trace/trace.js'
import type { HeldRevision } from './delivery.js'

/**
 * The ids and revisions of a file.
 *
 * @example
 * const index = new OtlpFileIndex()
 * for (const { span } of received) index.add(span)
 * index.missingFrom(page) // the spans that the file lacks
 */
export class OtlpFileIndex {
  readonly #spans = new Map<string, Set<string>>()
  readonly #revisions = new Map<string, HeldRevision[]>()
  /** The traces that runs were joined to, by those that they would have of their own. */
  readonly #joined = new Map<string, string>()

  /** Takes note of a span; one that it knows changes nothing. */
  add({ traceId, spanId, attributes }: Span): void {
    const spans = this.#spans.get(traceId)
    if (spans?.has(spanId)) return
    if (spans === undefined) this.#spans.set(traceId, new Set([spanId]))
    else spans.add(spanId)
    this.#addRevision(traceId, attributes)
  }

  /**
   * The spans of a page that the file lacks. Of an interrupted run or a load it lacks nothing once the
   * root is there: what was written first stands.
   */
  missingFrom({ subject, trace }: TracePage): Span[] {
    const [root] = trace.spans
    const standsAsItIs = subject === 'interrupted' || subject === 'load'
    if (standsAsItIs && root !== undefined && this.#has(root)) return []
    return trace.spans.filter((span) => !this.#has(span))
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

  /** A span that was joined to another trace is there too, and is not written a second time. */
  #has({ traceId, spanId }: Span): boolean {
    const joined = this.#joined.get(traceId)
    const isJoined = joined !== undefined && this.#spans.get(joined)?.has(spanId) === true
    return isJoined || this.#spans.get(traceId)?.has(spanId) === true
  }

  #addRevision(traceId: string, attributes: Attributes): void {
    // A live run's trace is no revision that was sent: its ids are others.
    if (attributes['rivet.journal.digest'] === undefined || LIVE_ROOT in attributes) return
    const root = readRoot(attributes)
    if (root === undefined) return
    const run = JSON.stringify([root.namespace, root.runId])
    const { revision, digest } = root
    const known = this.#revisions.get(run)
    if (known === undefined) this.#revisions.set(run, [{ revision, digest }])
    else known.push({ revision, digest })
    const own = traceIdOf({ namespace: root.namespace, runId: root.runId, page: 0 })
    if (own !== traceId) this.#joined.set(own, traceId)
  }
}

/** What the root of a first page says; `undefined` where the span is another or is damaged. */
function readRoot(
  attributes: Attributes,
): (HeldRevision & { readonly namespace: string; readonly runId: string }) | undefined {
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
