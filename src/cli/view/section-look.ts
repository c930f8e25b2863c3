/** What every section of a run needs to know about how it may look. */
import type { Palette } from './palette.js'

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
