/** What a server tells after it was asked, taken into what it answered. Pure. */
import type { RunSummary } from '../../view/run-view.js'
import { runKey } from './listed-runs.js'

/** An event of a server, by its name. */
export type TellingOf<Name extends string, Data> = { readonly event: Name; readonly data: Data }

/** What a server tells. */
export type Telling =
  /** A run that is new, or changed. */
  | TellingOf<'run', RunSummary>
  /** A run that is listed no longer. */
  | TellingOf<'gone', Pick<RunSummary, 'run_id' | 'namespace'>>
  /** All that it cannot read. */
  | TellingOf<'problems', { readonly problems: readonly string[] }>

/** The names of the events. */
export const TELLINGS: readonly Telling['event'][] = ['run', 'gone', 'problems']

/** What is told of. */
export interface ToldRuns {
  /** The newest last. */
  readonly runs: readonly RunSummary[]
  /** One sentence each. */
  readonly problems: readonly string[]
}

/**
 * What is there after all that was told. A run that changed keeps its place, a new one comes last.
 *
 * @example
 * afterTold(answer, [{ event: 'gone', data: { run_id: 'orders_1', namespace: null } }])
 */
export function afterTold({ runs, problems }: ToldRuns, told: readonly Telling[]): ToldRuns {
  const byKey = new Map(runs.map((run) => [runKey(run), run]))
  let last = problems
  for (const { event, data } of told) {
    if (event === 'run') byKey.set(runKey(data), data)
    else if (event === 'gone') byKey.delete(runKey(data))
    else last = data.problems
  }
  return { runs: [...byKey.values()], problems: last }
}
