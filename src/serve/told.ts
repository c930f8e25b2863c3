/**
 * What whoever listens was told: the runs that are listed, and the problems. It works out what is
 * different now. Who takes a list and then all that is told has what the next list says.
 */
import { keyOfRun } from '../bridge/run-name.js'
import type { RunSummary } from '../view/run-view.js'

/** What is told to those who listen. */
export type IndexNews =
  /** A run that is new, or changed. */
  | { readonly kind: 'run'; readonly run: RunSummary }
  /** A run that is listed no longer. */
  | { readonly kind: 'gone'; readonly run: Pick<RunSummary, 'run_id' | 'namespace'> }
  /** All that could not be read, one sentence each, whenever that is not what it was. */
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

/**
 * What was told.
 *
 * @example
 * const told = new Told()
 * told.now(runs, problems) // a `run` for each
 * told.now(runs, problems) // []
 */
export class Told {
  #runs = new Map<string, RunSummary>()
  #problems: readonly string[] = []

  /** What is different from what was told, which counts as told then. A run that is the same object has not changed. */
  now(runs: readonly RunSummary[], problems: readonly string[]): IndexNews[] {
    const news: IndexNews[] = []
    const listed = new Map(runs.map((run) => [keyOf(run), run]))
    for (const [key, { run_id, namespace }] of this.#runs)
      if (!listed.has(key)) news.push({ kind: 'gone', run: { run_id, namespace } })
    for (const [key, run] of listed)
      if (this.#runs.get(key) !== run) news.push({ kind: 'run', run })
    if (problems.join('\n') !== this.#problems.join('\n')) news.push({ kind: 'problems', problems })
    this.#runs = listed
    this.#problems = problems
    return news
  }
}

/**
 * What tells runs apart in the list.
 *
 * @example
 * keyOf(run) === keyOf(changed) // true, for the same run at another time
 */
export function keyOf({
  run_id: runId,
  namespace,
}: Pick<RunSummary, 'run_id' | 'namespace'>): string {
  return keyOfRun({ runId, namespace: namespace ?? '' })
}
