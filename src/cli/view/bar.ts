/** Bars and marks on a time axis, in a line of text of a fixed width. */

/** A piece of the axis, 0 to 1, that something took. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** The signs that an axis is drawn with. */
export interface BarSigns {
  /** From an eighth of a cell to a whole one; where there is one only, cells are whole or empty. */
  readonly blocks: readonly string[]
  /** The right half of a cell. */
  readonly rightHalf: string
  /** A cell in which one of several things was going on. */
  readonly shared: string
  /** An instant at which something ended whose start is not known. */
  readonly endOnly: string
  /** An instant at which something started whose end is not known. */
  readonly startOnly: string
  /** An instant of something whose times make no sense. */
  readonly clamped: string
}

/** Unicode's block elements: an axis to an eighth of a cell. */
export const UNICODE_SIGNS: BarSigns = {
  blocks: ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
  rightHalf: '▐',
  shared: '▒',
  endOnly: '◆',
  startOnly: '▸',
  clamped: '◇',
}

/** ASCII: an axis of whole cells. */
export const ASCII_SIGNS: BarSigns = {
  blocks: ['='],
  rightHalf: '=',
  shared: ':',
  endOnly: '*',
  startOnly: '>',
  clamped: '?',
}

/**
 * Draws one bar. However short, it is seen.
 *
 * @example
 * drawBar({ from: 0.25, to: 0.5 }, 8, ASCII_SIGNS) // '  ==    '
 */
export function drawBar(stretch: Stretch, columns: number, signs: BarSigns): string {
  const { blocks } = signs
  const steps = blocks.length
  const last = columns * steps
  const from = Math.min(Math.round(stretch.from * last), last - 1)
  const to = Math.min(Math.max(Math.round(stretch.to * last), from + 1), last)
  let text = ''
  for (let column = 0; column < columns; column++) {
    const left = Math.max(from - column * steps, 0)
    const right = Math.min(to - column * steps, steps)
    if (right <= left) text += ' '
    else if (left * 2 >= steps) text += signs.rightHalf
    else text += blocks[right - 1] ?? ''
  }
  return text
}

/**
 * Draws marks at instants, 0 to 1.
 *
 * @example
 * drawMarks([0, 0.5], 4, '*') // '* * '
 */
export function drawMarks(instants: readonly number[], columns: number, sign: string): string {
  const cells = Array<string>(columns).fill(' ')
  for (const at of instants) cells[cellOf(at, columns)] = sign
  return cells.join('')
}

/**
 * Draws what several things took together: a sign wherever one of them was going on.
 *
 * @example
 * drawShared([{ from: 0, to: 0.2 }, { from: 0.5, to: 1 }], 4, ASCII_SIGNS) // ': ::'
 */
export function drawShared(
  stretches: readonly Stretch[],
  columns: number,
  signs: BarSigns,
): string {
  const cells = Array<string>(columns).fill(' ')
  for (const { from, to } of stretches) {
    const first = cellOf(from, columns)
    cells.fill(signs.shared, first, Math.max(first + 1, Math.round(to * columns)))
  }
  return cells.join('')
}

/**
 * Lays one drawing over another of the same width; its blanks let the one below through.
 *
 * @example
 * overlay(':::', ' * ') // ':*:'
 */
export function overlay(below: string, above: string): string {
  const under = [...below]
  return [...above].map((sign, i) => (sign === ' ' ? (under[i] ?? ' ') : sign)).join('')
}

function cellOf(at: number, columns: number): number {
  return Math.max(0, Math.min(Math.floor(at * columns), columns - 1))
}
