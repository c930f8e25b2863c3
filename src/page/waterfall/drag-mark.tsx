/** The part of a line of time that is being dragged over. */
import type { TimeDrag } from './use-time-drag.js'

/**
 * Its mark, within the line; nothing where nobody drags.
 *
 * @example
 * <DragMark drag={drag} />
 */
export function DragMark({ drag }: { readonly drag: TimeDrag | null }) {
  if (drag === null) return null
  return (
    <span
      class="drag"
      style={{
        left: `${Math.min(drag.from, drag.to)}px`,
        width: `${Math.abs(drag.to - drag.from)}px`,
      }}
    />
  )
}
