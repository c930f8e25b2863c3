/** A section of the page, named by its heading. */
import type { ComponentChildren } from 'preact'

/**
 * A section with its heading; `id` is unique in the page, and what a link in it leads to.
 *
 * @example
 * <Section id="files" title="Files" note="16">…</Section>
 */
export function Section({
  id,
  title,
  note,
  children,
}: {
  readonly id: string
  readonly title: string
  readonly note?: string
  readonly children: ComponentChildren
}) {
  return (
    <section class={`section ${id}`} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        {title}
        {note === undefined ? null : <span class="note"> {note}</span>}
      </h2>
      {children}
    </section>
  )
}
