/**
 * What else happened in the time of a run, as text: groups, the first spans one by one, and how to go on
 * searching.
 */
import type { NearSpan } from '../../bridge/correlation/correlate.js'
import { searchedSeconds } from '../../bridge/correlation/further-searches.js'
import type { RankedSpan, Reason } from '../../bridge/correlation/ranking.js'
import type { SpanGroup } from '../../bridge/correlation/span-groups.js'
import { formatTimestamp } from '../../journal/timestamp.js'
import type { SourceAddress } from '../../state/source-address.js'
import { counted, formatCount } from '../../view/quantities.js'
import { withoutSaidSecrets } from '../said-text.js'
import { formatNanos } from './nanos.js'
import { type Palette, palette } from './palette.js'
import { printable } from './printable.js'
import {
  type CorrelationToShow,
  type ShownCorrelation,
  shownCorrelation,
} from './shown-correlation.js'
import { type Cell, type Column, table } from './table.js'
import { wrap } from './wrap.js'

/** How it may look. */
export interface CorrelationLook {
  /** Columns of the terminal. */
  readonly width: number
  readonly color: boolean
}

/** Spans that are listed one by one; `--json` has as many as groups. */
const MOST_SPANS = 10
const INDENT = 2

const GROUPS: readonly Column[] = [
  { heading: 'SERVICE', shrinkTo: 12 },
  { heading: 'OPERATION', shrinkTo: 16 },
  { heading: 'SPANS', align: 'right' },
  { heading: 'ERRORS', align: 'right', leaveOut: 4 },
  { heading: 'OVERLAP', align: 'right' },
  { heading: 'LONGEST', align: 'right', leaveOut: 3 },
  { heading: 'WHY', leaveOut: 6 },
  { heading: 'TRACE', leaveOut: 5 },
]

const SPANS: readonly Column[] = [
  { heading: 'SERVICE', shrinkTo: 12 },
  { heading: 'OPERATION', shrinkTo: 16 },
  { heading: 'BEGAN', align: 'right', leaveOut: 5 },
  { heading: 'TOOK', align: 'right' },
  { heading: 'OVERLAP', align: 'right', leaveOut: 4 },
  { heading: 'WHY', leaveOut: 6 },
  { heading: 'TRACE', leaveOut: 3 },
]

/**
 * A correlation as lines of text, each with its line break.
 *
 * @example
 * process.stdout.write(correlationText(found, { width: 100, color: false }))
 */
export function correlationText(found: CorrelationToShow, look: CorrelationLook): string {
  const shown = shownCorrelation(found)
  const paints = palette(look.color)
  const lines = [
    ...titleOf(found, shown, look, paints),
    '',
    ...(shown.groups.length === 0
      ? emptyLines(found, shown, look)
      : foundLines(found, shown, look, paints)),
    ...furtherLines(found, shown, paints),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function titleOf(
  { run, correlation, location }: CorrelationToShow,
  { source }: ShownCorrelation,
  { width }: CorrelationLook,
  paints: Palette,
): string[] {
  const { chunk, startUnixNano, endUnixNano } = run.lookedAt
  const part =
    chunk === undefined
      ? 'the whole run'
      : `chunk ${chunk.index}${chunk.isFailed ? ', failed' : ''}`
  const of = source === undefined ? 'its source is not known' : `source ${sourceText(source)}`
  const { surrounding } = correlation
  const traces = surrounding.length === 0 ? [] : [`surrounding trace ${surrounding.join(', ')}`]
  const window = `${part}: ${formatNanos(endUnixNano - startUnixNano)} from ${formatTimestamp(startUnixNano)}`
  return [
    ...wrap(printable(withoutSaidSecrets(run.runId)), width).map(paints.heading),
    ...wrap(`${window} · ${of}`, width),
    ...traces,
    ...wrap(
      `${counted(correlation.spans.length, 'span')} of other services overlap it, of ${formatCount(correlation.looked.spans)} read with ${counted(correlation.looked.questions, 'question')} from ${printable(location)}`,
      width,
    ),
  ]
}

function sourceText({ engine, host, port, database }: SourceAddress): string {
  const server = host === undefined ? '' : ` ${host.includes(':') ? `[${host}]` : host}`
  const text = `${engine}${server}${port === undefined ? '' : `:${port}`}${database === undefined ? '' : `/${database}`}`
  return printable(text)
}

function foundLines(
  { run, correlation }: CorrelationToShow,
  { groups, spans }: ShownCorrelation,
  { width }: CorrelationLook,
  paints: Palette,
): string[] {
  const options = { width, indent: INDENT, paintHeading: paints.quiet }
  const listed = spans.slice(0, MOST_SPANS)
  return [
    paints.heading('What ran beside it'),
    ...table(
      GROUPS,
      groups.map((group) => groupCells(group, paints)),
      options,
    ).lines,
    ...more(correlation.groups.length - groups.length, 'more group', paints),
    '',
    paints.heading('The spans'),
    ...table(
      SPANS,
      listed.map((span) => spanCells(span, run.lookedAt.startUnixNano, paints)),
      options,
    ).lines,
    ...more(correlation.spans.length - listed.length, 'more span', paints),
  ]
}

function more(count: number, thing: string, paints: Palette): string[] {
  return count <= 0 ? [] : [paints.quiet(`${' '.repeat(INDENT)}… ${counted(count, thing)}`)]
}

function groupCells(group: SpanGroup, paints: Palette): Cell[] {
  return [
    printable(group.service),
    printable(group.operation),
    formatCount(group.spans),
    group.errors > 0 ? { text: formatCount(group.errors), paint: paints.bad } : '0',
    formatNanos(group.overlapNanos),
    formatNanos(group.longestNanos),
    why(group.reasons),
    group.example.traceId,
  ]
}

function spanCells(span: RankedSpan, start: bigint, paints: Palette): Cell[] {
  const began = span.startUnixNano - start
  const took = formatNanos(span.endUnixNano - span.startUnixNano)
  return [
    printable(span.service),
    printable(span.operation),
    `${began < 0n ? '-' : '+'}${formatNanos(began < 0n ? -began : began)}`,
    span.isError ? { text: `${took} ✗`, paint: paints.bad } : took,
    formatNanos(span.overlapNanos),
    why(span.reasons),
    span.traceId,
  ]
}

function why(reasons: readonly Reason[]): string {
  return reasons.length === 0 ? 'same time' : reasons.join(', ')
}

function emptyLines(
  { correlation }: CorrelationToShow,
  { nearest }: ShownCorrelation,
  { width }: CorrelationLook,
): string[] {
  const { spans } = correlation.looked
  const sentences = [
    spans === 0
      ? 'Nothing of another service was found in that time: either nothing ran beside it, or nothing that ran sends its spans to this server.'
      : 'Nothing of another service overlaps that time.',
    ...(nearest === undefined ? [] : [nearText(nearest)]),
    'The whole run is looked at without --chunk; spans that were just sent are found some seconds later.',
  ]
  return sentences.flatMap((sentence) => wrap(sentence, width))
}

function nearText(span: NearSpan): string {
  const side = span.isBefore ? 'ended' : 'began'
  const when = `${side} ${formatNanos(span.gapNanos)} ${span.isBefore ? 'before' : 'after'} it`
  return `The nearest, ${printable(span.operation)} of ${printable(span.service)} (${why(span.reasons)}, trace ${span.traceId}), ${when}: where the clocks of two machines differ by so much, they may have met.`
}

function furtherLines(
  { run }: CorrelationToShow,
  { traceQl, jaegerPages, grafanaPage }: ShownCorrelation,
  paints: Palette,
): string[] {
  const { fromUnixSeconds, toUnixSeconds } = searchedSeconds(run.lookedAt)
  const at = (seconds: number) => formatTimestamp(BigInt(seconds) * 1_000_000_000n)
  const indent = ' '.repeat(INDENT)
  const lines = [
    ...(traceQl === undefined
      ? []
      : [
          `TraceQL, from ${at(fromUnixSeconds)} to ${at(toUnixSeconds)}:`,
          `${indent}${printable(traceQl)}`,
        ]),
    ...jaegerPages.map(({ service, url }) => `${printable(service)}: ${url}`),
    ...(grafanaPage === undefined ? [] : [`Grafana: ${grafanaPage}`]),
  ]
  if (lines.length === 0) return []
  return ['', paints.heading('Search on'), ...lines.map((line) => indent + line)]
}
