/**
 * The contract of the servers that spans of any program are searched in.
 *
 * 1. Spans that overlap the window come in any order, possibly twice, and with others that do not.
 * 2. What is asked for first comes first, so that it is there where not everything can be.
 * 3. The questions are bounded. What was not looked at, or may have been missed, comes as an item;
 *    it is never passed over.
 * 4. A server that gives no usable answer is an error; it never looks empty.
 */
import type { ReceivedSpan } from '../trace/trace.js'

/** A server that can be searched for spans. */
export interface SpanSearcher {
  /** The server as messages name it; never holds a secret. */
  readonly location: string
  /**
   * Finds the spans that overlap a window of time.
   *
   * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
   */
  spansIn(search: SpanSearch): AsyncIterable<SpanSearchItem>
}

/** What is searched for. */
export interface SpanSearch {
  /** In ns since 1970; before the end. */
  readonly startUnixNano: bigint
  /** In ns since 1970. */
  readonly endUnixNano: bigint
  /** Names and addresses of the servers whose callers are asked for first; see `SERVER_ATTRIBUTES`. */
  readonly addresses: readonly string[]
  /** How many questions may be asked; {@link MOST_QUESTIONS} unless it says otherwise. */
  readonly mostQuestions?: number
}

/** What a search yields. */
export type SpanSearchItem =
  /**
   * A span. Of its attributes most of `SERVER_ATTRIBUTES` are there, and what tells a span of a run
   * of rivet; events, links, the scope and the parent may be missing.
   */
  | { readonly kind: 'span'; readonly received: ReceivedSpan }
  /** So many questions were asked until now. */
  | { readonly kind: 'asked'; readonly questions: number }
  /** Something that could not be read, one sentence. */
  | { readonly kind: 'problem'; readonly problem: string }
  /** What this search may have missed, one sentence. */
  | { readonly kind: 'unseen'; readonly problem: string }

/** How many questions one search asks at most. */
export const MOST_QUESTIONS = 240
