/**
 * How much of a very large run goes into a report: a browser has to hold it.
 *
 * What is left out is said in the view itself, so that the page says it too. Totals, the outcome and
 * everything that is short stay whole.
 */

import { formatCount } from '../view/quantities.js'
import type { AttemptView, RunView } from '../view/run-view.js'

/** The most attempts, events and files of a report, each. */
const MOST_IN_REPORT = 100_000

/**
 * The view with at most so many attempts, events and files. Of the attempts stay those that failed,
 * recovered or were made again, then the slowest; of events those that are no mere information, then
 * the first; of files the first.
 *
 * @example
 * withinReport(view) === view // true, for a run of up to 100,000 attempts, events and files
 */
export function withinReport(view: RunView, most = MOST_IN_REPORT): RunView {
  const attempts = kept(view.attempts, most, attemptsByWeight)
  const events = kept(view.events, most, (a, b) => weightOf(b) - weightOf(a))
  const files = kept(view.files, most, () => 0)
  const leftOut = [
    ...said(attempts, view.attempts, 'attempts at chunks', 'those that failed and the slowest'),
    ...said(events, view.events, 'events', 'those that were not well and the first'),
    ...said(files, view.files, 'files', 'the first'),
  ]
  if (leftOut.length === 0) return view
  return { ...view, attempts, events, files, incomplete: [...(view.incomplete ?? []), ...leftOut] }
}

/** The weightiest items, in the order in which they stood. */
function kept<T>(items: readonly T[], most: number, compare: (a: T, b: T) => number): readonly T[] {
  if (items.length <= most) return items
  const weighty = items
    .map((item, place) => ({ item, place }))
    .sort((a, b) => compare(a.item, b.item) || a.place - b.place)
    .slice(0, most)
  return weighty.sort((a, b) => a.place - b.place).map(({ item }) => item)
}

function attemptsByWeight(a: AttemptView, b: AttemptView): number {
  return (
    Number(isTold(b)) - Number(isTold(a)) ||
    Number(b.longest) - Number(a.longest) ||
    (b.duration_ms ?? 0) - (a.duration_ms ?? 0)
  )
}

function isTold({ failed, recovered, again }: AttemptView): boolean {
  return failed || recovered || again
}

const WEIGHTS = { bad: 2, warning: 1, info: 0 } as const

function weightOf({ level }: RunView['events'][number]): number {
  return WEIGHTS[level]
}

function said(
  shown: readonly unknown[],
  all: readonly unknown[],
  things: string,
  which: string,
): string[] {
  if (shown.length === all.length) return []
  return [
    `this report has ${formatCount(shown.length)} of the ${formatCount(all.length)} ${things}: ${which}`,
  ]
}
