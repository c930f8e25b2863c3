/** What of the texts of two runs is not the same: the plan, the SQL, the schema, what stands beside the journals. */
import { UNKNOWN } from '../../view/quantities.js'
import type { Difference, RunDiff, Subject } from '../../view/run-diff.js'
import { aside, INDENT, labelled } from './labelled.js'
import { lineDiff } from './line-diff.js'
import type { SectionLook } from './section-look.js'

/**
 * The lines of one subject: what differs, from the one to the other; or that nothing does, or why
 * nobody knows. Where something differs and more might, both are said.
 *
 * @example
 * differingTexts('schema', diff, look) // ['  added region (Utf8)']
 */
export function differingTexts(of: Subject, diff: RunDiff, look: SectionLook): string[] {
  const { width, paints } = look
  const found = diff.differences.filter(({ subject }) => subject === of)
  const isFound = (name: string) => found.some(({ label }) => label === name)
  // That one of them does not say a field is seen where the field is shown.
  const unknown = diff.not_compared.filter(
    ({ subject, label }) => subject === of && (label === of || !isFound(label)),
  )
  const lines = [
    ...found.flatMap((one) =>
      one.lines === undefined ? textLines(one, look) : queryLines(one, look),
    ),
    ...unknown.flatMap(({ label, why }) => {
      const what = isFound(label) ? 'not all is known' : 'not compared'
      return aside(`${label === of ? '' : `${label} `}${what}: ${why}`, {
        width,
        paint: paints.warning,
      })
    }),
  ]
  return lines.length > 0 ? lines : aside('the same', { width, paint: paints.quiet })
}

/**
 * The lines of one difference of texts that are short.
 *
 * @example
 * textLines(difference, look) // ['  compression    zstd → none']
 */
export function textLines(
  { subject, label, a, b }: Difference,
  { width, paints }: SectionLook,
): string[] {
  if (subject === 'schema') return aside(b === '' ? `not yet: ${a}` : (b ?? ''), { width })
  const text = `${a ?? UNKNOWN} → ${b ?? UNKNOWN}`
  return labelled(label, text, { width, paintLabel: paints.quiet })
}

function queryLines({ label, lines = [] }: Difference, look: SectionLook): string[] {
  const { paints } = look
  return [' '.repeat(INDENT) + paints.quiet(label), ...lineDiff(lines, look)]
}
