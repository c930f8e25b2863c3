/**
 * A run journal as the pages of its trace: the mapping, version 1, on the way out.
 *
 * The spans depend on nothing but the journal, the namespace and the revision, so the same journal
 * gives the same spans on every machine, every time.
 */
import { journalDigest } from '../journal/digest.js'
import type { RunJournal } from '../journal/run-journal.js'
import { RivetOtelError } from '../problem.js'
import type {
  Attributes,
  InstrumentationScope,
  Span,
  SpanContext,
  SpanEvent,
  SpanLink,
} from '../trace/trace.js'
import { SpanKind } from '../trace/trace.js'
import type { AttributesInTheMaking } from './attributes.js'
import { attemptToSpan, CHUNK_SPAN_NAME } from './chunk-span.js'
import { SERVICE_NAME } from './conventions.js'
import { entryToEvent } from './entry-event.js'
import { type SpanIds, spanIdsOf, traceIdOf } from './ids.js'
import { type Layout, type PlannedSpan, planSpans } from './layout.js'
import type { TracePage } from './page.js'
import { putRun, putRunStatus, runAttributes } from './run-attributes.js'
import { rootTimes, type SpanTimes, spanTimes } from './run-period.js'
import { MAX_PAGE_BYTES, mostOfSpan, sizeOfSpan } from './size.js'

/** The instrumentation scope of every journal span; its version is the mapping's. */
export const JOURNAL_SCOPE: InstrumentationScope = { name: 'rivet-otel', version: '1' }

/** The resource where the environment says nothing else. */
export const DEFAULT_RESOURCE: Attributes = { [SERVICE_NAME]: 'rivet' }

/** No events, or no links: most spans have none. */
const NONE: readonly never[] = []

/** The name of the spans that carry what found no room on a root or a chunk. */
export const ENTRIES_SPAN_NAME = 'entries'

/** What a run's trace depends on beside its journal. */
export interface MappingOptions {
  /** Tells apart state databases whose run_ids may be the same; default `''`. */
  readonly namespace?: string
  /** 0 for the first journal that was sent under this run_id (default), 1 for the next, and so on. */
  readonly revision?: number
  /** Attributes of the resource; default {@link DEFAULT_RESOURCE}. No span depends on them. */
  readonly resource?: Attributes
  /**
   * What the journal lacks because it was taken out before, as `redactorOf` names it; absent for a
   * journal as rivet wrote it. The mapping itself takes nothing out.
   */
  readonly redaction?: string
  /** The digest of this journal, as `journalDigest` gives it, where it is known already. */
  readonly digest?: string
  /**
   * The span whose child the run's root becomes, in that span's trace; without it the run has a trace
   * of its own. Only the first page goes there: the others keep their own traces.
   */
  readonly joined?: SpanContext
}

/**
 * Maps a journal to the pages of its trace, page 0 first. Most runs have one page. A page is built
 * when it is asked for, so that a huge run need not be in memory as spans.
 *
 * @throws {RivetOtelError} `INVALID_JOURNAL` for a journal without entries: it has no place in time.
 * @example
 * for (const page of journalToTrace(journal)) console.log(page.trace.spans.length)
 */
export function journalToTrace(
  journal: RunJournal,
  options: MappingOptions = {},
): Generator<TracePage> {
  if (journal.entries.length === 0) {
    throw new RivetOtelError(
      'INVALID_JOURNAL',
      `run ${journal.run_id} has a journal without entries; it has no place in time and cannot become a trace`,
    )
  }
  return pagesOf(new RunToMap(journal, options), options.resource ?? DEFAULT_RESOURCE)
}

function* pagesOf(run: RunToMap, resource: Attributes): Generator<TracePage> {
  const { journal, namespace, revision, digest, redaction } = run
  const { firstRoot, firstPage, ends } = cutIntoPages(run)
  for (let page = 0; page < ends.length; page++) {
    const from = page === 0 ? 0 : (ends[page - 1] ?? 0)
    const children = page === 0 ? firstPage : run.children(page, from, ends[page] ?? from)
    const root = page === 0 ? firstRoot : run.root(page)
    setCounts(root, ends.length, children.length + 1)
    const spans: readonly Span[] = [root, ...children]
    yield {
      runId: journal.run_id,
      exportName: journal.export_name,
      namespace,
      revision,
      page,
      pages: ends.length,
      digest,
      ...(redaction === undefined ? {} : { redaction }),
      trace: { resource, scope: JOURNAL_SCOPE, spans },
    }
  }
}

/** A root whose attributes are not all known. */
type RootInTheMaking = Span & { readonly attributes: AttributesInTheMaking }

/** Writes into the root of a page what is known of it only when every page is cut. */
function setCounts({ attributes }: RootInTheMaking, pages: number, spans: number): void {
  attributes['rivet.trace.spans'] = spans
  if (attributes['rivet.trace.pages'] !== undefined) attributes['rivet.trace.pages'] = pages
}

/**
 * Where each page ends, as an index into the planned spans, and the root and the other spans of the
 * first page, which is the only one for most runs and need not be built twice.
 */
function cutIntoPages(run: RunToMap): {
  firstRoot: RootInTheMaking
  firstPage: Span[]
  ends: number[]
} {
  const firstRoot = run.root(0)
  const firstPage: Span[] = []
  const ends: number[] = []
  const count = run.layout.spans.length
  let most = mostOfSpan(firstRoot)
  // Most runs are one page by far, and no size of theirs need be known.
  while (firstPage.length < count) {
    const span = run.child(0, firstPage.length)
    most += mostOfSpan(span)
    if (most > MAX_PAGE_BYTES) break
    firstPage.push(span)
  }
  if (firstPage.length === count) return { firstRoot, firstPage, ends: [count] }

  let bytes = sizeOfSpan(firstRoot)
  for (const span of firstPage) bytes += sizeOfSpan(span)
  for (let i = firstPage.length; i < count; i++) {
    const span = run.child(ends.length, i)
    const size = sizeOfSpan(span)
    if (bytes + size > MAX_PAGE_BYTES) {
      ends.push(i)
      bytes = sizeOfSpan(run.root(ends.length))
    }
    bytes += size
    if (ends.length === 0) firstPage.push(span)
  }
  return { firstRoot, firstPage, ends: [...ends, count] }
}

/** A run on its way into spans: everything about it that more than one span needs. */
class RunToMap {
  readonly journal: RunJournal
  readonly namespace: string
  readonly revision: number
  readonly digest: string
  readonly redaction: string | undefined
  readonly layout: Layout
  readonly #pages = new Map<number, { readonly traceId: string; readonly ids: SpanIds }>()
  readonly #joined: SpanContext | undefined
  readonly #times: SpanTimes

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
    const parentSpanId = ids.root
    const kind = SpanKind.INTERNAL
    const events = this.#events(planned.events)
    const common = runAttributes(this.journal, this)
    if (attempt === undefined) {
      const { startTimeUnixNano, endTimeUnixNano } = this.#timesOf(planned)
      const name = ENTRIES_SPAN_NAME
      return {
        traceId,
        spanId,
        parentSpanId,
        name,
        kind,
        startTimeUnixNano,
        endTimeUnixNano,
        attributes: common,
        events,
        links: NONE,
      }
    }
    const { entries } = this.journal
    const { times } = this.layout
    const parts = attemptToSpan(attempt, entries, times, common)
    const { startTimeUnixNano, endTimeUnixNano, attributes, status } = parts
    const name = CHUNK_SPAN_NAME
    const span = {
      traceId,
      spanId,
      parentSpanId,
      name,
      kind,
      startTimeUnixNano,
      endTimeUnixNano,
      attributes,
      events,
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
