/**
 * Text from elsewhere, made fit for a terminal: harmless, and of a known width.
 *
 * Run ids, file names, SQL and error messages come from databases and other people's servers. What
 * is printed of them must not move the cursor, change colours, or reorder the line it stands in.
 */
import stringWidth from 'string-width'
import { UNSEEN_CHARACTERS } from '../../view/unseen-characters.js'

/** What would join with the character that stands before the text. */
const JOINS_BACKWARDS = /^[\p{M}\p{Grapheme_Extend}\p{Emoji_Modifier}\u200d]/u
const DOTTED_CIRCLE = '◌'
const PLAIN = /^[\x20-\x7e]*$/
const SHORT_ESCAPES: { readonly [char: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const ELLIPSIS = '…'
const LONGEST_WITH_TWO_ENDS = 10_000

/** The engine's segmenter takes quadratic time, so it is given a long text piece by piece. */
const WINDOW = 256
const MOST_WIDTHS = 5000
const widths = new Map<string, number>()
const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

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

/**
 * How many columns a printable text takes in a terminal; counts no further than `most`.
 *
 * @example
 * displayWidth('日本') // 4
 */
export function displayWidth(text: string, most = Number.POSITIVE_INFINITY): number {
  if (PLAIN.test(text)) return Math.min(text.length, most)
  let width = 0
  for (const grapheme of graphemesOf(text)) {
    width += graphemeWidth(grapheme)
    if (width >= most) return most
  }
  return width
}

/**
 * A printable text in at most so many columns: what is cut off at its end becomes `…`. It is never
 * cut inside what a reader takes for one character.
 *
 * @example
 * shorten('orders_20261121', 8) // 'orders_…'
 */
export function shorten(text: string, columns: number): string {
  if (isWithin(text, columns)) return text
  return columns < 1 ? '' : `${takeColumns(text, columns - 1)}${ELLIPSIS}`
}

/**
 * Like {@link shorten}, but the middle goes: for file names and keys, whose ends tell them apart.
 * Of a text of more than 10,000 characters the end goes all the same.
 *
 * @example
 * shortenMiddle('orders_20261121_chunk7.csv', 16) // 'orders_…unk7.csv'
 */
export function shortenMiddle(text: string, columns: number): string {
  if (text.length > LONGEST_WITH_TWO_ENDS || isWithin(text, columns)) return shorten(text, columns)
  if (columns < 1) return ''
  const end = takeLastColumns(text, Math.ceil((columns - 1) / 2))
  return `${takeColumns(text, columns - 1 - displayWidth(end))}${ELLIPSIS}${end}`
}

/**
 * As much of the beginning of a printable text as goes into so many columns.
 *
 * @example
 * takeColumns('日本語', 5) // '日本'
 */
export function takeColumns(text: string, columns: number): string {
  if (PLAIN.test(text)) return text.slice(0, Math.max(0, columns))
  let taken = 0
  let width = 0
  for (const grapheme of graphemesOf(text)) {
    width += graphemeWidth(grapheme)
    if (width > columns) break
    taken += grapheme.length
  }
  return text.slice(0, taken)
}

/**
 * What a reader takes for the characters of a text.
 *
 * @example
 * [...graphemesOf('e\u0301é')].length // 2
 */
export function* graphemesOf(text: string): Generator<string> {
  let from = 0
  let length = WINDOW
  while (from < text.length) {
    const segments = [...segmenter.segment(text.slice(from, from + length))]
    // Where the window ends inside the text, its last character may go on behind it.
    if (from + length < text.length) segments.pop()
    if (segments.length === 0) length *= 2
    for (const { segment } of segments) {
      yield segment
      from += segment.length
    }
  }
}

/**
 * A printable text with spaces after it, up to so many columns; a longer one stays as it is.
 *
 * @example
 * padEnd('日本', 6) // '日本  '
 */
export function padEnd(text: string, columns: number): string {
  return text + spaces(columns - displayWidth(text))
}

/**
 * A printable text with spaces before it, up to so many columns; a longer one stays as it is.
 *
 * @example
 * padStart('42', 6) // '    42'
 */
export function padStart(text: string, columns: number): string {
  return spaces(columns - displayWidth(text)) + text
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

/** Looks no further into a long text than it must. */
function isWithin(text: string, columns: number): boolean {
  if (columns === Number.POSITIVE_INFINITY) return true
  if (PLAIN.test(text)) return text.length <= columns
  return takeColumns(text, columns).length === text.length
}

function takeLastColumns(text: string, columns: number): string {
  if (columns < 1) return ''
  if (PLAIN.test(text)) return text.slice(-columns)
  const graphemes = [...graphemesOf(text)]
  let from = graphemes.length
  for (let width = 0; from > 0; from--) {
    width += graphemeWidth(graphemes[from - 1] ?? '')
    if (width > columns) break
  }
  return graphemes.slice(from).join('')
}

/** Remembers what it measured: a text has few different characters, and measuring one is slow. */
function graphemeWidth(grapheme: string): number {
  if (PLAIN.test(grapheme)) return grapheme.length
  const known = widths.get(grapheme)
  if (known !== undefined) return known
  const width = stringWidth(grapheme)
  if (widths.size >= MOST_WIDTHS) widths.clear()
  widths.set(grapheme, width)
  return width
}

function spaces(count: number): string {
  return ' '.repeat(Math.max(0, count))
}
