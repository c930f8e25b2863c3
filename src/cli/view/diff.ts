/**
 * Two runs side by side, for a person: numbers in two columns, then whatever differs, then the gates.
 *
 * What is the same is said in one word, and nothing is red but what went wrong.
 */

import { parseTimestamp } from '../../journal/timestamp.js'
import { QUANTITIES } from '../../view/diff-runs.js'
import { counted, formatDuration, formatTime, UNKNOWN } from '../../view/quantities.js'
import type { Difference, OneSidedFinding, RunDiff, Subject } from '../../view/run-diff.js'
import type { RunSummary } from '../../view/run-view.js'
import type { JudgedGate } from '../gates.js'
import { changeWords } from './change-words.js'
import { differingTexts, textLines } from './differing-texts.js'
import { aside, firstOf, INDENT, labelled } from './labelled.js'
import type { Paint } from './palette.js'
import { printable } from './printable.js'
import { statusPaint, statusText } from './run-status.js'
import { section, textOf } from './run-title.js'
import { lookOf, type SectionLook } from './section-look.js'
import { type Cell, table } from './table.js'
import { wrap } from './wrap.js'

const MOST_FINDINGS = 20
const MOST_CHUNKS = 10
/** What takes so much longer is worth a look. */
const MUCH = 0.2

/** How a comparison may look. */
export interface DiffLook {
  /** Columns of the terminal. */
  readonly width: number
  readonly color: boolean
}

/**
 * Shows how two runs differ as lines of text, each with its line break.
 *
 * @example
 * process.stdout.write(showDiff(diffRuns(a, b), [], { width: 80, color: false }))
 */
export function showDiff(diff: RunDiff, gates: readonly JudgedGate[], options: DiffLook): string {
  const look = lookOf(options, false)
  return textOf([
    ...title('A', diff.a, look),
    ...title('B', diff.b, look),
    ...remarks(diff, look),
    ...section('Numbers', numbers(diff, look), look),
    ...section('Plan', differingTexts('plan', diff, look), look),
    ...section('Schema', differingTexts('schema', diff, look), look),
    ...failures(diff, look),
    ...chunks(diff, look),
    ...besides(diff, look),
    ...(gates.length === 0
      ? []
      : section(
          'Gates',
          gates.flatMap((gate) => gateLines(gate, look)),
          look,
        )),
  ])
}

function title(name: string, run: RunSummary, { width, paints }: SectionLook): string[] {
  const { run_id, status, concerns, export_name, started_at } = run
  const words = statusText(status ?? undefined, concerns)
  const started =
    started_at === null ? '' : ` · started ${formatTime(parseTimestamp(started_at).unixNano)}`
  const [first = '', ...others] = wrap(printable(run_id), width - INDENT - 1)
  const paint = statusPaint(status ?? undefined, concerns, paints)
  const facts = wrap(printable(`${words} · export ${export_name}${started}`), width - INDENT - 1)
  const painted = facts.map((line, i) =>
    i === 0 && line.startsWith(words) ? paint(words) + line.slice(words.length) : line,
  )
  const margin = ' '.repeat(INDENT + 1)
  return [
    `${paints.heading(name)}  ${paints.heading(first)}`,
    ...others.map((line) => margin + paints.heading(line)),
    ...painted.map((line) => margin + line),
  ]
}

function remarks({ remarks: all }: RunDiff, { width, paints }: SectionLook): string[] {
  return all.length === 0
    ? []
    : ['', ...all.flatMap((remark) => wrap(printable(remark), width).map(paints.warning))]
}

function numbers({ a, b, differences }: RunDiff, { width, paints }: SectionLook): string[] {
  const rows = QUANTITIES.flatMap(({ subject, label, of, words }): Cell[][] => {
    const [inA, inB] = [of(a), of(b)]
    if (inA === null && inB === null) return []
    const moved = differences.find((one) => one.subject === subject)
    const text = (count: typeof inA) => (count === null ? UNKNOWN : words(BigInt(count)))
    const isSame = inA !== null && inB !== null && moved === undefined
    const plain = isSame ? paints.quiet : same
    const isSlower = (moved?.change ?? 0) >= MUCH && isTime(subject)
    return [
      [
        { text: label, paint: paints.quiet },
        { text: text(inA), paint: plain },
        { text: text(inB), paint: isSlower ? paints.warning : plain },
        {
          text: isSame ? 'same' : numberChange(moved),
          paint: isSlower ? paints.warning : isSame ? paints.quiet : same,
        },
      ],
    ]
  })
  if (rows.length === 0) return aside('neither run says any', { width, paint: paints.quiet })
  const columns = [
    { heading: '' },
    { heading: 'A', align: 'right' },
    { heading: 'B', align: 'right' },
    { heading: 'CHANGE', align: 'right' },
  ] as const
  return [...table(columns, rows, { width, indent: INDENT, paintHeading: paints.quiet }).lines]
}

function numberChange(moved: Difference | undefined): string {
  if (moved === undefined || moved.a === null || moved.b === null) return 'unknown'
  return moved.change === null ? 'from 0' : changeWords(moved.change)
}

function isTime(subject: Subject): boolean {
  return subject === 'duration' || subject === 'longest_chunk'
}

function failures(diff: RunDiff, look: SectionLook): string[] {
  const { width, paints } = look
  const { only_in_a, only_in_b } = diff.failures
  const list = (findings: readonly OneSidedFinding[], where: string, bad: Paint) =>
    findings.length === 0
      ? []
      : [
          ...aside(where, { width, paint: paints.quiet }),
          ...firstOf(findings, MOST_FINDINGS, 'finding', ({ label, text, level, count }) =>
            labelled(label, count > 1 ? `${text} (${count} times)` : text, {
              width,
              maxLines: 8,
              paintLabel: level === 'bad' ? bad : paints.warning,
            }),
          ),
        ]
  const unknown = diff.not_compared.filter((one) => one.subject === 'failures')
  const lines = [
    ...list(only_in_b, 'in B, and not in A', paints.bad),
    ...list(only_in_a, 'in A, and not in B', paints.quiet),
    ...unknown.flatMap(({ why }) =>
      aside(`not all is known: ${why}`, { width, paint: paints.warning }),
    ),
  ]
  return section(
    'What went wrong',
    lines.length > 0 ? lines : aside('nothing that is not in both', { width, paint: paints.quiet }),
    look,
  )
}

function chunks(
  { a, b, chunks: { matched_by, matched, moved } }: RunDiff,
  look: SectionLook,
): string[] {
  const { width, paints } = look
  if (a.chunks === null || b.chunks === null) return []
  if (matched_by === null) {
    const none = 'no chunk of the same keys has a time in both'
    return section('Chunks', aside(none, { width, paint: paints.quiet }), look)
  }
  const shown = moved.slice(0, MOST_CHUNKS)
  const rows = shown.map(({ name, a_ms, b_ms }): Cell[] => {
    const change = a_ms === 0 ? null : (b_ms - a_ms) / a_ms
    const paint = (change ?? 0) >= MUCH ? paints.warning : same
    return [
      printable(name),
      formatDuration(Math.trunc(a_ms)),
      { text: formatDuration(Math.trunc(b_ms)), paint },
      { text: changeWords(change), paint },
    ]
  })
  const columns = [
    { heading: matched_by === 'keys' ? 'KEYS' : 'CHUNK', shrinkTo: 8, cut: 'middle' },
    { heading: 'A', align: 'right' },
    { heading: 'B', align: 'right' },
    { heading: 'CHANGE', align: 'right' },
  ] as const
  const by = `${counted(matched, 'chunk')} with a time in both, by their ${matched_by}; those whose time moved most`
  return section(
    'Chunks',
    [
      ...aside(by, { width, paint: paints.quiet }),
      ...table(columns, rows, { width, indent: INDENT, paintHeading: paints.quiet }).lines,
    ],
    look,
  )
}

function besides({ differences }: RunDiff, look: SectionLook): string[] {
  const lines = differences
    .filter((one) => one.subject === 'beside')
    .flatMap((one) => textLines(one, look))
  return lines.length === 0 ? [] : section('Beside the journals', lines, look)
}

function gateLines({ gate, outcome, why }: JudgedGate, { width, paints }: SectionLook): string[] {
  const words = { holds: 'holds', differs: 'differs', unknown: 'cannot be checked' }[outcome]
  const paint = outcome === 'holds' ? paints.good : paints.bad
  return labelled(gate, why === null ? words : `${words}: ${why}`, {
    width,
    paint,
    paintLabel: paints.quiet,
  })
}

function same(text: string): string {
  return text
}
