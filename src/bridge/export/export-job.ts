/** An export on its way: what all its parts share. */

import type { ExportOptions } from '../export-runs.js'
import type { Revisions } from './revisions.js'
import type { Tally } from './tally.js'

/** What was asked for, and what is known so far. */
export interface ExportJob {
  readonly options: ExportOptions
  readonly revisions: Revisions
  readonly tally: Tally
}

/** What is asked of an export of interrupted runs and loads beside the rest. */
export interface OtherTracesOptions extends ExportOptions {
  /** Whether one needs no looking at any more. */
  readonly isSettled?: (subject: 'interrupted' | 'load', name: string) => boolean
}
