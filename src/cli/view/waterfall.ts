/**
 * The chunks of a run as a waterfall: when each attempt ran, on the time axis of the run.
 *
 * A bar stands for time that was measured, a mark for an instant beside which the journal knows
 * no other. Of thousands of attempts neighbours share a line, which says so.
 */
import type { RunJournal } from '../../journal/run-journal.js'
import { type Attempt, attemptsOf, longestOf } from '../../view/attempts.js'
import { formatCount, formatDuration } from '../../view/quantities.js'
import { type RunAxis, runAxis } from '../../view/run-axis.js'
import { type AttemptLine, failedAlone, toLines } from './attempt-lines.js'
import { type AttemptWords, wordsOf } from './attempt-words.js'
import {
  ASCII_SIGNS,
  type BarSigns,
  drawBar,
  drawMarks,
  drawShared,
  overlay,
  UNICODE_SIGNS,
} from './bar.js'
import { palette } from './palette.js'
import { type Column, table } from './table.js'
import { displayWidth } from './terminal-text.js'
import { wrap } from './wrap.js'

/** How the waterfall may look. */
export interface WaterfallOptions {
  /** Columns of the terminal. */
  readonly width: number
  readonly color: boolean
  /** Whether the terminal shows more than ASCII; default true. */
  readonly unicode?: boolean
  /** Spaces before every line; default 0. */
  readonly indent?: number
}

/**
 * Draws the chunks of a run; no lines for a run without chunks.
 *
 * @example
 * waterfall(journal, { width: 80, color: false }).join('\n')
 */
export function waterfall(journal: RunJournal, options: WaterfallOptions): string[] {
  const { width, color, unicode = true, indent = 0 } = options
  const axis = runAxis(journal)
  if (axis === undefined) return []
  const attempts = attemptsOf(journal.entries, axis.times)
  if (attempts.length === 0) return []
  const paints = palette(color)
  const signs = unicode ? UNICODE_SIGNS : ASCII_SIGNS
  const longest = attempts.length > 1 ? longestOf(attempts) : undefined
  const lines = toLines(attempts)
  const room = width - indent
  const wordsFor = (isTerse: boolean) =>
    lines.map((line) =>
      wordsOf(line, longest, { unicode, paints, keyColumns: keyColumnsIn(room), isTerse }),
    )
  const full = layOut(wordsFor(false), room)
  const { words, shown, barColumns } = full.fits ? full : layOut(wordsFor(true), room)
  const cells = words.map((word, i) => {
    const drawn = draw(lines[i] ?? [], axis, barColumns, signs)
    return shown.map((part) => {
      const text = part === 'bar' ? drawn : word[part]
      return word.paint === undefined ? text : { text, paint: word.paint }
    })
  })
  const columns = shown.map((part) =>
    part === 'bar' ? { heading: scale(axis, barColumns) } : COLUMNS[part],
  )
  return [
    ...table(columns, cells, { width, indent, paintHeading: paints.quiet }).lines,
    ...legend(attempts, lines, signs).flatMap((text) =>
      wrap(text, width - indent).map((line) => ' '.repeat(indent) + paints.quiet(line)),
    ),
  ]
}

type Part = 'bar' | 'chunk' | 'keys' | 'duration' | 'median' | 'rows' | 'state'

const COLUMNS: { readonly [P in Exclude<Part, 'bar'>]: Column } = {
  chunk: { heading: 'CHUNK', align: 'right', cut: 'middle' },
  keys: { heading: 'KEYS' },
  duration: { heading: 'DURATION', align: 'right' },
  median: { heading: 'MEDIAN', align: 'right' },
  rows: { heading: 'ROWS', align: 'right' },
  state: { heading: '', shrinkTo: 16 },
}

/** What is shown, the fullest first; the first that leaves room for a bar is taken. */
const CHOICES: readonly (readonly Part[])[] = [
  ['chunk', 'keys', 'bar', 'duration', 'median', 'rows', 'state'],
  ['chunk', 'keys', 'bar', 'duration', 'rows', 'state'],
  ['chunk', 'bar', 'duration', 'rows', 'state'],
  ['chunk', 'bar', 'duration', 'state'],
]
const ROOMY_BAR = 24
const NARROWEST_BAR = 8
const WIDEST_BAR = 100
const WIDEST_STATE = 26
const GAP = 2

/** Keys in full are worth more than a bar that is wider than an eye takes in. */
function keyColumnsIn(room: number): number {
  if (room >= 190) return 36
  return room >= 150 ? 24 : 12
}

interface Layout {
  readonly words: readonly AttemptWords[]
  readonly shown: readonly Part[]
  readonly barColumns: number
  /** Whether nothing has to be cut for the bar. */
  readonly fits: boolean
}

function layOut(words: readonly AttemptWords[], width: number): Layout {
  let shown: readonly Part[] = []
  let barColumns = 0
  for (const choice of CHOICES) {
    shown = choice.filter((part) => part === 'bar' || words.some((word) => word[part] !== ''))
    const taken = shown.reduce(
      (sum, part) => (part === 'bar' ? sum : sum + columnWidth(part, words) + GAP),
      0,
    )
    barColumns = Math.min(width - taken, WIDEST_BAR)
    if (barColumns >= ROOMY_BAR) break
  }
  const fits = barColumns >= NARROWEST_BAR
  return { words, shown, barColumns: Math.max(barColumns, NARROWEST_BAR), fits }
}

function columnWidth(part: Exclude<Part, 'bar'>, words: readonly AttemptWords[]): number {
  const widest = words.reduce(
    (most, word) => Math.max(most, displayWidth(word[part])),
    displayWidth(COLUMNS[part].heading),
  )
  return part === 'state' ? Math.min(widest, WIDEST_STATE) : widest
}

function draw(line: readonly Attempt[], axis: RunAxis, columns: number, signs: BarSigns): string {
  const whole = Number(axis.endUnixNano - axis.startUnixNano) || 1
  const at = (unixNano: bigint) => Number(unixNano - axis.startUnixNano) / whole
  const stretches = line
    .filter(({ timing }) => timing === 'measured')
    .map(({ startUnixNano, endUnixNano }) => ({ from: at(startUnixNano), to: at(endUnixNano) }))
  const [only] = stretches
  const bars =
    only !== undefined && line.length === 1
      ? drawBar(only, columns, signs)
      : drawShared(stretches, columns, signs)
  const marks = (timing: Attempt['timing'], sign: string) =>
    drawMarks(
      line.filter((attempt) => attempt.timing === timing).map((a) => at(a.startUnixNano)),
      columns,
      sign,
    )
  return [
    marks('end_only', signs.endOnly),
    marks('start_only', signs.startOnly),
    marks('clamped', signs.clamped),
  ].reduce(overlay, bars)
}

/** The axis in words: its end, and where there is room its start and its middle. */
function scale({ startUnixNano, endUnixNano }: RunAxis, columns: number): string {
  const whole = endUnixNano - startUnixNano
  const [start, middle, end] = ['0', milliseconds(whole / 2n), milliseconds(whole)]
  const room = columns - displayWidth(start) - displayWidth(end)
  if (room < 1) return end.length > columns ? '' : end.padStart(columns)
  const before = Math.floor(columns / 2) - displayWidth(start) - Math.floor(middle.length / 2)
  const after = room - before - middle.length
  if (before < 4 || after < 4) return `${start}${' '.repeat(Math.max(1, room))}${end}`
  return `${start}${' '.repeat(before)}${middle}${' '.repeat(after)}${end}`
}

function milliseconds(nanos: bigint): string {
  return formatDuration((nanos + 500_000n) / 1_000_000n)
}

function legend(
  attempts: readonly Attempt[],
  lines: readonly AttemptLine[],
  signs: BarSigns,
): string[] {
  const has = (timing: Attempt['timing']) => attempts.some((attempt) => attempt.timing === timing)
  const texts: string[] = []
  if (has('end_only')) texts.push(`${signs.endOnly} its end; when it started was not recorded`)
  if (has('start_only')) texts.push(`${signs.startOnly} its start; when it ended was not recorded`)
  if (has('clamped')) texts.push(`${signs.clamped} its times contradict each other`)
  if (lines.some((line) => line.length > 1 && line.some((a) => a.timing === 'measured')))
    texts.push(
      `${signs.shared} several chunks on one line, with the shortest and the longest time of them; ${aloneWords(attempts)}`,
    )
  return texts
}

function aloneWords(attempts: readonly Attempt[]): string {
  const failed = attempts.filter((attempt) => attempt.failed).length
  const alone = failedAlone(attempts).length
  if (failed === 0) return 'the slowest stand alone'
  return alone < failed
    ? `the slowest and the first ${alone} of ${formatCount(failed)} that failed stand alone`
    : 'the slowest and the failed stand alone'
}
