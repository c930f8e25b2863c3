/**
 * A run journal as the pages of its trace: the mapping, version 1, on the way out.
 *
 * The spans depend on nothing but the journal, the namespace and the revision, so the same journal
 * gives the same spans on every machine, every time.
 */
import type { RunJournal } from '../journal/run-journal.js'
import { RivetOtelError } from '../problem.js'
import type { Attributes, InstrumentationScope, Span, SpanContext } from '../trace/trace.js'
import { SERVICE_NAME } from './conventions.js'
import type { TracePage } from './page.js'
import { type RootInTheMaking, RunToMap } from './run-to-map.js'
import { MAX_PAGE_BYTES, mostOfSpan, sizeOfSpan } from './size.js'

/** The instrumentation scope of every journal span; its version is the mapping's. */
export const JOURNAL_SCOPE: InstrumentationScope = { name: 'rivet-otel', version: '1' }

/** The resource where the environment says nothing else. */
export const DEFAULT_RESOURCE: Attributes = { [SERVICE_NAME]: 'rivet' }

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
    most += run.mostOfLastChild
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
