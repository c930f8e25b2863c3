/**
 * The characters that whoever shows a text obeys rather than shows: one set for terminals, pages and titles.
 *
 * The browser's page imports this file, so it imports nothing itself.
 */

/**
 * Control characters, lone surrogates, line separators, and what turns the direction of a line or has
 * no width and joins nothing. Of joiners (U+200C, U+200D) letters and emoji are made, so they stay.
 *
 * @example
 * text.replace(UNSEEN_CHARACTERS, '\ufffd')
 */
export const UNSEEN_CHARACTERS =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu
