/**
 * Text from elsewhere, made fit for a page: nothing in it is unseen, and nothing reorders the line it stands in.
 *
 * Escaping for HTML is Preact's; this is about characters that a browser obeys rather than shows.
 */
import { UNSEEN_CHARACTERS } from '../../view/unseen-characters.js'

/** A stretch of a text; `unseen` where it stands for one character that would not have been seen. */
export interface TextPart {
  readonly text: string
  readonly unseen: boolean
}

/** A line break in a text is one on the page. */
const UNSEEN = new RegExp(`(?!\\n)${UNSEEN_CHARACTERS.source}`, 'gu')

/**
 * A text in parts, each unseen character spelled out as its code point.
 *
 * @example
 * textParts('gpj.\u202eexe') // [{ text: 'gpj.', … }, { text: 'U+202E', unseen: true }, { text: 'exe', … }]
 */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), unseen: false })
    parts.push({ text: codePoint(match[0]), unseen: true })
    from = match.index + match[0].length
  }
  if (from < text.length || parts.length === 0)
    parts.push({ text: text.slice(from), unseen: false })
  return parts
}

/**
 * The same as one string, for where there is no room for parts: a title, an option.
 *
 * @example
 * visibleText('a\u0000b') // 'a⟨U+0000⟩b'
 */
export function visibleText(text: string): string {
  return textParts(text)
    .map((part) => (part.unseen ? `⟨${part.text}⟩` : part.text))
    .join('')
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
