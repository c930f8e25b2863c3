/** Where an attempt is drawn on a line that shows a part of the run's time. */
import type { AttemptView } from '../../view/run-view.js'
import type { TimeWindow } from './time-window.js'

/** What is drawn: a stretch or a mark in parts of the line, or on which side of it the attempt is. */
export type AttemptBar =
  | { readonly kind: 'stretch'; readonly from: number; readonly length: number }
  | { readonly kind: 'mark'; readonly at: number }
  | { readonly kind: 'before' }
  | { readonly kind: 'after' }

/**
 * Finds where an attempt is drawn. Parts are 0 to 1; a stretch is cut off at the ends of the line.
 *
 * @example
 * attemptBar(attempt, { start: 0, end: 100 }) // { kind: 'stretch', from: 0.25, length: 0.1 }
 */
export function attemptBar(
  { start_ms, duration_ms }: AttemptView,
  { start, end }: TimeWindow,
): AttemptBar {
  const last = start_ms + (duration_ms ?? 0)
  if (last < start) return { kind: 'before' }
  if (start_ms > end) return { kind: 'after' }
  const part = (ms: number) => Math.min(Math.max((ms - start) / (end - start), 0), 1)
  if (duration_ms === null) return { kind: 'mark', at: part(start_ms) }
  return { kind: 'stretch', from: part(start_ms), length: part(last) - part(start_ms) }
}
