/** Dragging over a line of time: chooses the part of it between where the drag began and where it ended. */
import { useState } from 'preact/hooks'

/** A drag on the way: both ends in CSS pixels from the line's left. */
export interface TimeDrag {
  readonly from: number
  readonly to: number
}

/** Shorter ones are clicks. */
const LEAST = 4

/**
 * The handlers of a line that can be dragged over, and the drag that is on the way.
 *
 * @param done is told both ends, in parts of the line, 0 to 1
 * @example
 * const { drag, handlers } = useTimeDrag((from, to) => zoom(from, to))
 */
export function useTimeDrag(done: (from: number, to: number) => void) {
  const [drag, setDrag] = useState<TimeDrag | null>(null)
  const place = (event: PointerEvent & { readonly currentTarget: Element }) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    return Math.min(Math.max(event.clientX - left, 0), width)
  }
  const handlers = {
    onPointerDown(event: PointerEvent & { readonly currentTarget: Element }) {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      setDrag({ from: place(event), to: place(event) })
    },
    onPointerMove(event: PointerEvent & { readonly currentTarget: Element }) {
      if (drag !== null) setDrag({ from: drag.from, to: place(event) })
    },
    onPointerUp(event: PointerEvent & { readonly currentTarget: Element }) {
      if (drag === null) return
      const { width } = event.currentTarget.getBoundingClientRect()
      const to = place(event)
      setDrag(null)
      if (Math.abs(to - drag.from) >= LEAST) done(drag.from / width, to / width)
    },
    onPointerCancel() {
      setDrag(null)
    },
  }
  return { drag, handlers }
}
