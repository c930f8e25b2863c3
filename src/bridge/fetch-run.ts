/**
 * Runs from a server: by run_id alone, through the trace ids that follow from it, or by any trace
 * that has spans of them.
 */
import type { TraceBackend } from '../backends/backend.js'
import { interruptedIdsOf, traceIdOf } from '../mapping/ids.js'
import type { ImportedRun } from '../mapping/imported-run.js'
import { type InterruptedTrace, readInterruptedRoot } from '../mapping/interrupted-trace.js'
import { JournalAssembler } from '../mapping/trace-to-journal.js'
import { inOrder, READS_UNDER_WAY } from './in-order.js'

/** What tells one run from another. */
export interface RunName {
  /** The namespace that it was sent with; `''` where it was sent without. */
  readonly namespace: string
  readonly runId: string
}

/** What a server gave. */
export interface Fetched {
  /** The runs that it has spans of. */
  readonly runs: readonly ImportedRun[]
  /** The runs that were killed, and left traces instead of journals. */
  readonly interrupted: readonly InterruptedTrace[]
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[]
  /** How many spans came that belong to journals, and how many that do not. */
  readonly spans: { readonly journal: number; readonly other: number }
}

/** Some 4 GB of traces, more than a journal can have; asking for what nonsense announces takes for ever. */
const MOST_PAGES = 2000
/** A trace of ours has one run; each one costs questions. */
const MOST_RUNS = 100

/**
 * Reads a run: its first page tells how many there are. No run comes where the server has nothing of it.
 *
 * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
 * @example
 * const { runs } = await fetchRun(openTempo(settings), { namespace: '', runId: 'orders_1' })
 */
export async function fetchRun(backend: TraceBackend, name: RunName): Promise<Fetched> {
  const fetched = await fetchTrace(backend, traceIdOf({ ...name, page: 0 }))
  const { namespace, runId } = name
  const runs = fetched.runs.filter((run) => run.runId === runId && run.namespace === namespace)
  return { ...fetched, runs }
}

/**
 * Like {@link fetchRun}; where the server has nothing of the run, it is asked whether that was
 * killed and left a trace that is no journal's.
 *
 * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
 * @example
 * const { interrupted } = await fetchRunOrItsEnd(backend, { namespace: '', runId: 'orders_1' })
 */
export async function fetchRunOrItsEnd(backend: TraceBackend, name: RunName): Promise<Fetched> {
  const fetched = await fetchRun(backend, name)
  if (fetched.runs.length > 0) return fetched
  const { interrupted, problems } = await fetchTrace(backend, interruptedIdsOf(name).traceId)
  return { ...fetched, interrupted, problems: [...fetched.problems, ...problems] }
}

/**
 * Reads the runs that a trace has spans of, with those of their pages that lie in other traces.
 *
 * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
 * @example
 * const { runs } = await fetchTrace(openJaeger(settings), 'c3bde0ddc359ac2423e3095a715b3412')
 */
export async function fetchTrace(backend: TraceBackend, traceId: string): Promise<Fetched> {
  const assembler = new JournalAssembler()
  const interrupted: InterruptedTrace[] = []
  const problems: string[] = []
  const spans = { journal: 0, other: 0 }
  const read = async (traceIds: Iterable<string>) => {
    const contents = inOrder(traceIds, READS_UNDER_WAY, async (id) => ({
      id,
      ...(await backend.trace(id)),
    }))
    for await (const { id, spans: received, problems: unread } of contents) {
      for (const span of received) {
        if (assembler.add(span) !== undefined) spans.journal++
        else {
          spans.other++
          const root = readInterruptedRoot(span)
          if (root !== undefined) interrupted.push(root)
        }
      }
      problems.push(...unread.map((problem) => `trace ${id}: ${problem}`))
    }
  }

  await read([traceId])
  const names = assembler.runs()
  if (names.length > MOST_RUNS) {
    problems.push(
      `trace ${traceId}: it has spans of ${names.length} runs; the other pages of ${MOST_RUNS} are read`,
    )
  }
  let pagesLeft = MOST_PAGES
  for (const name of names.slice(0, MOST_RUNS)) {
    const first = traceIdOf({ ...name, page: 0 })
    if (first !== traceId) await read([first])
    const pages = assembler.announcedPages(name.namespace, name.runId)
    if (pages > pagesLeft && pagesLeft > 0)
      problems.push(`a root announces ${pages} pages; at most ${MOST_PAGES} are read`)
    await read(laterPages(name, Math.min(pages, pagesLeft), traceId))
    pagesLeft -= Math.min(pages, pagesLeft)
  }
  return { runs: assembler.finish(), interrupted, problems, spans }
}

function* laterPages(name: RunName, pages: number, known: string): Generator<string> {
  for (let page = 1; page < pages; page++) {
    const traceId = traceIdOf({ ...name, page })
    if (traceId !== known) yield traceId
  }
}
