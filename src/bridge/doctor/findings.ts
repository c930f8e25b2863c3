/**
 * What an examination finds: one finding a check, and what follows from them together.
 */

/**
 * `ok`; `limited`: it does something to traces that runs are made for; `bad`: runs would be lost or
 * changed; `unknown`: it could not be found out.
 */
export type Mark = 'ok' | 'limited' | 'bad' | 'unknown'

/** What is checked, in the order in which it is told. */
export type Check =
  | 'sending'
  | 'reading'
  | 'program'
  | 'limits'
  | 'long text'
  | 'integers'
  | 'nanoseconds'
  | 'events'
  | 'page'
  | 'burst'
  | 'old run'
  | 'search'
  | 'waiting'
  | 'requests'
  | 'discarded'
  | 'run'

/** What came of one check. */
export interface Finding {
  readonly check: Check
  readonly mark: Mark
  /** What was measured or said, and what it means for runs; without secrets. */
  readonly sentence: string
  /** What mends it, one setting or habit each; empty where there is nothing to mend. */
  readonly fixes: readonly string[]
}

/**
 * What all of it comes to. `exact`: the synthetic run came back to the letter and nothing else loses
 * runs; `accepted`: it was taken, and nothing was read back; `refused`: the same, but for probes that
 * were not taken; `readable`: nothing was sent; `loses`: something loses runs; `unreachable`: a place
 * gives no usable answer, or gave none any more.
 */
export type Verdict = 'exact' | 'accepted' | 'refused' | 'readable' | 'loses' | 'unreachable'

/** An examination, done. */
export interface Diagnosis {
  /** Where probes went; absent where none was named. */
  readonly to?: string
  /** Where they were read back; absent where none was named. */
  readonly in?: string
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
  /** What it comes to in plain words, one sentence or two a line. */
  readonly conclusion: readonly string[]
}

/**
 * A finding.
 *
 * @example
 * finding('burst', 'ok', '500 of 500 traces came back.')
 */
export function finding(
  check: Check,
  mark: Mark,
  sentence: string,
  fixes: readonly string[] = [],
): Finding {
  return { check, mark, sentence, fixes }
}
