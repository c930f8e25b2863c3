/** What decoding OTLP gives: the spans that are usable, and what is wrong with the rest. */
import type { ReceivedSpan } from './trace.js'

/**
 * Decoded spans, in the order in which they stood, and the problems beside them.
 *
 * Not kept are the parts of OTLP that a trace here does not have: trace state, flags, counts of
 * what an SDK dropped, schema URLs, and attributes of a scope.
 */
export interface DecodedSpans {
  readonly spans: ReceivedSpan[]
  /** What could not be used, one sentence each with its place; empty where all is well. */
  readonly problems: string[]
}
