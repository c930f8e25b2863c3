/**
 * The contracts of the places that spans are read back from.
 *
 * 1. Spans come as they lie there: any order, possibly twice, mixed with foreign ones.
 * 2. What cannot be read comes as a problem and never costs the spans beside it.
 * 3. A place that cannot be reached, or answers nonsense, is an error; it never looks empty.
 */
import type { ReceivedSpan } from '../trace/trace.js'

/** A place that can only be read as a whole: a file, or a stream. */
export interface SpanStream {
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /** Every span there is. */
  spans(): AsyncIterable<SpanItem>
  /** The same, document by document, which takes less time; absent where there are no documents. */
  documents?(): AsyncIterable<SpanDocument>
  /**
   * Documents that were read before, in the order of their places; absent where nothing can be read
   * twice.
   *
   * @param places where they begin, ascending
   * @throws {RivetOtelError} `INVALID_SOURCE` where they are no longer there.
   */
  again?(places: readonly number[]): AsyncIterable<SpanDocument>
}

/** What stands in one document of a stream, for example in a line of a file. */
export interface SpanDocument {
  /** Where it begins, in bytes; absent where it cannot be read again. */
  readonly start?: number
  readonly spans: readonly ReceivedSpan[]
  readonly problems: readonly SpanProblem[]
}

/** Something that could not be read: where it stood, what was wrong and what was expected. */
export interface SpanProblem {
  readonly where: string
  readonly problem: string
}

/** What a stream yields. */
export type SpanItem =
  | { readonly kind: 'span'; readonly received: ReceivedSpan }
  | ({ readonly kind: 'problem' } & SpanProblem)

/** A server that keeps traces, gives each by its id, and can be searched. */
export interface TraceBackend {
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /**
   * What the server holds of a trace now.
   *
   * @throws {RivetOtelError} `UNREACHABLE` where it gives no usable answer.
   */
  trace(traceId: string): Promise<TraceContent>
  /**
   * Finds runs by the root span of their first page, in windows and pages as the server's limits
   * ask for, each at least once: a trace comes as often as it has such roots that end at other times.
   * What the search cannot promise is said, never passed over.
   *
   * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
   */
  search(query: TraceSearch): AsyncIterable<SearchItem>
  /** Lets go of the connections. */
  close(): void
}

/** What a server holds of one trace. */
export interface TraceContent {
  /** None where it does not know the trace. */
  readonly spans: readonly ReceivedSpan[]
  /** What could not be read, or what the server says it left out, one sentence each. */
  readonly problems: readonly string[]
}

/**
 * What a search asks for. Every condition that is given must hold; a server may answer with more
 * than that, never with less without saying so.
 */
export interface TraceSearch {
  readonly exports?: readonly string[]
  /** `rivet.run.status`, for example `failed`. */
  readonly statuses?: readonly string[]
  /** Runs that ended at this time or later, in nanoseconds since 1970. */
  readonly sinceUnixNano: bigint
  /** Runs that ended before this time, in nanoseconds since 1970. */
  readonly untilUnixNano: bigint
}

/** What a search yields. */
export type SearchItem =
  /**
   * A trace that holds the first page of a run, and when that page's root span ends, in ns since
   * 1970, or up to 2 µs before. Others may end in the same trace: revisions, and runs that are joined to it.
   */
  | { readonly kind: 'found'; readonly traceId: string; readonly endUnixNano: bigint }
  /** Runs that this search may have missed, and how they are found: one sentence. */
  | { readonly kind: 'unseen'; readonly problem: string }
