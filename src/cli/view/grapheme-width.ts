/** How many columns one character takes in a terminal, as a reader counts characters. */
import emojiRegex from 'emoji-regex'
import { eastAsianWidth } from 'get-east-asian-width'

/** Control characters, joiners, marks, halves of surrogate pairs, and what chooses a variant. */
const WITHOUT_WIDTH =
  /^(?:[\p{Cc}\p{Cs}\u200b-\u200f\ufeff]|[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]|\p{Default_Ignorable_Code_Point}$)/u

const MOST_WIDTHS = 5000
const widths = new Map<string, number>()
let emoji: RegExp | undefined

/**
 * How many columns a grapheme cluster takes: an emoji two, anything else what its first code point does. It
 * is what the package string-width says, which takes its time at every start.
 *
 * Remembers what it measured: a text has few different characters, and measuring one is slow.
 *
 * @example
 * graphemeWidth('日') // 2
 */
export function graphemeWidth(grapheme: string): number {
  const known = widths.get(grapheme)
  if (known !== undefined) return known
  const width = measured(grapheme)
  if (widths.size >= MOST_WIDTHS) widths.clear()
  widths.set(grapheme, width)
  return width
}

function measured(grapheme: string): number {
  const codePoint = grapheme.codePointAt(0)
  if (codePoint === undefined || WITHOUT_WIDTH.test(grapheme)) return 0
  emoji ??= emojiRegex()
  return grapheme.search(emoji) >= 0 ? 2 : eastAsianWidth(codePoint)
}
