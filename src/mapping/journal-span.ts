/**
 * A span that was read back, as a part of a run: which run it belongs to, and which entries it has.
 *
 * A span is one of a journal's when it has `rivet.run.id` and `rivet.run.revision`. Everything else
 * (foreign spans, and extra spans about a run) is not.
 */
import { JOURNAL_MEMBERS } from '../journal/codec.js'
import type { JsonObject } from '../json/lossless.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import type { Attributes, ReceivedSpan } from '../trace/trace.js'
import { takeInteger, takeText } from './attributes.js'
import { CHUNK_SPAN_NAME, spanToEnd, spanToStart } from './chunk-span.js'
import { eventToEntry, type IndexedEntry, takeUnknownMembers } from './entry-event.js'
import { frequentChunk } from './frequent-chunk.js'
import { JOURNAL_SCOPE } from './journal-to-trace.js'

/**
 * Stands on every span of a live run: the span id of the run's root, which tells the spans of one
 * live run from those of another, and from exported ones.
 */
export const LIVE_ROOT = 'rivet.trace.live'

/** What tells one run's spans from another's. */
export interface RunKey {
  readonly namespace: string
  readonly runId: string
  readonly revision: number
  /** The span id of the root of a live run; absent where the spans were exported from a journal. */
  readonly live?: string
}

/** What the root of a page says about its page, and that of page 0 about the run. */
export interface PageRoot {
  readonly page: number
  /** How many journal spans the page has, this one among them. */
  readonly spans: number
  /** Only on page 0. */
  readonly run?: {
    readonly pages: number
    readonly entries: number
    readonly digest: string
    /** What the sender took out of the journal; absent where it took out nothing. */
    readonly redaction?: string
    /** Members of the journal that this version does not know. */
    readonly extra: JsonObject
  }
}

/** A part of a run. */
export interface JournalSpan {
  readonly key: RunKey
  readonly exportName: string
  readonly traceId: string
  readonly spanId: string
  /** The page's root: its own id on a root, its parent's on any other span. */
  readonly rootSpanId: string
  readonly root: PageRoot | undefined
  readonly entries: readonly IndexedEntry[]
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[]
}

/**
 * Reads a span as a part of a run; `undefined` where it is no journal span.
 *
 * What is wrong with one entry does not cost the others: it comes as a problem.
 *
 * @example
 * readJournalSpan(received)?.key.runId // 'orders_20261121T085339.134_11188'
 */
export function readJournalSpan(received: ReceivedSpan): JournalSpan | undefined {
  const { span, scope } = received
  const { attributes, traceId, spanId } = span
  const problems: string[] = []
  const key = tried(takeKey, attributes, spanId, problems)
  if (key === undefined) return undefined
  if (
    scope.name === JOURNAL_SCOPE.name &&
    scope.version !== '' &&
    scope.version !== JOURNAL_SCOPE.version
  ) {
    problems.push(
      `span ${spanId}: version ${scope.version.slice(0, 40)} of the mapping; this reads version ${JOURNAL_SCOPE.version}`,
    )
  }
  const root = tried(takeRoot, attributes, spanId, problems)
  const entries: IndexedEntry[] = []
  for (const event of span.events) {
    const entry = tried(eventToEntry, event, spanId, problems)
    if (entry !== undefined) entries.push(entry)
  }
  const frequent = span.name === CHUNK_SPAN_NAME ? frequentChunk(span) : undefined
  if (frequent !== undefined) {
    entries.push(frequent[0], frequent[1])
  } else if (span.name === CHUNK_SPAN_NAME) {
    const start = tried(spanToStart, span, spanId, problems)
    if (start !== undefined) entries.push(start)
    const end = tried(spanToEnd, span, spanId, problems)
    if (end !== undefined) entries.push(end)
  }
  return {
    key,
    exportName: tried(takeExportName, attributes, spanId, problems) ?? '',
    traceId,
    spanId,
    rootSpanId: root === undefined ? (span.parentSpanId ?? '') : spanId,
    root,
    entries,
    problems,
  }
}

/** What cannot be read becomes a problem. */
function tried<From, Read>(
  read: (from: From) => Read,
  from: From,
  spanId: string,
  problems: string[],
): Read | undefined {
  try {
    return read(from)
  } catch (error) {
    if (!(error instanceof RivetOtelError)) throw error
    problems.push(`span ${spanId}: ${reasonOf(error)}`)
    return undefined
  }
}

function takeExportName(attributes: Attributes): string | undefined {
  return takeText(attributes, 'rivet.export.name')
}

/**
 * Which run a span belongs to, without reading any further; `undefined` where it is no journal span,
 * or does not say so in a way that can be read.
 *
 * @example
 * runKeyOf(received)?.runId // 'orders_20261121T085339.134_11188'
 */
export function runKeyOf({ span }: ReceivedSpan): RunKey | undefined {
  try {
    return takeKey(span.attributes)
  } catch (error) {
    if (error instanceof RivetOtelError) return undefined
    throw error
  }
}

function takeKey(attributes: Attributes): RunKey | undefined {
  if (attributes['rivet.run.id'] === undefined) return undefined
  const revision = takeInteger(attributes, 'rivet.run.revision')
  const runId = takeText(attributes, 'rivet.run.id')
  if (runId === undefined || typeof revision !== 'number') return undefined
  const namespace = takeText(attributes, 'rivet.run.namespace') ?? ''
  const live = takeText(attributes, LIVE_ROOT)
  return live === undefined ? { namespace, runId, revision } : { namespace, runId, revision, live }
}

function takeRoot(attributes: Attributes): PageRoot | undefined {
  const page = takeCount(attributes, 'rivet.trace.page')
  if (page === undefined) return undefined
  const spans = takeCount(attributes, 'rivet.trace.spans')
  if (spans === undefined) throw missing('rivet.trace.spans')
  if (page > 0) return { page, spans }

  const pages = takeCount(attributes, 'rivet.trace.pages')
  const entries = takeCount(attributes, 'rivet.journal.entries')
  const digest = takeText(attributes, 'rivet.journal.digest')
  if (pages === undefined) throw missing('rivet.trace.pages')
  if (entries === undefined) throw missing('rivet.journal.entries')
  if (digest === undefined) throw missing('rivet.journal.digest')
  const extra =
    takeUnknownMembers(attributes, 'rivet.journal.unknown_members', JOURNAL_MEMBERS) ?? {}
  const redaction = takeText(attributes, 'rivet.journal.redaction')
  return {
    page,
    spans,
    run: { pages, entries, digest, ...(redaction === undefined ? {} : { redaction }), extra },
  }
}

function takeCount(attributes: Attributes, name: string): number | undefined {
  const count = takeInteger(attributes, name)
  if (count === undefined || (typeof count === 'number' && count >= 0)) return count
  throw new RivetOtelError('INVALID_TRACE', `${name}: expected 0 or more, got ${count}`)
}

function missing(name: string): RivetOtelError {
  return new RivetOtelError('INVALID_TRACE', `${name} is missing on the root of a page`)
}
