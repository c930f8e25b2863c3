/**
 * What a database knows beside some journals: asked for together, and once more for runs that ended
 * only just now.
 *
 * rivet writes the last row of `export_metrics` some milliseconds after the journal.
 */
import { setTimeout as realSleep } from 'node:timers/promises'
import type { RunRecords } from '../../sources/run-records.js'
import type { RunListing } from '../../sources/source.js'
import type { RunRecord } from '../../state/run-record.js'

/** How long after its end a run's last row is waited for, in ms. */
const WAITED_FOR_MS = 3_000
/** How often it is looked for, in ms. */
const LOOK_EVERY_MS = 100

/** A run that has ended. */
export interface EndedRun extends RunListing {
  /** Nanoseconds since 1970. */
  readonly endUnixNano: bigint
}

/**
 * Whether what is known of a run may still get its last row.
 *
 * @param nowMs in ms since 1970
 * @example
 * isExpected({ ...run, endUnixNano: 0n }, undefined, Date.now()) // false
 */
export function isExpected(run: EndedRun, record: RunRecord | undefined, nowMs: number): boolean {
  const { metrics } = record ?? {}
  if (metrics !== undefined && metrics.status !== 'running') return false
  // An end that lies further ahead is by a clock that tells nothing of how long ago it was.
  return Math.abs(nowMs - Number(run.endUnixNano / 1_000_000n)) < WAITED_FOR_MS
}

/**
 * What is known of runs that ended only just now, as soon as it is known of all of them, or the time
 * is over, or the signal comes.
 *
 * @example
 * const records = await knownInTime(source.records, runs, signal)
 */
export async function knownInTime(
  records: RunRecords,
  runs: readonly EndedRun[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, RunRecord>> {
  const options = signal === undefined ? {} : { signal }
  // An end that lies a little ahead makes the wait no longer.
  const deadlineMs = Date.now() + WAITED_FOR_MS
  for (;;) {
    const nowMs = Date.now()
    const known = await records.of(runs)
    const isAwaited =
      nowMs < deadlineMs && runs.some((run) => isExpected(run, known.get(run.runId), nowMs))
    if (!isAwaited || signal?.aborted) return known
    await realSleep(LOOK_EVERY_MS, undefined, options).catch(() => {})
  }
}
