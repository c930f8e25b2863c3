/** Which lines of two texts are worth showing. */
import type { DiffLine } from '../view/run-diff.js'

/** Lines of both that stand before and after what differs. */
const AROUND = 2

/**
 * The lines that differ and those around them; in place of the others, how many they are.
 *
 * @example
 * nearDifferences(lines) // [12, { in: 'both', … }, { in: 'b', … }]
 */
export function nearDifferences(lines: readonly DiffLine[]): (DiffLine | number)[] {
  const parts: (DiffLine | number)[] = []
  lines.forEach((line, i) => {
    const around = lines.slice(Math.max(0, i - AROUND), i + AROUND + 1)
    const last = parts.at(-1)
    if (around.some((one) => one.in !== 'both')) parts.push(line)
    else if (typeof last === 'number') parts[parts.length - 1] = last + 1
    else parts.push(1)
  })
  return parts
}
