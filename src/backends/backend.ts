/**
 * The contract of a backend: a place that spans are read back from.
 *
 * 1. Spans come as they lie there: any order, possibly twice, mixed with foreign ones.
 * 2. What cannot be read comes as a problem and never costs the spans beside it.
 */
import type { ReceivedSpan } from '../trace/trace.js'

/** What a backend yields. */
export type SpanItem =
  | { readonly kind: 'span'; readonly received: ReceivedSpan }
  /** Something that could not be read: where it stood, what was wrong and what was expected. */
  | { readonly kind: 'problem'; readonly where: string; readonly problem: string }

/** A place that spans are read back from. */
export interface SpanBackend {
  /** The place as messages name it; never holds a secret. */
  readonly location: string
  /** Every span there is. */
  spans(): AsyncIterable<SpanItem>
}
