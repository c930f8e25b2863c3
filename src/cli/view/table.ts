/**
 * A table of text: columns with headings, aligned by display width, within a given width.
 *
 * It does not know what its cells mean. Cells must be printable; a paint goes on after cutting and
 * padding, so that no escape sequence is ever counted or cut.
 */
import type { Paint } from './palette.js'
import { displayWidth, shorten, shortenMiddle } from './terminal-text.js'

/** A column of a table. */
export interface Column {
  readonly heading: string
  readonly align?: 'left' | 'right'
  /** How narrow it may be made before anything else gives way; a column without it keeps its width. */
  readonly shrinkTo?: number
  /** Where its cells are cut; default the end. */
  readonly cut?: 'end' | 'middle'
  /** May be left out where the table is too wide; the highest number is the last to go. */
  readonly leaveOut?: number
}

/** A cell: printable text, and how to paint it. */
export type Cell = string | { readonly text: string; readonly paint: Paint }

/** How wide a table may be, and how its headings are painted. */
export interface TableOptions {
  /** Columns of the terminal; Infinity where nothing may be shortened. */
  readonly width: number
  readonly paintHeading?: Paint
  /** Spaces before every line; default 0. */
  readonly indent?: number
}

/** A table that was laid out. */
export interface Table {
  /** The heading and the rows, without spaces at their ends. */
  readonly lines: readonly string[]
  /** The headings of the columns that found no room. */
  readonly leftOut: readonly string[]
}

const GAP = 2

/** Where nothing may be shortened, a cell that is wider than this stands out of its column. */
const WIDEST_COLUMN = 1000

/**
 * Lays out a table. Where it is too wide, first the widest of the columns that may shrink does,
 * then columns are left out, and in the end the widest column is cut whatever it is. It fits into
 * any width that has three spaces for each column that may not be left out.
 *
 * @example
 * table([{ heading: 'RUN ID' }, { heading: 'ROWS', align: 'right' }], [['orders_1', '42']], { width: 80 }).lines
 * // ['RUN ID    ROWS', 'orders_1    42']
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions,
): Table {
  const { width, paintHeading = (text) => text, indent = 0 } = options
  const widest = Math.min(width, WIDEST_COLUMN)
  const wanted = columns.map((column, at) => ({
    column,
    at,
    width: rows.reduce(
      (most, row) => Math.max(most, displayWidth(textOf(row[at]), widest)),
      displayWidth(column.heading, widest),
    ),
  }))
  const placed = place(wanted, width - indent)
  const line = (row: readonly Cell[]) => {
    const cells = placed.map(({ column, at, width: columns }) => {
      const cell = row[at] ?? ''
      const text = width === Number.POSITIVE_INFINITY ? textOf(cell) : cutTo(cell, column, columns)
      return pad(cell, text, column, columns)
    })
    return `${' '.repeat(indent)}${cells.join(' '.repeat(GAP))}`.trimEnd()
  }
  const heading = columns.map((column) => ({ text: column.heading, paint: paintHeading }))
  const kept = new Set(placed.map(({ at }) => at))
  return {
    lines: [heading, ...rows].map(line),
    leftOut: columns.filter((_, at) => !kept.has(at)).map((column) => column.heading),
  }
}

interface PlacedColumn {
  readonly column: Column
  /** Which column it is. */
  readonly at: number
  readonly width: number
}

/** The columns that find room, the important ones first, in their own order. */
function place(wanted: readonly PlacedColumn[], width: number): readonly PlacedColumn[] {
  const isKept = new Set(wanted.filter(({ column }) => column.leaveOut === undefined))
  const shrunk = () =>
    shrink(
      wanted.filter((column) => isKept.has(column)),
      width,
      ({ column, width }) => column.shrinkTo ?? width,
    )
  for (const column of byImportance(wanted)) {
    isKept.add(column)
    if (totalWidth(shrunk()) > width) isKept.delete(column)
  }
  return shrink(shrunk(), width, () => 1)
}

function byImportance(columns: readonly PlacedColumn[]): PlacedColumn[] {
  return columns
    .filter(({ column }) => column.leaveOut !== undefined)
    .sort((a, b) => (b.column.leaveOut ?? 0) - (a.column.leaveOut ?? 0))
}

/** Takes from the widest column that may still give, until the table has its width. */
function shrink(
  columns: readonly PlacedColumn[],
  width: number,
  narrowest: (column: PlacedColumn) => number,
): readonly PlacedColumn[] {
  const result = columns.map((column) => ({ ...column, least: narrowest(column) }))
  for (let excess = totalWidth(result) - width; excess > 0; excess = totalWidth(result) - width) {
    const [widest, next] = result
      .filter((column) => column.width > column.least)
      .sort((a, b) => b.width - a.width)
    if (widest === undefined) break
    const level = Math.min(next?.width ?? 0, widest.width - 1)
    widest.width = Math.max(widest.width - excess, widest.least, level)
  }
  return result
}

function totalWidth(columns: readonly { readonly width: number }[]): number {
  return columns.reduce((sum, { width }) => sum + width, GAP * Math.max(0, columns.length - 1))
}

function cutTo(cell: Cell, { cut }: Column, width: number): string {
  return cut === 'middle' ? shortenMiddle(textOf(cell), width) : shorten(textOf(cell), width)
}

function pad(cell: Cell, text: string, { align }: Column, width: number): string {
  const padding = ' '.repeat(Math.max(0, width - displayWidth(text, width)))
  const painted = typeof cell === 'string' || text === '' ? text : cell.paint(text)
  return align === 'right' ? padding + painted : painted + padding
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'object' ? cell.text : (cell ?? '')
}
