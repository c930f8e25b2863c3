/** The run that came after one that was interrupted, as far as it matters to that one. */

/** A run that came after another one. */
export interface NextRun {
  readonly runId: string
  /** Whether it went on with what the other one had left; else it began anew. */
  readonly wentOn: boolean
  /** How it ended, or `running`; `undefined` where nothing here says it. */
  readonly status: string | undefined
}
