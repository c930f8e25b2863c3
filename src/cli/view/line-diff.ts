/** Two texts line by line: what only one has, with a few lines around it that both have. */
import { counted } from '../../view/quantities.js'
import type { DiffLine } from '../../view/run-diff.js'
import { INDENT } from './labelled.js'
import type { SectionLook } from './section-look.js'
import { wrap } from './wrap.js'

/** Lines of both that stand before and after what differs. */
const AROUND = 2
const MOST_LINES = 60
const SIGNS = { both: ' ', a: '-', b: '+' } as const
const NARROWEST_TEXT = 16

/**
 * The lines of a difference: `-` stands before what only A has, `+` before what only B has.
 *
 * @example
 * lineDiff([{ in: 'a', text: 'SELECT 1' }, { in: 'b', text: 'SELECT 2' }], look)
 * // ['    - SELECT 1', '    + SELECT 2']
 */
export function lineDiff(lines: readonly DiffLine[], look: SectionLook): string[] {
  const isNear = nearDifferences(lines)
  const shown: string[] = []
  let skipped = 0
  const say = () => {
    if (skipped > 0)
      shown.push(
        look.paints.quiet(`${' '.repeat(2 * INDENT)}… ${counted(skipped, 'line')} the same`),
      )
    skipped = 0
  }
  lines.forEach((line, i) => {
    if (!isNear[i]) {
      skipped++
      return
    }
    say()
    shown.push(...lineOf(line, look))
  })
  say()
  if (shown.length <= MOST_LINES) return shown
  const more = `… ${counted(shown.length - MOST_LINES, 'more line')}, see --json`
  return [...shown.slice(0, MOST_LINES), ' '.repeat(2 * INDENT) + look.paints.quiet(more)]
}

function nearDifferences(lines: readonly DiffLine[]): boolean[] {
  const isNear = lines.map(() => false)
  lines.forEach((line, i) => {
    if (line.in !== 'both')
      isNear.fill(true, Math.max(0, i - AROUND), Math.min(lines.length, i + AROUND + 1))
  })
  return isNear
}

/** Not red and green: neither of them is the wrong one. */
function lineOf({ in: where, text }: DiffLine, { width, paints }: SectionLook): string[] {
  const paint = where === 'both' ? paints.quiet : where === 'a' ? paints.warning : paints.good
  const room = Math.max(width - 2 * INDENT - 2, NARROWEST_TEXT)
  return wrap(text === '' ? ' ' : text, room).map((line) =>
    `${' '.repeat(2 * INDENT)}${paint(`${SIGNS[where]} ${line}`.trimEnd())}`.trimEnd(),
  )
}
