/** What a table scrolls in where the page is narrower than the table. */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useWidth } from './use-width.js'

/**
 * The frame of a table. While the table is wider than the page, the keyboard can reach it and scroll it, by its name.
 *
 * @example
 * <TableFrame name="Files"><table>…</table></TableFrame>
 */
export function TableFrame({
  name,
  children,
}: {
  readonly name: string
  readonly children: ComponentChildren
}) {
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const [scrolls, setScrolls] = useState(false)
  useLayoutEffect(() => setScrolls((frame.current?.scrollWidth ?? 0) > width && width > 0))
  const reached = scrolls ? { role: 'region' as const, tabIndex: 0, 'aria-label': name } : {}
  return (
    <div ref={frame} class="table-frame" {...reached}>
      {children}
    </div>
  )
}
