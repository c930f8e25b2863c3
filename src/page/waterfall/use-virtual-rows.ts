/** Which rows of a long list are in sight of the element that scrolls them. */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core'
import type { RefObject } from 'preact'
import { useLayoutEffect, useReducer, useState } from 'preact/hooks'

/** The rows; all are of the same height. */
export interface VirtualRows {
  readonly count: number
  /** CSS pixels. */
  readonly height: number
  /** CSS pixels of what stays in sight above the rows. */
  readonly above: number
  readonly scroller: RefObject<HTMLElement | null>
}

/**
 * The virtualizer of the rows: its items are those in sight and a few around them.
 *
 * @example
 * const rows = useVirtualRows({ count: 10_000, height: 26, above: 26, scroller })
 */
export function useVirtualRows({
  count,
  height,
  above,
  scroller,
}: VirtualRows): Virtualizer<HTMLElement, HTMLElement> {
  const [, renderAgain] = useReducer<number, void>((n) => n + 1, 0)
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    scrollMargin: above,
    scrollPaddingStart: above,
    overscan: 8,
    onChange: () => renderAgain(),
  }
  const [rows] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options))
  rows.setOptions(options)
  useLayoutEffect(() => rows._didMount(), [rows])
  useLayoutEffect(() => rows._willUpdate())
  return rows
}
