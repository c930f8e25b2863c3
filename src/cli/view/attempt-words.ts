/** What a line of the waterfall says in words, beside its bar. */
import type { Attempt } from '../../view/attempts.js'
import { counted, formatCount, formatDuration } from '../../view/quantities.js'
import type { AttemptLine } from './attempt-lines.js'
import type { Paint, Palette } from './palette.js'
import { printable, shortenMiddle } from './terminal-text.js'

/** The words of one line, printable; what is not known is `''`. */
export interface AttemptWords {
  readonly chunk: string
  readonly keys: string
  readonly duration: string
  readonly rows: string
  readonly state: string
  /** The paint of the whole line, where it is out of the ordinary. */
  readonly paint: Paint | undefined
}

/** What the words may be made of. */
export interface WordsLook {
  readonly unicode: boolean
  readonly paints: Palette
}

const KEY_COLUMNS = 12

/**
 * The words of a line; `longest` is the attempt that is said to be the longest of the run.
 *
 * @example
 * wordsOf([attempt], undefined, { unicode: true, paints }).duration // '193 ms'
 */
export function wordsOf(
  line: AttemptLine,
  longest: Attempt | undefined,
  look: WordsLook,
): AttemptWords {
  const [first, ...others] = line
  return others.length === 0
    ? wordsOfOne(first, first === longest, look)
    : wordsOfSeveral(line, look)
}

function wordsOfOne(
  attempt: Attempt,
  isLongest: boolean,
  { unicode, paints }: WordsLook,
): AttemptWords {
  const { chunkIndex, keys, durationMs, rows, timing, failed, failedAttempt } = attempt
  const state: string[] = []
  if (failed) state.push(unicode ? '✗ failed' : 'x failed')
  if (failedAttempt !== undefined && failedAttempt > 1)
    state.push(`attempt ${formatCount(failedAttempt)}`)
  if (attempt.recovered) state.push('recovered')
  if (timing === 'start_only') state.push('no end recorded')
  if (timing === 'clamped') state.push('times unusable')
  if (isLongest) state.push('longest')
  if (attempt.again) state.push('again')
  return {
    chunk: String(chunkIndex),
    keys: keys === undefined ? '' : rangeOf(keyText(keys.start), keyText(keys.end), unicode),
    duration: durationMs === undefined ? '' : formatDuration(durationMs),
    rows: rows === undefined ? '' : formatCount(rows),
    state: state.join(', '),
    paint: failed ? paints.bad : isPlain(attempt) ? undefined : paints.warning,
  }
}

function wordsOfSeveral(line: AttemptLine, { unicode, paints }: WordsLook): AttemptWords {
  const sorted = [...line].sort((a, b) => Number(BigInt(a.chunkIndex) - BigInt(b.chunkIndex)))
  const first = sorted[0] ?? line[0]
  const last = sorted.at(-1) ?? line[0]
  const distinct = new Set(line.map(({ chunkIndex }) => String(chunkIndex))).size
  const isUnbroken = BigInt(last.chunkIndex) - BigInt(first.chunkIndex) + 1n === BigInt(distinct)
  const failures = line.filter(({ failed }) => failed).length
  const slowest = line.reduce<bigint | undefined>(
    (most, { durationMs }) =>
      durationMs !== undefined && (most === undefined || durationMs > most) ? durationMs : most,
    undefined,
  )
  const rows = line.reduce<bigint | undefined>(
    (sum, attempt) => (attempt.rows === undefined ? sum : (sum ?? 0n) + attempt.rows),
    undefined,
  )
  const count = counted(line.length, distinct === line.length ? 'chunk' : 'attempt')
  return {
    chunk: rangeOf(String(first.chunkIndex), String(last.chunkIndex), unicode, ''),
    keys:
      isUnbroken && first.keys !== undefined && last.keys !== undefined
        ? rangeOf(keyText(first.keys.start), keyText(last.keys.end), unicode)
        : '',
    duration: slowest === undefined ? '' : `${unicode ? '≤' : '<='} ${formatDuration(slowest)}`,
    rows: rows === undefined ? '' : formatCount(rows),
    state: failures > 0 ? `${count}, ${formatCount(failures)} failed` : count,
    paint: failures > 0 ? paints.bad : line.every(isPlain) ? undefined : paints.warning,
  }
}

function isPlain({ failed, recovered, timing }: Attempt): boolean {
  return !failed && !recovered && (timing === 'measured' || timing === 'end_only')
}

function keyText(key: string): string {
  return shortenMiddle(printable(key), KEY_COLUMNS)
}

function rangeOf(start: string, end: string, unicode: boolean, space = ' '): string {
  return `${start}${space}${unicode ? '–' : '-'}${space}${end}`
}
