/** What the view of a run is put together from: which run it is and how it ended, then sections. */

import { formatTime } from '../../view/quantities.js'
import type { Paint } from './palette.js'
import { printable } from './printable.js'
import type { SectionLook } from './section-look.js'
import { wrap } from './wrap.js'

/** What a title names. */
export interface TitledRun {
  readonly runId: string
  readonly exportName: string
  /** Nanoseconds since 1970. */
  readonly startUnixNano: bigint | undefined
}

/** A status in words, and their paint. */
export interface StatusWords {
  readonly text: string
  readonly paint: Paint
}

/**
 * The lines that name a run.
 *
 * @example
 * runTitle(run, { text: 'success', paint: look.paints.good }, look)
 * // ['orders_1', 'success · export orders · started 2026-11-21 08:53:39Z']
 */
export function runTitle(
  { runId, exportName, startUnixNano }: TitledRun,
  status: StatusWords,
  { width, paints }: SectionLook,
): string[] {
  const words = [status.text, `export ${exportName}`]
  if (startUnixNano !== undefined) words.push(`started ${formatTime(startUnixNano)}`)
  const [first = '', ...others] = wrap(printable(words.join(' · ')), width)
  return [
    ...wrap(printable(runId), width).map(paints.heading),
    first.startsWith(status.text)
      ? status.paint(status.text) + first.slice(status.text.length)
      : first,
    ...others,
  ]
}

/**
 * A section: a blank line, its heading, its lines.
 *
 * @example
 * section('Planned', ['  strategy       full'], look)
 */
export function section(
  heading: string,
  lines: readonly string[],
  { paints }: SectionLook,
): string[] {
  return ['', paints.heading(heading), ...lines]
}

/**
 * Lines as text, each with its line break.
 *
 * @example
 * textOf(['a', 'b']) // 'a\nb\n'
 */
export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
