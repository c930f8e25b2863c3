/** A short label, and beside it a text of any length: the lines that a section of a run is made of. */

import { counted } from '../../view/quantities.js'
import type { Paint } from './palette.js'
import { printable } from './printable.js'
import { displayWidth, shorten } from './terminal-text.js'
import { wrap } from './wrap.js'

/** How far everything in a section stands in. */
export const INDENT = 2
const LABEL_COLUMNS = 13
const NARROWEST_TEXT = 16
const MARGIN = ' '.repeat(INDENT + LABEL_COLUMNS + 2)

/** What a labelled text may look like. */
export interface LabelledOptions {
  /** Columns of the terminal. */
  readonly width: number
  readonly paint?: Paint
  readonly paintLabel?: Paint
  /** Lines beyond so many are counted instead; default none. */
  readonly maxLines?: number
}

/**
 * The lines of a labelled text. Label and text may come from anywhere; both are made printable. A
 * long label has a line of its own.
 *
 * @example
 * labelled('format', 'parquet', { width: 80 }) // ['  format         parquet']
 */
export function labelled(label: string, text: string, options: LabelledOptions): string[] {
  const { width, paint = plain, paintLabel = plain, maxLines } = options
  const room = Math.max(width - MARGIN.length, NARROWEST_TEXT)
  const lines = wrap(text, room, maxLines).map((line) => (line === '' ? '' : MARGIN + paint(line)))
  const name = printable(label)
  if (displayWidth(name) > LABEL_COLUMNS) {
    return [' '.repeat(INDENT) + paintLabel(shorten(name, width - INDENT)), ...lines]
  }
  const gap = ' '.repeat(MARGIN.length - INDENT - displayWidth(name))
  const [first = '', ...others] = lines
  const lead = ' '.repeat(INDENT) + paintLabel(name)
  return [first === '' ? lead : lead + gap + first.slice(MARGIN.length), ...others]
}

/**
 * The lines of a remark that has no label.
 *
 * @example
 * aside('nothing degraded', { width: 80 }) // ['  nothing degraded']
 */
export function aside(text: string, { width, paint = plain }: LabelledOptions): string[] {
  return wrap(text, Math.max(width - INDENT, NARROWEST_TEXT)).map(
    (line) => ' '.repeat(INDENT) + paint(line),
  )
}

/**
 * The lines of the first items of a list, and one that counts the others.
 *
 * @example
 * firstOf(errors, 10, 'failed chunk', (error) => labelled('chunk', error, { width: 80 }))
 */
export function firstOf<T>(
  items: readonly T[],
  most: number,
  thing: string,
  linesOf: (item: T) => string[],
): string[] {
  const lines = items.slice(0, most).flatMap(linesOf)
  if (items.length > most)
    lines.push(`${' '.repeat(INDENT)}… ${counted(items.length - most, `more ${thing}`)}`)
  return lines
}

function plain(text: string): string {
  return text
}
