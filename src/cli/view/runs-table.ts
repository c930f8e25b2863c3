/** Runs as a table, one line each. */

import {
  formatBytes,
  formatCount,
  formatDuration,
  formatTime,
  UNKNOWN,
} from '../../view/quantities.js'
import type { RunOrder } from '../../view/run-order.js'
import type { RunRow } from '../../view/run-row.js'
import { type Palette, palette } from './palette.js'
import { printable } from './printable.js'
import { statusPaint, statusText } from './run-status.js'
import { type Cell, type Column, table } from './table.js'
import { wrap } from './wrap.js'

/** How a view may look. */
export interface RunsTableOptions {
  /** Columns of the terminal; Infinity where stdout is none, so that nothing is shortened. */
  readonly width: number
  readonly color: boolean
  /** What the runs are sorted by: that column is the last to give way. */
  readonly order?: RunOrder | undefined
}

/** A run_id is what a person goes on with, and it starts with the export's name and the time. */
const COLUMNS: readonly Column[] = [
  { heading: 'RUN ID', shrinkTo: 48, cut: 'middle' },
  { heading: 'EXPORT', shrinkTo: 12, leaveOut: 1 },
  { heading: 'STATUS', shrinkTo: 18 },
  { heading: 'STARTED', leaveOut: 5 },
  { heading: 'DURATION', align: 'right', leaveOut: 8 },
  { heading: 'ROWS', align: 'right', leaveOut: 9 },
  { heading: 'BYTES', align: 'right', leaveOut: 2 },
  { heading: 'FILES', align: 'right', leaveOut: 3 },
  { heading: 'CHUNKS', align: 'right', leaveOut: 6 },
  { heading: 'RETRIES', align: 'right', leaveOut: 4 },
  { heading: 'LONGEST CHUNK', align: 'right', leaveOut: 7 },
]

/** The headings of what runs can be sorted by. */
const HEADINGS: { readonly [order in RunOrder]: string } = {
  started: 'STARTED',
  duration: 'DURATION',
  rows: 'ROWS',
  bytes: 'BYTES',
  files: 'FILES',
  chunks: 'CHUNKS',
  retries: 'RETRIES',
  'longest-chunk': 'LONGEST CHUNK',
  status: 'STATUS',
  export: 'EXPORT',
}
const LAST_TO_GO = 10

/** Only where a run has one. */
const NAMESPACE: Column = { heading: 'NAMESPACE', shrinkTo: 12, leaveOut: 1 }

/**
 * The runs as lines of text, each with its line break; run_ids are shortened only where nothing
 * else can give way. Columns that find no room are named below the table.
 *
 * @example
 * process.stdout.write(runsTable([runRow(journal)], { width: 80, color: false }))
 */
export function runsTable(rows: readonly RunRow[], options: RunsTableOptions): string {
  const { width, color, order } = options
  const sortedBy = order === undefined ? undefined : HEADINGS[order]
  const columns = COLUMNS.map((column) =>
    column.heading === sortedBy && column.leaveOut !== undefined
      ? { ...column, leaveOut: LAST_TO_GO }
      : column,
  )
  const paints = palette(color)
  const areNamed = rows.some(({ namespace }) => namespace !== '')
  const { lines, leftOut } = table(
    areNamed ? [...columns.slice(0, 1), NAMESPACE, ...columns.slice(1)] : columns,
    rows.map((row) => {
      const [runId = '', ...others] = cellsOf(row, paints)
      return areNamed ? [runId, printable(row.namespace), ...others] : [runId, ...others]
    }),
    { width, paintHeading: paints.heading },
  )
  if (leftOut.length === 0) return textOf(lines)
  const note = `no room here for ${leftOut.join(', ')}; a wider terminal or --json has them`
  return textOf([...lines, ...wrap(note, width).map(paints.quiet)])
}

function cellsOf(row: RunRow, paints: Palette): Cell[] {
  const known = <T>(value: T | undefined, format: (value: T) => string): string =>
    value === undefined ? UNKNOWN : format(value)
  return [
    printable(row.runId),
    printable(row.exportName),
    {
      text: `${statusText(row.status, row.concerns)}${row.redaction === undefined ? '' : ', redacted'}`,
      paint: statusPaint(row.status, row.concerns, paints),
    },
    known(row.startUnixNano, formatTime),
    known(row.durationMs, formatDuration),
    known(row.rows, formatCount),
    known(row.bytes, formatBytes),
    known(row.files, formatCount),
    known(row.chunks, formatCount),
    (row.retries ?? 0) > 0
      ? { text: known(row.retries, formatCount), paint: paints.warning }
      : known(row.retries, formatCount),
    known(row.longestChunkMs, formatDuration),
  ]
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
