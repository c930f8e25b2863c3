/** The colours of the views, by what they mean. */
import picocolors from 'picocolors'

/** Puts a colour around a text, or nothing where there are no colours. */
export type Paint = (text: string) => string

/** The paints by what they mean; none of them says anything that the words do not. */
export interface Palette {
  readonly heading: Paint
  readonly good: Paint
  readonly warning: Paint
  readonly bad: Paint
  readonly quiet: Paint
}

/**
 * The paints, with colours or without.
 *
 * @example
 * palette(false).bad('failed') // 'failed'
 */
export function palette(color: boolean): Palette {
  const { bold, green, yellow, red, dim } = picocolors.createColors(color)
  return { heading: bold, good: green, warning: yellow, bad: red, quiet: dim }
}
