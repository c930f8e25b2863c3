/** Reading back what an examination sent, within one limit of time for all of it. */
import type { TraceBackend } from '../../backends/backend.js'
import { traceIdOf } from '../../mapping/ids.js'
import type { ImportedRun } from '../../mapping/imported-run.js'
import type { ReceivedSpan } from '../../trace/trace.js'
import { fetchRun } from '../fetch-run.js'
import { inOrder, READS_UNDER_WAY } from '../in-order.js'
import { Patience } from '../patience.js'
import { isExact, type Searched } from './judge-runs.js'
import type { Probe } from './probes.js'
import { DOCTOR_EXPORT, DOCTOR_NAMESPACE, type SyntheticRun } from './synthetic-run.js'

const HOUR_NANO = 3_600_000_000_000n

/**
 * Reads from one backend; begins to lose its patience when it is made.
 *
 * @example
 * const reader = new ProbeReader(backend, 10_000)
 * await reader.missing([textProbe(seed)]) // 0, where it came back
 */
export class ProbeReader {
  readonly #backend: TraceBackend
  readonly #patience: Patience

  /** @param waitMs how long what is missing is waited for, all in all */
  constructor(backend: TraceBackend, waitMs: number) {
    this.#backend = backend
    this.#patience = new Patience(waitMs)
  }

  /** The spans of a probe, as many as came. */
  async probe({ traceId, trace }: Probe): Promise<readonly ReceivedSpan[]> {
    const { spans } = await this.#patience.until(
      () => this.#backend.trace(traceId),
      (content) => content.spans.length >= trace.spans.length,
    )
    return spans
  }

  /** How many of the probes did not come back. */
  async missing(probes: readonly Probe[]): Promise<number> {
    let missing = probes
    await this.#patience.until(
      async () => {
        const left: Probe[] = []
        const asked = inOrder(missing, READS_UNDER_WAY, async (probe) => ({
          probe,
          content: await this.#backend.trace(probe.traceId),
        }))
        for await (const { probe, content } of asked) {
          if (content.spans.length === 0) left.push(probe)
        }
        missing = left
        return left.length
      },
      (left) => left === 0,
    )
    return missing.length
  }

  /** A synthetic run, as far as it came; `undefined` where nothing of it did. */
  run(sent: SyntheticRun): Promise<ImportedRun | undefined> {
    const name = { namespace: DOCTOR_NAMESPACE, runId: sent.journal.run_id }
    return this.#patience.until(
      async () => (await fetchRun(this.#backend, name)).runs[0],
      (run) => isExact(run, sent),
    )
  }

  /** Whether searches find the runs; only the recent one is waited for. */
  async search(recent: SyntheticRun, old: SyntheticRun): Promise<Searched> {
    const ofRecent = await this.#patience.until(
      () => this.#searchFor(recent),
      ({ isFound }) => isFound,
    )
    const ofOld = await this.#searchFor(old)
    const unseen = [
      ...(ofRecent.isFound ? [] : ofRecent.unseen),
      ...(ofOld.isFound ? [] : ofOld.unseen),
    ]
    return { recent: ofRecent.isFound, old: ofOld.isFound, unseen: [...new Set(unseen)] }
  }

  async #searchFor({ journal, pages }: SyntheticRun) {
    const runId = journal.run_id
    const wanted = traceIdOf({ namespace: DOCTOR_NAMESPACE, runId, page: 0 })
    const end = pages[0]?.trace.spans[0]?.endTimeUnixNano ?? 0n
    const unseen: string[] = []
    const items = this.#backend.search({
      exports: [DOCTOR_EXPORT],
      sinceUnixNano: end - HOUR_NANO,
      untilUnixNano: end + HOUR_NANO,
    })
    for await (const item of items) {
      if (item.kind === 'unseen') unseen.push(item.problem)
      else if (item.traceId === wanted) return { isFound: true, unseen }
    }
    return { isFound: false, unseen }
  }
}
