/**
 * What is known beside the journals that are being read, asked for ahead, for very many runs at once:
 * a look goes through whole tables, because they have no index over what is asked.
 *
 * What ended only just now may get another row, and is not taken for known ahead before its last one
 * is there.
 */
import type { RunRecord } from '../state/run-record.js'
import type { RunRecords } from './run-records.js'
import type { RunListing } from './source.js'

/** How many runs are asked for in one look. */
const MOST_RUNS = 2_000
/** How long after its end a run may still get a row, in ns: several times what an export waits for it. */
const JUST_NOW_NANOS = 10_000_000_000n

/** A run that is to be read. */
interface ComingRun extends RunListing {
  /** Nanoseconds since 1970; `undefined` where it is not known. */
  readonly endedUnixNano?: bigint | undefined
}

/**
 * Asks ahead.
 *
 * @example
 * const ahead = new RecordsAhead((runs) => recordsOf(ask, runs))
 * for (const run of ahead.through(runs)) console.log(await ahead.of([run]))
 */
export class RecordsAhead {
  readonly #ask: RunRecords['of']
  #coming: readonly (ComingRun | { readonly kind: unknown })[] = []
  #at = 0
  readonly #known = new Map<string, RunRecord | undefined>()

  constructor(ask: RunRecords['of']) {
    this.#ask = ask
  }

  /** Goes through runs that are read now, in their order; what is no run has a `kind`. */
  *through<T extends ComingRun | { readonly kind: unknown }>(runs: readonly T[]): Generator<T> {
    this.#known.clear()
    this.#coming = runs
    let isLeft = true
    try {
      for (let i = 0; i < runs.length; i++) {
        if (this.#coming === runs) this.#at = i + 1
        yield runs[i] as T
      }
      isLeft = false
    } finally {
      if (this.#coming === runs) {
        this.#coming = []
        // Who reads to the end still asks for the last ones.
        if (isLeft) this.#known.clear()
      }
    }
  }

  /** What is known of these runs, as `RunRecords.of`; what was known ahead is let go of. */
  async of(runs: readonly RunListing[]): Promise<Map<string, RunRecord>> {
    const missing = runs.filter(({ runId }) => !this.#known.has(runId))
    const fresh = missing.length === 0 ? undefined : await this.#askAhead(missing)
    const records = new Map<string, RunRecord>()
    for (const { runId } of runs) {
      const record = fresh?.get(runId) ?? this.#known.get(runId)
      this.#known.delete(runId)
      if (record !== undefined) records.set(runId, record)
    }
    return records
  }

  async #askAhead(missing: readonly RunListing[]): Promise<ReadonlyMap<string, RunRecord>> {
    const nowUnixNano = BigInt(Date.now()) * 1_000_000n
    const coming = this.#next(MOST_RUNS - missing.length)
    const found = await this.#ask([...missing, ...coming])
    for (const { runId, endedUnixNano } of coming) {
      const record = found.get(runId)
      const isPast = endedUnixNano !== undefined && nowUnixNano - endedUnixNano > JUST_NOW_NANOS
      if (isPast || isWhole(record)) this.#known.set(runId, record)
    }
    return found
  }

  /** The next runs that are not known yet. */
  #next(most: number): ComingRun[] {
    const next: ComingRun[] = []
    for (let i = this.#at; i < this.#coming.length && next.length < most; i++) {
      const run = this.#coming[i]
      if (run !== undefined && isRun(run) && !this.#known.has(run.runId)) next.push(run)
    }
    return next
  }
}

function isRun(run: ComingRun | { readonly kind: unknown }): run is ComingRun {
  return !('kind' in run)
}

/** Whether the last row about a run is there. */
function isWhole(record: RunRecord | undefined): boolean {
  return record?.metrics !== undefined && record.metrics.status !== 'running'
}
