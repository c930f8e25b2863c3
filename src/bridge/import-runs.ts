/**
 * The import: spans from a backend become run journals again, each with a word on how whole it is.
 */
import type { SpanBackend } from '../backends/backend.js'
import { runEnd } from '../journal/run-end.js'
import type { ImportedRun } from '../mapping/imported-run.js'
import { JournalAssembler } from '../mapping/trace-to-journal.js'
import { oldestFirst, wantsRun } from '../sources/selection.js'
import type { Selection } from '../sources/source.js'

/** What an import found. */
export interface ImportResult {
  /** The runs that are wanted, oldest first by their last entry, then by run_id. */
  readonly runs: readonly ImportedRun[]
  /** Every run that was there, wanted or not. */
  readonly found: readonly { readonly runId: string; readonly exportName: string }[]
  /** What could not be read at all: where it stood, and what was wrong. */
  readonly problems: readonly { readonly where: string; readonly problem: string }[]
  /** How many spans belonged to journals, and how many did not. */
  readonly spans: { readonly journal: number; readonly other: number }
}

/**
 * Reads every span of a backend and puts the runs together; with a namespace only those of it.
 *
 * @throws {RivetOtelError} where the backend cannot be read at all.
 * @example
 * const { runs } = await importRuns(openOtlpJsonFile('traces.otlp.jsonl'))
 * console.log(runs.filter((run) => run.status === 'exact').length)
 */
export async function importRuns(
  backend: SpanBackend,
  selection: Selection = {},
  namespace?: string,
): Promise<ImportResult> {
  const assembler = new JournalAssembler()
  const problems: { where: string; problem: string }[] = []
  const spans = { journal: 0, other: 0 }
  for await (const item of backend.spans()) {
    if (item.kind === 'problem') problems.push({ where: item.where, problem: item.problem })
    else if (assembler.add(item.received) === undefined) spans.other++
    else spans.journal++
  }
  const all = assembler
    .finish()
    .filter((run) => namespace === undefined || run.namespace === namespace)
  const found = all.map(({ runId, exportName }) => ({ runId, exportName }))
  return { runs: select(all, selection), found, problems, spans }
}

function select(runs: readonly ImportedRun[], selection: Selection): ImportedRun[] {
  const { sinceUnixNano, last } = selection
  const wanted = runs
    .filter(({ runId, exportName }) => wantsRun(selection, runId, exportName))
    .map((run) => ({
      run,
      runId: run.runId,
      endedUnixNano: runEnd(run.status === 'exact' ? run.journal : run.fragment),
    }))
    .filter(
      ({ endedUnixNano }) => sinceUnixNano === undefined || (endedUnixNano ?? 0n) >= sinceUnixNano,
    )
    .sort(oldestFirst)
    .map(({ run }) => run)
  return last === undefined ? wanted : wanted.slice(Math.max(0, wanted.length - last))
}
