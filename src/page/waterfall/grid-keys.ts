/** What the keys do in the waterfall's grid. */
import { isWhole, moved, type TimeWindow, wholeWindow, zoomed } from './time-window.js'

/** What a key leads to: another row, another window, all of an attempt shown, or the card closed. */
export type KeyOutcome =
  | { readonly kind: 'row'; readonly position: number }
  | { readonly kind: 'window'; readonly window: TimeWindow }
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }

/** Where the grid stands: `active` is -1 before any row was chosen; `page` is how many rows are in sight. */
export interface GridPlace {
  readonly active: number
  readonly count: number
  readonly page: number
  readonly window: TimeWindow
  readonly duration: number
}

/**
 * What a key does; `undefined` where it is not the grid's.
 *
 * @example
 * keyOutcome('ArrowDown', { active: 0, count: 8, page: 8, window, duration: 205 }) // { kind: 'row', position: 1 }
 */
export function keyOutcome(key: string, place: GridPlace): KeyOutcome | undefined {
  const { active, count, page, window, duration } = place
  const middle = (window.start + window.end) / 2
  const row = (to: number): KeyOutcome => ({
    kind: 'row',
    position: Math.min(Math.max(to, 0), count - 1),
  })
  const look = (to: TimeWindow): KeyOutcome => ({ kind: 'window', window: to })
  switch (key) {
    case 'ArrowDown':
      return row(active + 1)
    case 'ArrowUp':
      return row(active - 1)
    case 'PageDown':
      return row(active + page)
    case 'PageUp':
      return row(active - page)
    case 'Home':
      return row(0)
    case 'End':
      return row(count - 1)
    case '+':
    case '=':
      return look(zoomed(window, 2, middle, duration))
    case '-':
      return look(zoomed(window, 1 / 2, middle, duration))
    case '0':
      return look(wholeWindow(duration))
    case 'ArrowLeft':
    case 'ArrowRight':
      if (isWhole(window, duration)) return undefined
      return look(moved(window, key === 'ArrowLeft' ? -0.25 : 0.25, duration))
    case 'Enter':
    case ' ':
      return { kind: 'open' }
    case 'Escape':
      return { kind: 'close' }
    default:
      return undefined
  }
}
