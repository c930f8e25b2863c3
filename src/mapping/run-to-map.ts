/**
 * The spans of a run, each built when it is asked for: the root of a page, and what stands on a page.
 *
 * Which spans there are, the layout says; on which page each stands, the caller.
 */
import { journalDigest } from '../journal/digest.js'
import type { RunJournal } from '../journal/run-journal.js'
import type { Span, SpanContext, SpanEvent, SpanLink } from '../trace/trace.js'
import { SpanKind } from '../trace/trace.js'
import type { AttributesInTheMaking } from './attributes.js'
import type { ChunkAttempt } from './chunk-attempts.js'
import { attemptToSpan, CHUNK_SPAN_NAME, type ChunkSpanParts } from './chunk-span.js'
import { entryToEvent } from './entry-event.js'
import { FrequentChunkSpans } from './frequent-chunk-span.js'
import { type SpanIds, spanIdsOf, traceIdOf } from './ids.js'
import type { MappingOptions } from './journal-to-trace.js'
import { type Layout, type PlannedSpan, planSpans } from './layout.js'
import { putRun, putRunStatus, runAttributes } from './run-attributes.js'
import { rootTimes, type SpanTimes, spanTimes } from './run-period.js'
import { mostOfSpan } from './size.js'

/** The name of the spans that carry what found no room on a root or a chunk. */
export const ENTRIES_SPAN_NAME = 'entries'

/** No events, or no links: most spans have none. */
const NONE: readonly never[] = []

/** A root whose attributes are not all known. */
export type RootInTheMaking = Span & { readonly attributes: AttributesInTheMaking }

/**
 * A run on its way into spans: everything about it that more than one span needs.
 *
 * @example
 * new RunToMap(journal, {}).child(0, 0).name // 'chunk'
 */
export class RunToMap {
  readonly journal: RunJournal
  readonly namespace: string
  readonly revision: number
  readonly digest: string
  readonly redaction: string | undefined
  readonly layout: Layout
  readonly #pages = new Map<number, { readonly traceId: string; readonly ids: SpanIds }>()
  readonly #joined: SpanContext | undefined
  readonly #times: SpanTimes
  readonly #frequent: FrequentChunkSpans

  constructor(
    journal: RunJournal,
    {
      namespace = '',
      revision = 0,
      redaction,
      digest = journalDigest(journal),
      joined,
    }: MappingOptions,
  ) {
    this.journal = journal
    this.namespace = namespace
    this.revision = revision
    this.digest = digest
    this.redaction = redaction
    this.layout = planSpans(journal.entries)
    this.#joined = joined
    this.#times = rootTimes(journal.entries, this.layout.times)
    this.#frequent = new FrequentChunkSpans(journal.entries, this.layout.times)
  }

  /** The root of a page; its counts of pages and spans stand for the real ones, which have the same size. */
  root(page: number): RootInTheMaking {
    const { journal, revision } = this
    const attributes = runAttributes(this.journal, this)
    attributes['rivet.trace.page'] = page
    attributes['rivet.trace.spans'] = 1
    if (page > 0) return this.#rootWith(page, attributes, NONE, [this.#linkToFirstPage()])

    putRun(attributes, journal, { pages: 1, digest: this.digest, redaction: this.redaction })
    const events = this.#events(this.layout.rootEvents)
    const links = revision > 0 ? [this.#linkToRevisionBefore()] : NONE
    const status = putRunStatus(attributes, journal)
    const root = this.#rootWith(page, attributes, events, links)
    const own = status === undefined ? root : { ...root, status }
    return this.#joined === undefined ? own : { ...own, parentSpanId: this.#joined.spanId }
  }

  #rootWith(
    page: number,
    attributes: AttributesInTheMaking,
    events: readonly SpanEvent[],
    links: readonly SpanLink[],
  ): RootInTheMaking {
    const { traceId, ids } = this.#page(page)
    return {
      traceId,
      spanId: ids.root,
      name: `export ${this.journal.export_name}`,
      kind: SpanKind.INTERNAL,
      startTimeUnixNano: this.#times.startTimeUnixNano,
      endTimeUnixNano: this.#times.endTimeUnixNano,
      attributes,
      events,
      links,
    }
  }

  children(page: number, from: number, to: number): Span[] {
    const spans: Span[] = []
    for (let i = from; i < to; i++) spans.push(this.child(page, i))
    return spans
  }

  /** The span that is planned at this place, on this page. */
  child(page: number, place: number): Span {
    const planned = this.layout.spans[place]
    if (planned === undefined) throw new RangeError(`there is no span ${place}`)
    const { opener, attempt } = planned
    const { traceId, ids } = this.#page(page)
    const spanId = ids.ofEntry(opener)
    if (attempt !== undefined && planned.events.length === 0) {
      const span = this.#frequentChild(traceId, spanId, ids.root, attempt)
      if (span !== undefined) return span
    }
    const span = this.#generalChild(traceId, spanId, ids.root, planned)
    this.#frequent.learn(span.attributes, mostOfSpan(span))
    return span
  }

  /** Not less than the size of the span that {@link RunToMap.child} gave last. */
  get mostOfLastChild(): number {
    return this.#frequent.most
  }

  #frequentChild(
    traceId: string,
    spanId: string,
    parentSpanId: string,
    attempt: ChunkAttempt,
  ): Span | undefined {
    const { times } = this.layout
    const { start, end } = attempt
    if (start === undefined || end === undefined) return undefined
    const startTimeUnixNano = times.of(start)
    const endTimeUnixNano = times.of(end)
    const lasts = endTimeUnixNano > startTimeUnixNano
    const attributes = this.#frequent.attributesOf(attempt, lasts)
    if (attributes === undefined) return undefined
    return {
      traceId,
      spanId,
      parentSpanId,
      name: CHUNK_SPAN_NAME,
      kind: SpanKind.INTERNAL,
      startTimeUnixNano,
      endTimeUnixNano,
      attributes,
      events: NONE,
      links: NONE,
    }
  }

  #generalChild(traceId: string, spanId: string, parentSpanId: string, planned: PlannedSpan): Span {
    const { attempt } = planned
    const { entries } = this.journal
    const common = runAttributes(this.journal, this)
    const parts: ChunkSpanParts =
      attempt === undefined
        ? { ...this.#timesOf(planned), attributes: common }
        : attemptToSpan(attempt, entries, this.layout.times, common)
    const { startTimeUnixNano, endTimeUnixNano, attributes, status } = parts
    const span = {
      traceId,
      spanId,
      parentSpanId,
      name: attempt === undefined ? ENTRIES_SPAN_NAME : CHUNK_SPAN_NAME,
      kind: SpanKind.INTERNAL,
      startTimeUnixNano,
      endTimeUnixNano,
      attributes,
      events: this.#events(planned.events),
      links: NONE,
    }
    return status === undefined ? span : { ...span, status }
  }

  #events(indices: readonly number[]): readonly SpanEvent[] {
    if (indices.length === 0) return NONE
    const { times } = this.layout
    const events: SpanEvent[] = []
    for (const index of indices) {
      const entry = this.journal.entries[index]
      if (entry !== undefined) events.push(entryToEvent(entry, index, times))
    }
    return events
  }

  /** An `entries` span lasts from its earliest to its latest event. */
  #timesOf({ events }: PlannedSpan): SpanTimes {
    const { times } = this.layout
    let start = times.of(events[0] ?? 0)
    let end = start
    for (const index of events) {
      const time = times.of(index)
      if (time < start) start = time
      if (time > end) end = time
    }
    return spanTimes(start, end)
  }

  #linkToFirstPage(): SpanLink {
    const { traceId, ids } = this.#page(0)
    return { traceId, spanId: ids.root, attributes: { 'rivet.trace.page': 0 } }
  }

  #linkToRevisionBefore(): SpanLink {
    const { namespace, revision } = this
    const key = { namespace, runId: this.journal.run_id, page: 0, revision: revision - 1 }
    return {
      traceId: traceIdOf(key),
      spanId: spanIdsOf(key).root,
      attributes: { 'rivet.run.revision': revision - 1 },
    }
  }

  #page(page: number): { readonly traceId: string; readonly ids: SpanIds } {
    const known = this.#pages.get(page)
    if (known !== undefined) return known
    const key = {
      namespace: this.namespace,
      runId: this.journal.run_id,
      page,
      revision: this.revision,
    }
    const isJoined = page === 0 && this.#joined !== undefined
    const traceId = isJoined ? this.#joined.traceId : traceIdOf(key)
    const made = { traceId, ids: spanIdsOf(key) }
    this.#pages.set(page, made)
    return made
  }
}
