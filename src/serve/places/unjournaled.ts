/** When a state database is looked at for runs without a journal, and which of them are read. It reads nothing. */
import type { UnjournaledListing } from '../../state/unjournaled-run.js'

/** Between two looks for runs without a journal, in ms. */
const UNJOURNALED_EVERY_MS = 10_000

/**
 * What was seen of the runs without a journal.
 *
 * @example
 * const seen = new Unjournaled()
 * if (seen.isDue(database.mark?.(), performance.now())) …
 */
export class Unjournaled {
  #lookedAt = Number.NEGATIVE_INFINITY
  #mark: string | undefined
  #isQuiet = false
  #seen = new Map<string, string>()

  /** Whether to look: some time after the last look, and unless the database is as it was then. */
  isDue(mark: string | undefined, now: number): boolean {
    if (now - this.#lookedAt < UNJOURNALED_EVERY_MS) return false
    this.#lookedAt = now
    // Two looks that are the same are needed: a clock may not have ticked between two changes.
    const isSame = mark !== undefined && mark === this.#mark
    const isDue = !(isSame && this.#isQuiet)
    this.#isQuiet = isSame
    this.#mark = mark
    return isDue
  }

  /** Those that are to be read: what runs, and what is not as it was. */
  changed(runs: readonly UnjournaledListing[]): string[] {
    const seen = new Map(runs.map((run) => [run.runId, stampOf(run)]))
    const changed = runs.filter(
      ({ runId, state }) => state === 'running' || this.#seen.get(runId) !== seen.get(runId),
    )
    this.#seen = seen
    return changed.map(({ runId }) => runId)
  }
}

function stampOf({ state, status, endedUnixNano, resumedBy }: UnjournaledListing): string {
  return [state, status, endedUnixNano, resumedBy].join(' ')
}
