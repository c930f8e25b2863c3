/** The figures of a run that are looked at first, with how they changed from the run before. */
import type { Count, RunSummary } from '../view/run-view.js'
import { approximate, bytesText, countText, durationText, percentText } from './parts/counts.js'

/** One figure, as it is shown. */
export interface KeyFigure {
  readonly label: string
  readonly value: string
  /** How it changed: `▲ 12 %`; `null` where there is nothing to compare with. */
  readonly change: string | null
  /** What the change means, and what it was before. */
  readonly was: string | null
}

type Format = (count: Count | null) => string

const FIGURES: readonly (readonly [label: string, field: Field, format: Format])[] = [
  ['Duration', 'duration_ms', durationText],
  ['Rows', 'rows', countText],
  ['Bytes', 'bytes', bytesText],
  ['Files', 'files', countText],
  ['Chunks', 'chunks', countText],
  ['Retries', 'retries', countText],
  ['Longest chunk', 'longest_chunk_ms', durationText],
]

type Field = 'duration_ms' | 'rows' | 'bytes' | 'files' | 'chunks' | 'retries' | 'longest_chunk_ms'

/**
 * The figures of a run; `before` is the run that it is compared with.
 *
 * @example
 * keyFigures(view.summary, view.comparison?.a ?? null)[0] // { label: 'Duration', value: '2.91 s', … }
 */
export function keyFigures(run: RunSummary, before: RunSummary | null): KeyFigure[] {
  return FIGURES.map(([label, field, format]) => {
    const value = format(run[field])
    const change = before === null ? null : changeText(run[field], before[field])
    const was = change === null || before === null ? null : `before: ${format(before[field])}`
    return { label, value, change, was }
  })
}

/**
 * How a quantity changed.
 *
 * @example
 * changeText(112, 100) // '▲ 12 %'
 */
export function changeText(now: Count | null, before: Count | null): string | null {
  const [a, b] = [approximate(before), approximate(now)]
  if (a === null || b === null || now === null || before === null) return null
  if (BigInt(now) === BigInt(before)) return 'same'
  const sign = BigInt(now) > BigInt(before) ? '▲' : '▼'
  if (a === 0) return `${sign} from 0`
  const part = Math.abs(b / a - 1)
  return `${sign} ${part >= 10 ? `${Math.round(b / a)} ×` : percentText(Math.max(part, Number.MIN_VALUE))}`
}
