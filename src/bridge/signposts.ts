/**
 * The signposts that were seen among spans: which runs have their spans in another trace, and what is
 * to be said of them where those did not come.
 */
import { RunJournal } from '../journal/run-journal.js'
import { traceIdOf } from '../mapping/ids.js'
import { type BrokenRun, type ImportedRun, isWhole } from '../mapping/imported-run.js'
import { readSignpost } from '../mapping/signpost.js'
import type { ReceivedSpan } from '../trace/trace.js'
import { keyOfRun, type RunName } from './run-name.js'

/** A run that signposts were seen of. */
interface SignpostedRun extends RunName {
  readonly exportName: string
  readonly traceIds: Set<string>
}

/**
 * Gathers signposts.
 *
 * @example
 * const signposts = new Signposts()
 * for (const span of spans) if (assembler.add(span) === undefined) signposts.add(span)
 * const runs = signposts.withLost(assembler.finish(), (id) => `its spans are in trace ${id}`)
 */
export class Signposts {
  readonly #runs = new Map<string, SignpostedRun>()

  /** Takes a span that is no journal's; any but a signpost changes nothing. */
  add(received: ReceivedSpan): void {
    const signpost = readSignpost(received)
    if (signpost === undefined) return
    const { namespace, runId, exportName, traceId } = signpost
    const name = keyOfRun(signpost)
    const run = this.#runs.get(name) ?? { namespace, runId, exportName, traceIds: new Set() }
    this.#runs.set(name, run)
    run.traceIds.add(traceId)
  }

  /** The runs that signposts were seen of. */
  runs(): RunName[] {
    return [...this.#runs.values()].map(({ namespace, runId }) => ({ namespace, runId }))
  }

  /** The traces that a run's signposts lead to, in the order in which they were seen. */
  tracesOf(name: RunName): string[] {
    return [...(this.#runs.get(keyOfRun(name))?.traceIds ?? [])]
  }

  /**
   * The runs that came, and those of which there is nothing but a signpost; those that are not whole
   * say where their spans should be.
   *
   * @param reason why nothing of a run came from a trace that a signpost leads to
   */
  withLost(runs: readonly ImportedRun[], reason: (traceId: string) => string): ImportedRun[] {
    const came = new Set(runs.map(keyOfRun))
    const lost = [...this.#runs].flatMap(([name, run]) =>
      came.has(name) ? [] : [nothingOf(run, reason)],
    )
    return [...runs.map((run) => this.#withReasons(run, reason)), ...lost]
  }

  #withReasons(run: ImportedRun, reason: (traceId: string) => string): ImportedRun {
    if (isWhole(run)) return run
    const empty = this.tracesOf(run).filter((traceId) => !run.traceIds.includes(traceId))
    return { ...run, reasons: [...run.reasons, ...empty.map(reason)] }
  }
}

function nothingOf(run: SignpostedRun, reason: (traceId: string) => string): BrokenRun {
  const { namespace, runId, exportName, traceIds } = run
  return {
    namespace,
    runId,
    exportName,
    revision: 0,
    traceIds: [traceIdOf({ namespace, runId, page: 0 })],
    otherRevisions: [],
    status: 'incomplete',
    reasons: [...traceIds].map(reason),
    fragment: new RunJournal(runId, exportName, []),
  }
}
