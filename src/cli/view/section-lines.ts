/** The words of a section as lines. */
import type { FindingGroup } from '../../view/degraded.js'
import type { Finding, Labelled } from '../../view/run-view.js'
import { aside, firstOf, type LabelledOptions, labelled } from './labelled.js'
import type { Paint, Palette } from './palette.js'
import type { SectionLook } from './section-look.js'

/** What may differ from the usual: quiet labels, texts of any length. */
type Differently = Omit<LabelledOptions, 'width'>

/**
 * The lines of labelled texts with quiet labels; a remark is quiet as a whole.
 *
 * @example
 * linesOf([{ label: 'format', text: 'parquet' }], look) // ['  format         parquet']
 */
export function linesOf(
  words: readonly Labelled[],
  { width, paints }: SectionLook,
  differently: Differently = {},
): string[] {
  return words.flatMap(({ label, text }) =>
    label === ''
      ? aside(text, { width, paint: paints.quiet })
      : labelled(label, text, { width, paintLabel: paints.quiet, ...differently }),
  )
}

/**
 * The lines of the first of some findings, with labels in the paint of their level.
 *
 * @param thing what one of them is called
 * @param maxLines of each; beyond so many are counted instead
 * @example
 * findingLines(group, 20, look)
 */
export function findingLines(
  { thing, findings }: FindingGroup,
  most: number,
  { width, paints }: SectionLook,
  maxLines?: number,
): string[] {
  return firstOf(findings, most, thing, ({ label, text, level }) =>
    labelled(label, text, {
      width,
      paintLabel: levelPaint(level, paints),
      ...(maxLines === undefined ? {} : { maxLines }),
    }),
  )
}

function levelPaint(level: Finding['level'], paints: Palette): Paint {
  return level === 'bad' ? paints.bad : paints.warning
}
