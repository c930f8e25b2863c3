/** A card beside what it is about, always inside the window. */
import type { ComponentChildren } from 'preact'

/** What a card is beside: CSS pixels of the window, and where in its width the card begins. */
export interface CardPlace {
  readonly top: number
  readonly bottom: number
  readonly x: number
}

/**
 * The card, below the place, or above it where the place is in the lower half of the window.
 *
 * @example
 * <FloatingCard place={{ top: 100, bottom: 126, x: 300 }}>…</FloatingCard>
 */
export function FloatingCard({
  place: { top, bottom, x },
  children,
}: {
  readonly place: CardPlace
  readonly children: ComponentChildren
}) {
  const below = (top + bottom) / 2 < window.innerHeight / 2
  const vertical = below
    ? { top: `${Math.round(bottom + 6)}px` }
    : { bottom: `${Math.round(window.innerHeight - top + 6)}px` }
  return (
    <div
      class="floating-card"
      style={{ ...vertical, left: `max(8px, min(${Math.round(x)}px, 100vw - 28rem))` }}
    >
      {children}
    </div>
  )
}
