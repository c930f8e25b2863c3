/** A text from elsewhere: kept apart from the direction of what is around it, with nothing unseen in it. */
import { textParts } from './shown-text.js'

/**
 * Shows a text. Line breaks are kept where the styles keep them.
 *
 * @example
 * <Shown text={file.name} />
 */
export function Shown({ text }: { readonly text: string }) {
  const parts = textParts(text)
  if (parts.length === 1 && parts[0]?.unseen === false) return <bdi>{text}</bdi>
  return (
    <bdi>
      {parts.map((part) => (part.unseen ? <span class="unseen">{part.text}</span> : part.text))}
    </bdi>
  )
}
