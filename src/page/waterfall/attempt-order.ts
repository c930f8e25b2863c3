/** Which attempts are shown, and in which order. */
import type { AttemptView } from '../../view/run-view.js'
import { visibleText } from '../parts/shown-text.js'

/** What the rows are sorted by. */
export type AttemptOrder = 'time' | 'duration' | 'chunk'

/** Which attempts are shown. */
export type AttemptFilter = 'all' | 'failed' | 'retried' | 'slowest'

/** What is asked for. `find` is looked for in the chunk's number, keys, files and error. */
export interface AttemptChoice {
  readonly order: AttemptOrder
  readonly filter: AttemptFilter
  readonly find: string
}

/** How many the filter `slowest` leaves. */
const SLOWEST = 20

/**
 * The places, in the view's list, of the attempts that are shown, in their order.
 *
 * @example
 * attemptsShown(view.attempts, { order: 'duration', filter: 'all', find: '' })[0] // that of the slowest
 */
export function attemptsShown(
  attempts: readonly AttemptView[],
  { order, filter, find }: AttemptChoice,
): number[] {
  const wanted = find.trim().toLowerCase()
  const places = filtered(attempts, filter).filter(
    (place) => wanted === '' || mentions(attempts[place], wanted),
  )
  return places.sort((a, b) => compare(attempts[a], attempts[b], order) || a - b)
}

/**
 * How many attempts each filter leaves.
 *
 * @example
 * filterCounts(view.attempts).failed // 1
 */
export function filterCounts(attempts: readonly AttemptView[]): Record<AttemptFilter, number> {
  return {
    all: attempts.length,
    failed: filtered(attempts, 'failed').length,
    retried: filtered(attempts, 'retried').length,
    slowest: filtered(attempts, 'slowest').length,
  }
}

function filtered(attempts: readonly AttemptView[], filter: AttemptFilter): number[] {
  const places = [...attempts.keys()]
  if (filter === 'all') return places
  if (filter === 'failed') return places.filter((place) => attempts[place]?.failed)
  if (filter === 'slowest') {
    return places
      .filter((place) => typeof attempts[place]?.duration_ms === 'number')
      .sort((a, b) => compare(attempts[a], attempts[b], 'duration'))
      .slice(0, SLOWEST)
  }
  const again = new Set(attempts.filter((one) => one.again).map((one) => String(one.chunk)))
  return places.filter((place) => {
    const one = attempts[place]
    return one !== undefined && (one.recovered || again.has(String(one.chunk)))
  })
}

function mentions(attempt: AttemptView | undefined, wanted: string): boolean {
  if (attempt === undefined) return false
  const { chunk, keys, files, error } = attempt
  return [String(chunk), ...(keys ?? []), ...files, error ?? ''].some((text) =>
    visibleText(text).toLowerCase().includes(wanted),
  )
}

function compare(
  a: AttemptView | undefined,
  b: AttemptView | undefined,
  order: AttemptOrder,
): number {
  if (a === undefined || b === undefined) return 0
  if (order === 'duration') return (b.duration_ms ?? -1) - (a.duration_ms ?? -1)
  if (order === 'chunk') return Number(a.chunk) - Number(b.chunk)
  return a.start_ms - b.start_ms
}
