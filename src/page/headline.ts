/** What a run comes to, in sentences that are read first: what failed and why, and what took longest. */

import { counted } from '../view/quantities.js'
import type { AttemptView, RunView } from '../view/run-view.js'
import { durationText, percentText } from './parts/counts.js'
import { chunkName } from './waterfall/attempt-words.js'

/** One sentence; `bad` where it tells of a failure. */
export interface Sentence {
  readonly level: 'bad' | 'info'
  readonly text: string
}

const MOST_FAILURES = 3
const MOST_FINDINGS = 3

/**
 * The sentences of a run, failures first.
 *
 * @example
 * headline(view)[0]?.text // 'Chunk 5 (keys 1251 – 1500) failed: db error: ERROR: division by zero'
 */
export function headline(view: RunView): Sentence[] {
  return [...failures(view.attempts), ...findings(view), ...slowest(view)]
}

/**
 * The first line of a text that says anything.
 *
 * @example
 * firstLine('division by zero\nCONTEXT: …') // 'division by zero'
 */
export function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  )
}

function failures(attempts: readonly AttemptView[]): Sentence[] {
  const last = new Map(attempts.map((one) => [String(one.chunk), one]))
  const failed = [...last.values()].filter((one) => one.failed)
  const shown = failed
    .slice(0, MOST_FAILURES)
    .map((one) => bad(`${named(one)} failed${reason(one)}`))
  const others = failed.length - shown.length
  if (others > 0) shown.push(bad(`${counted(others, 'more chunk')} failed`))
  const again = new Set(
    attempts
      .filter(
        (one) => (one.failed || one.recovered) && last.get(String(one.chunk))?.failed === false,
      )
      .map((one) => String(one.chunk)),
  ).size
  if (again > 0) shown.push(info(`${counted(again, 'chunk')} failed at first and completed later`))
  return shown
}

/** What else was not well; of the chunks it was said already. */
function findings({ degraded }: RunView): Sentence[] {
  const others = degraded.filter(({ label }) => !label.startsWith('chunk'))
  const shown = others
    .slice(0, MOST_FINDINGS)
    .map(({ label, text, level }) => (level === 'bad' ? bad : info)(`${label}: ${firstLine(text)}`))
  const left = others.length - shown.length
  return left > 0 ? [...shown, info(`${counted(left, 'more finding')}, see Degraded`)] : shown
}

function slowest({ attempts, axis, incomplete }: RunView): Sentence[] {
  const timed = attempts.filter((one) => !one.failed && one.duration_ms !== null)
  const longest = timed.find((one) => one.longest)
  if (longest === undefined || longest.duration_ms === null) return untimed(attempts)
  const whole = axis === null ? 0 : axis.duration_ms
  const share = whole > 0 ? `, ${percentText(longest.duration_ms / whole)} of the run` : ''
  return [
    info(
      `Slowest${incomplete === null ? '' : ' of those here'}: ${chunkName(longest)}, ${durationText(longest.duration_ms)}${share}${times(longest, timed)}`,
    ),
  ]
}

function times(longest: AttemptView, timed: readonly AttemptView[]): string {
  if (timed.length < 3) return ''
  const sorted = timed.map((one) => one.duration_ms ?? 0).sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  const factor = (longest.duration_ms ?? 0) / median
  if (!Number.isFinite(factor) || factor < 1.5) return ''
  return `, ${factor < 10 ? factor.toFixed(1) : Math.round(factor)} times the median`
}

function untimed(attempts: readonly AttemptView[]): Sentence[] {
  const ends = attempts.filter((one) => one.timing === 'end_only' && !one.failed)
  if (ends.length === 0) return []
  return [info('How long a chunk took is not known: this run recorded only when each one ended')]
}

function named(attempt: AttemptView): string {
  const name = chunkName(attempt)
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function reason({ error }: AttemptView): string {
  const line = firstLine(error ?? '')
  return line === '' ? '' : `: ${line}`
}

function bad(text: string): Sentence {
  return { level: 'bad', text }
}

function info(text: string): Sentence {
  return { level: 'info', text }
}
