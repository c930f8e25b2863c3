/** What a line of the waterfall says in words, beside its bar. */
import { ascending } from '../../sources/selection.js'
import type { Attempt } from '../../view/attempts.js'
import { counted, formatCount, formatDuration } from '../../view/quantities.js'
import type { AttemptLine } from './attempt-lines.js'
import type { Paint, Palette } from './palette.js'
import { printable } from './printable.js'
import { shortenMiddle } from './terminal-text.js'

/** The words of one line, printable; what is not known is `''`. */
export interface AttemptWords {
  readonly chunk: string
  readonly keys: string
  /** Of several attempts, of the quickest and of the slowest. */
  readonly duration: string
  /** Of several attempts that are spread. */
  readonly median: string
  readonly rows: string
  readonly state: string
  /** The paint of the whole line, where it is out of the ordinary. */
  readonly paint: Paint | undefined
}

/** What the words may be made of. */
export interface WordsLook {
  readonly unicode: boolean
  readonly paints: Palette
  /** How wide a key may be. */
  readonly keyColumns: number
  /** Whether there is hardly room for words. */
  readonly isTerse: boolean
}

/**
 * The words of a line; `longest` is the attempt that is said to be the longest of the run.
 *
 * @example
 * wordsOf([attempt], undefined, { unicode: true, paints, keyColumns: 12, isTerse: false }).duration // '193 ms'
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

function wordsOfOne(attempt: Attempt, isLongest: boolean, look: WordsLook): AttemptWords {
  const { chunkIndex, keys, durationMs, rows, timing, failed, failedAttempt } = attempt
  const { unicode, paints } = look
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
    keys:
      keys === undefined
        ? ''
        : rangeOf(keyText(keys.start, look), keyText(keys.end, look), unicode),
    duration: durationMs === undefined ? '' : formatDuration(durationMs),
    median: '',
    rows: rows === undefined ? '' : formatCount(rows),
    state: state.join(', '),
    paint: failed ? paints.bad : isPlain(attempt) ? undefined : paints.warning,
  }
}

function wordsOfSeveral(line: AttemptLine, look: WordsLook): AttemptWords {
  const { unicode, paints } = look
  const sorted = [...line].sort((a, b) => ascending(BigInt(a.chunkIndex), BigInt(b.chunkIndex)))
  const first = sorted[0] ?? line[0]
  const last = sorted.at(-1) ?? line[0]
  const distinct = new Set(line.map(({ chunkIndex }) => String(chunkIndex))).size
  const isUnbroken = BigInt(last.chunkIndex) - BigInt(first.chunkIndex) + 1n === BigInt(distinct)
  const failures = line.filter(({ failed }) => failed).length
  const rows = line.reduce<bigint | undefined>(
    (sum, attempt) => (attempt.rows === undefined ? sum : (sum ?? 0n) + attempt.rows),
    undefined,
  )
  return {
    chunk: look.isTerse
      ? `${first.chunkIndex}+`
      : rangeOf(String(first.chunkIndex), String(last.chunkIndex), unicode, ''),
    keys:
      isUnbroken && first.keys !== undefined && last.keys !== undefined
        ? rangeOf(keyText(first.keys.start, look), keyText(last.keys.end, look), unicode)
        : '',
    ...timesOf(line, look),
    rows: rows === undefined ? '' : formatCount(rows),
    state: countsOf(line.length, distinct, failures, look),
    paint: failures > 0 ? paints.bad : line.every(isPlain) ? undefined : paints.warning,
  }
}

function countsOf(attempts: number, distinct: number, failures: number, look: WordsLook): string {
  if (look.isTerse) {
    const count = `${attempts}${look.unicode ? '×' : 'x'}`
    if (failures === 0) return count
    return `${count} ${failures === attempts ? 'all ' : failures}${look.unicode ? '✗' : 'failed'}`
  }
  const count = counted(attempts, distinct === attempts ? 'chunk' : 'attempt')
  if (failures === 0) return count
  return `${count}, ${failures === attempts ? 'all' : formatCount(failures)} failed`
}

/** How the times of several attempts are spread: one long one beside many short ones is seen. */
function timesOf(
  line: AttemptLine,
  { unicode }: WordsLook,
): Pick<AttemptWords, 'duration' | 'median'> {
  const times = line
    .flatMap(({ durationMs }) => (durationMs === undefined ? [] : [durationMs]))
    .sort(ascending)
  const shortest = times[0]
  const longest = times.at(-1)
  const median = times[Math.floor(times.length / 2)]
  if (shortest === undefined || longest === undefined || median === undefined)
    return { duration: '', median: '' }
  const duration = spreadOf(shortest, longest, unicode)
  const middle = formatDuration(median)
  return { duration, median: middle === duration ? '' : middle }
}

/** The unit once, where both have the same: `8–17 ms`. */
function spreadOf(shortest: bigint, longest: bigint, unicode: boolean): string {
  const [from, to] = [formatDuration(shortest), formatDuration(longest)]
  if (from === to) return to
  const [number, unit] = from.split(' ')
  const hasOneUnit = from.split(' ').length === 2 && to.split(' ').length === 2
  return hasOneUnit && to.endsWith(` ${unit}`)
    ? rangeOf(number ?? '', to, unicode, '')
    : rangeOf(from, to, unicode)
}

function isPlain({ failed, recovered, timing }: Attempt): boolean {
  return !failed && !recovered && (timing === 'measured' || timing === 'end_only')
}

const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u
const LEFT_TO_RIGHT_MARK = '\u200e'

function keyText(key: string, { keyColumns }: WordsLook): string {
  const text = shortenMiddle(printable(key), keyColumns)
  // Else a terminal that reorders writing from right to left takes what stands beside it along.
  return RIGHT_TO_LEFT.test(text) ? `${LEFT_TO_RIGHT_MARK}${text}${LEFT_TO_RIGHT_MARK}` : text
}

function rangeOf(start: string, end: string, unicode: boolean, space = ' '): string {
  return `${start}${space}${unicode ? '–' : '-'}${space}${end}`
}
