/**
 * The pages of an export that are no journal's and beside none: runs that were killed, and loads,
 * each one page.
 */
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import { interruptedRunToTrace } from '../../mapping/interrupted-run.js'
import { loadToTrace } from '../../mapping/load-to-trace.js'
import type { TracePage } from '../../mapping/page.js'
import type { RunRecords } from '../../sources/run-records.js'
import type { Selection, UnreadableItem } from '../../sources/source.js'
import type { LoadRun } from '../../state/load-run.js'
import type { UnjournaledListing } from '../../state/unjournaled-run.js'
import { type FactsGate, factsGateFor, type Outgoing } from '../outgoing-facts.js'
import type { ExportJob, OtherTracesOptions } from './export-job.js'

/** Of how many loads the runs are looked up at once. */
const LOADS_AT_ONCE = 100

/** An export that may leave out what is settled. */
type OtherJob = ExportJob & { readonly options: OtherTracesOptions }

/**
 * The pages of interrupted runs and loads, where the source knows of any.
 *
 * @param oldest when the oldest run ended whose journal was taken, in nanoseconds since 1970. Of the
 *   last so many runs, only what ended then or later belongs to them.
 */
export async function* otherPages(
  job: OtherJob,
  oldest: bigint | undefined,
): AsyncGenerator<TracePage> {
  const { source, selection } = job.options
  const wanted = wantedOthers(selection, oldest)
  if (source.records === undefined || wanted === undefined) return
  const others = new OtherPages(job, source.records)
  yield* others.interrupted(wanted)
  yield* others.loads(wanted)
}

/** What is wanted beside the journals of a selection; `undefined` where nothing is. */
function wantedOthers(
  { last, ...others }: Selection,
  oldest: bigint | undefined,
): Selection | undefined {
  if (last === undefined) return others
  if (oldest === undefined) return undefined
  const { sinceUnixNano = oldest } = others
  return { ...others, sinceUnixNano: sinceUnixNano > oldest ? sinceUnixNano : oldest }
}

class OtherPages {
  readonly #job: OtherJob
  readonly #records: RunRecords
  readonly #facts: FactsGate

  constructor(job: OtherJob, records: RunRecords) {
    this.#job = job
    this.#records = records
    this.#facts = factsGateFor(job.options.redaction)
  }

  async *interrupted(selection: Selection): AsyncGenerator<TracePage> {
    const { options } = this.#job
    const isWanted = ({ state, runId }: UnjournaledListing) =>
      state === 'interrupted' && !options.isSettled?.('interrupted', runId)
    for await (const item of this.#records.unjournaled(selection, isWanted)) {
      if (options.signal?.aborted) return
      if (item.kind === 'unreadable') this.#unreadable(item)
      else {
        const run = this.#passed(this.#facts.unjournaled(item), 'run_status row')
        if (run !== undefined) yield await this.#page(interruptedRunToTrace(run, options))
      }
    }
  }

  async *loads(selection: Selection): AsyncGenerator<TracePage> {
    const { options } = this.#job
    let loads: LoadRun[] = []
    for await (const item of this.#records.loads(selection)) {
      if (options.signal?.aborted) return
      if (item.kind === 'unreadable') this.#unreadable(item)
      else if (item.status !== 'writing' && !options.isSettled?.('load', item.loadId)) {
        loads.push(item)
      }
      if (loads.length < LOADS_AT_ONCE) continue
      yield* this.#pagesOfLoads(loads)
      loads = []
    }
    yield* this.#pagesOfLoads(loads)
  }

  async *#pagesOfLoads(loads: readonly LoadRun[]): AsyncGenerator<TracePage> {
    if (loads.length === 0) return
    const killed = await this.#killedAmong(loads.flatMap(({ sourceRunIds }) => sourceRunIds))
    for (const item of loads) {
      const load = this.#passed(this.#facts.load(item), 'load_run row')
      if (load !== undefined) yield await this.#page(loadToTrace(load, this.#job.options, killed))
    }
  }

  /** Those of some runs that left no journal because they were killed. */
  async #killedAmong(runIds: readonly string[]): Promise<ReadonlySet<string>> {
    const killed = new Set<string>()
    if (runIds.length === 0) return killed
    for await (const run of this.#records.listUnjournaled({ runIds: [...new Set(runIds)] })) {
      if (run.kind === 'unjournaled' && run.state === 'interrupted') killed.add(run.runId)
    }
    return killed
  }

  #page(page: TracePage): Promise<TracePage> {
    return this.#job.revisions.ofFirst(page)
  }

  #passed<T>(outgoing: Outgoing<T>, where: string): T | undefined {
    if (outgoing.kind === 'passed') return outgoing.facts
    const { runId, problem } = outgoing
    this.#job.tally.skip({ where: `${where} ${runId}`, runId, result: 'refused', problem })
    return undefined
  }

  #unreadable({ where, problem, runId }: UnreadableItem): void {
    this.#job.tally.skip({
      where: withoutConnectionSecrets(where),
      result: 'unreadable',
      problem: withoutConnectionSecrets(problem),
      ...(runId === undefined ? {} : { runId: withoutConnectionSecrets(runId) }),
    })
  }
}
