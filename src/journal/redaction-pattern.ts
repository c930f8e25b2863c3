/**
 * Regular expressions that say what is taken out of the texts of a journal.
 *
 * JavaScript's engine backtracks, so a pattern can take for ever. What limits that is not here: pure
 * code has no clock. `bridge/outgoing-run.ts` limits the time that a journal may take.
 */
import { RivetOtelError, reasonOf } from '../problem.js'

/** The most characters of a pattern; longer ones are lists, which belong on lines of their own. */
const LONGEST_PATTERN = 1000
const LEADING_FLAGS = /^\(\?([ims]{1,3})\)/
/** What stands in the place of what was taken out: alone, or with a keyed hash of it. */
const PLACEHOLDER = /\[redacted(?::[0-9a-f]{32})?\]/g
/** A pattern that finds more in what it left itself each time takes the whole text in the end. */
const MOST_ROUNDS = 50

/**
 * Reads a pattern: a regular expression of ECMAScript by code points, or one that begins with `(?i)`,
 * `(?m)` or `(?s)`, as Rust and RE2 write their flags.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it is none; the message does not repeat it.
 * @example
 * redactionPattern('(?i)acme-[0-9]+').test('ACME-7') // true
 */
export function redactionPattern(text: string): RegExp {
  if (text === '') throw invalid('the pattern is empty')
  if (text.length > LONGEST_PATTERN) {
    throw invalid(`the pattern has ${text.length} characters; at most ${LONGEST_PATTERN} are read`)
  }
  const flags = LEADING_FLAGS.exec(text)
  try {
    return new RegExp(text.slice(flags?.[0].length ?? 0), `gu${[...new Set(flags?.[1])].join('')}`)
  } catch (error) {
    // The engine's words repeat the pattern, and say what is wrong at their end.
    throw invalid(`no regular expression: ${reasonOf(error).replace(/^.*: /s, '')}`)
  }
}

/**
 * Whether a text is a placeholder and nothing else.
 *
 * @example
 * isPlaceholder('[redacted]') // true
 */
export function isPlaceholder(text: string): boolean {
  const [range] = placeholdersIn(text)
  return range !== undefined && range.start === 0 && range.end === text.length
}

/**
 * A text with every match of every pattern replaced, until there is none; placeholders that are
 * there already are not touched, and a match of nothing is none.
 *
 * @example
 * replaceMatches('ana@example.com wrote', [/\S+@\S+/], () => '[redacted]') // '[redacted] wrote'
 */
export function replaceMatches(
  text: string,
  patterns: readonly RegExp[],
  placeholderOf: (match: string) => string,
): string {
  let shown = text
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const ranges = matchesIn(shown, patterns)
    if (ranges.length === 0) return shown
    shown = replaced(shown, ranges, placeholderOf)
  }
  return placeholderOf(text)
}

interface Range {
  readonly start: number
  readonly end: number
}

/** Where something is to be taken out: in order, without overlaps, none inside of a placeholder. */
function matchesIn(text: string, patterns: readonly RegExp[]): Range[] {
  const found: Range[] = []
  for (const pattern of patterns) {
    const flags = pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`
    for (const { 0: match, index } of text.matchAll(new RegExp(pattern.source, flags))) {
      if (match !== '') found.push(wholeCharacters(text, index, index + match.length))
    }
  }
  if (found.length === 0) return found
  return without(joined(found), placeholdersIn(text))
}

/** A pattern that does not go by code points may cut a pair of surrogates. */
function wholeCharacters(text: string, from: number, to: number): Range {
  const isSecondHalf = (index: number) => /^[\uDC00-\uDFFF]$/.test(text[index] ?? '')
  return { start: isSecondHalf(from) ? from - 1 : from, end: isSecondHalf(to) ? to + 1 : to }
}

function joined(ranges: readonly Range[]): Range[] {
  const sorted = ranges.toSorted((a, b) => a.start - b.start || b.end - a.end)
  const result: Range[] = []
  for (const range of sorted) {
    const last = result.at(-1)
    if (last === undefined || range.start >= last.end) result.push(range)
    else if (range.end > last.end) result[result.length - 1] = { ...last, end: range.end }
  }
  return result
}

/** What is left of ranges outside of others; both are in order and without overlaps. */
function without(ranges: readonly Range[], kept: readonly Range[]): Range[] {
  const rest: Range[] = []
  let next = 0
  for (const { start: from, end } of ranges) {
    let start = from
    for (; start < end; next++) {
      const keep = kept[next]
      if (keep === undefined || keep.start >= end) break
      if (keep.end <= start) continue
      if (keep.start > start) rest.push({ start, end: keep.start })
      start = keep.end
      // It may reach into the range after this one.
      if (keep.end > end) break
    }
    if (start < end) rest.push({ start, end })
  }
  return rest
}

function placeholdersIn(text: string): Range[] {
  if (!text.includes('[redacted')) return []
  return [...text.matchAll(PLACEHOLDER)].map(({ 0: match, index }) => ({
    start: index,
    end: index + match.length,
  }))
}

function replaced(
  text: string,
  ranges: readonly Range[],
  placeholderOf: (match: string) => string,
): string {
  let shown = ''
  let at = 0
  for (const { start, end } of ranges) {
    shown += text.slice(at, start) + placeholderOf(text.slice(start, end))
    at = end
  }
  return shown + text.slice(at)
}

function invalid(problem: string): RivetOtelError {
  return new RivetOtelError('INVALID_CONFIGURATION', problem)
}
