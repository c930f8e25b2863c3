/**
 * Text that was made harmless (see `printable.ts`), measured and cut by the columns it takes in a terminal.
 *
 * Most text is of letters and signs that take one column each, and is never given to the engine's
 * segmenter: the first use of that takes longer than all else that a short command does.
 */
import { graphemeWidth } from './grapheme-width.js'

/** Each of these is a character of one column, whatever of them stands beside it. */
const NARROW =
  /^[ -~\u00a1-\u00a8\u00aa-\u00ac\u00af-\u02ff\u0386-\u0482\u048a-\u052f\u1e00-\u1eff\u2010-\u2027\u2030-\u203b\u2190-\u2193\u2200-\u22ff\u2500-\u259f\u25b2\u25bc\u25cc\u25cf\u2713\u2717]*$/
const ELLIPSIS = '…'
const LONGEST_WITH_TWO_ENDS = 10_000

/** The engine's segmenter takes quadratic time, so it is given a long text piece by piece. */
const WINDOW = 256
let segmenter: Intl.Segmenter | undefined

/**
 * How many columns a printable text takes in a terminal; counts no further than `most`.
 *
 * @example
 * displayWidth('日本') // 4
 */
export function displayWidth(text: string, most = Number.POSITIVE_INFINITY): number {
  if (NARROW.test(text)) return Math.min(text.length, most)
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
  if (NARROW.test(text)) return text.slice(0, Math.max(0, columns))
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
  if (NARROW.test(text)) return yield* text
  segmenter ??= new Intl.Segmenter('und', { granularity: 'grapheme' })
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

/** Looks no further into a long text than it must. */
function isWithin(text: string, columns: number): boolean {
  if (columns === Number.POSITIVE_INFINITY) return true
  if (NARROW.test(text)) return text.length <= columns
  return takeColumns(text, columns).length === text.length
}

function takeLastColumns(text: string, columns: number): string {
  if (columns < 1) return ''
  if (NARROW.test(text)) return text.slice(-columns)
  const graphemes = [...graphemesOf(text)]
  let from = graphemes.length
  for (let width = 0; from > 0; from--) {
    width += graphemeWidth(graphemes[from - 1] ?? '')
    if (width > columns) break
  }
  return graphemes.slice(from).join('')
}

function spaces(count: number): string {
  return ' '.repeat(Math.max(0, count))
}
