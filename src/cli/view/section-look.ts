/** What every section of a run needs to know about how it may look. */
import { type Palette, palette } from './palette.js'

/** How a run may be shown. */
export interface ShowOptions {
  /** Columns of the terminal, 40 or more; Infinity breaks no line. */
  readonly width: number
  readonly color: boolean
  /** Whether the terminal shows more than ASCII; default true. */
  readonly unicode?: boolean
  /** Whether every file is listed rather than the first few; default false. */
  readonly allFiles?: boolean
}

/** How a section may look. */
export interface SectionLook {
  /** Columns of the terminal. */
  readonly width: number
  readonly color: boolean
  readonly paints: Palette
  /** Whether the terminal shows more than ASCII. */
  readonly unicode: boolean
  /** Whether every file is listed. */
  readonly allFiles: boolean
  /** Whether what is shown is not the whole journal, so that nothing follows from what is missing. */
  readonly isFragment: boolean
}

/**
 * How the sections of a run may look.
 *
 * @example
 * lookOf({ width: 80, color: false }, false).unicode // true
 */
export function lookOf(options: ShowOptions, isFragment: boolean): SectionLook {
  const { width, color, unicode = true, allFiles = false } = options
  return { width, color, paints: palette(color), unicode, allFiles, isFragment }
}
