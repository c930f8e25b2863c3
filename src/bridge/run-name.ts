/** What tells one run from another, wherever it is read. */

/** The name of a run. */
export interface RunName {
  /** The namespace that it was sent with; `''` where it was sent without. */
  readonly namespace: string
  readonly runId: string
}

/**
 * The name as the key of a map or a set.
 *
 * @example
 * runs.map(keyOfRun)
 */
export function keyOfRun({ namespace, runId }: RunName): string {
  return JSON.stringify([namespace, runId])
}
