/**
 * Text from elsewhere, made harmless for a terminal.
 *
 * Run ids, file names, SQL and error messages come from databases and other people's servers. What
 * is printed of them must not move the cursor, change colours, or reorder the line it stands in.
 * How wide a text is, `terminal-text.ts` knows: every command needs this, and few need that.
 */
import { UNSEEN_CHARACTERS } from '../../view/unseen-characters.js'

/** What would join with the character that stands before the text. */
const JOINS_BACKWARDS = /^[\p{M}\p{Grapheme_Extend}\p{Emoji_Modifier}\u200d]/u
const DOTTED_CIRCLE = '◌'
const PLAIN = /^[\x20-\x7e]*$/
const SHORT_ESCAPES: { readonly [char: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * The text with everything spelled out that a terminal would obey rather than show: control
 * characters, line breaks, what turns the direction or has no width, halves of surrogate pairs. What is left
 * stays on one line; ordinary Unicode is kept. A mark in front that would sit on whatever stands
 * before the text gets a dotted circle to sit on.
 *
 * @example
 * printable('red \u001b[31malert') // 'red \\x1b[31malert'
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text
  const harmless = text.replace(UNSEEN_CHARACTERS, spellOut)
  return JOINS_BACKWARDS.test(harmless) ? `${DOTTED_CIRCLE}${harmless}` : harmless
}

/**
 * JSON text that means the same and holds nothing that a terminal would obey: JSON escapes some
 * control characters by itself, and leaves those of C1, line separators and bidi overrides.
 *
 * @example
 * printableJson('"gpj.\u202eexe"') // '"gpj.\\u202eexe"'
 */
export function printableJson(json: string): string {
  return PLAIN.test(json) ? json : json.replace(UNSEEN_CHARACTERS, escapeForJson)
}

/**
 * A value as one line of JSON that holds nothing that a terminal would obey.
 *
 * @example
 * jsonLine({ run_id: 'orders_1' }) // '{"run_id":"orders_1"}\n'
 */
export function jsonLine(value: object): string {
  return `${printableJson(JSON.stringify(value))}\n`
}

function spellOut(char: string): string {
  const code = char.charCodeAt(0)
  const short = SHORT_ESCAPES[char]
  if (short !== undefined) return short
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}

/** Outside of its texts JSON of ours holds line breaks only. */
function escapeForJson(char: string): string {
  return char === '\n' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
