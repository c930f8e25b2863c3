/**
 * The import: spans become run journals again, each with a word on how whole it is.
 */
import type { SpanStream, TraceBackend } from '../backends/backend.js'
import { traceIdOf } from '../mapping/ids.js'
import type { ImportedRun } from '../mapping/imported-run.js'
import { type InterruptedTrace, InterruptedTraces } from '../mapping/interrupted-trace.js'
import { RecordsBeside } from '../mapping/records-beside.js'
import { oldestFirst } from '../sources/selection.js'
import type { RunRecord } from '../state/run-record.js'
import { placeOf, type RunSelection, wantsImportedRun, wantsInterrupted } from './run-selection.js'
import { type RunSearch, searchRuns } from './search-runs.js'
import { Signposts } from './signposts.js'
import { StreamRuns } from './stream-runs.js'

/** A run that was read, wanted or not. */
export interface RunFound {
  readonly runId: string
  readonly exportName: string
  /** The traces that it can be named by: 32 lower-case hexadecimal digits each. */
  readonly traceIds: readonly string[]
}

/** What is known of a run beside its journal, and the namespace that it was sent with. */
export interface NamespacedRecord {
  readonly namespace: string
  readonly record: RunRecord
}

/** What an import found. */
export interface ImportResult {
  /** The runs that are wanted, oldest first by their last entry, then by run_id. */
  readonly runs: readonly ImportedRun[]
  /** Those of the runs that are wanted that were killed, and left traces instead of journals. */
  readonly interrupted: readonly InterruptedTrace[]
  /** What is known beside the journals of the runs that were asked for by run_id. */
  readonly records: readonly NamespacedRecord[]
  /** Every run that was read, wanted or not. */
  readonly found: readonly RunFound[]
  /** What could not be read at all: where it stood, and what was wrong. */
  readonly problems: readonly { readonly where: string; readonly problem: string }[]
  /** What a search may have missed, and how that is found; always empty for a stream, which is read whole. */
  readonly unseen: readonly string[]
  /** How many spans belonged to journals, and how many did not. */
  readonly spans: { readonly journal: number; readonly other: number }
}

/** A file can be nothing but faults, each of which would take more memory than it has bytes. */
const MOST_PROBLEMS = 10_000

/** What to import. */
export type ImportOptions = Partial<RunSearch> & {
  /** Whether what is known beside every run of a stream is kept, not only of those asked for by run_id. */
  readonly keepRecords?: boolean
  /**
   * What is kept of each run of a stream, as soon as it is whole or nothing more can come of it: a
   * caller that has put its journal elsewhere needs no more of it for the selection alone. It
   * may be asked again for a run of which more came.
   */
  readonly keep?: (run: ImportedRun) => ImportedRun | Promise<ImportedRun>
}

/**
 * Reads traces and puts the runs in them together: every span of a stream, and of a server the
 * traces that the selection asks for.
 *
 * @throws {RivetOtelError} where the place cannot be read at all.
 * @example
 * const { runs } = await importRuns(openOtlpJsonFile('traces.otlp.jsonl'))
 * console.log(runs.filter((run) => run.status === 'exact').length)
 */
export function importRuns(
  traces: SpanStream | TraceBackend,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const search = { ...options, selection: options.selection ?? {} }
  return 'spans' in traces ? importStream(traces, search) : importFromBackend(traces, search)
}

/**
 * What a selection leaves of the runs that were read of a stream, which can be read once only.
 *
 * @param all what came of it without a selection
 * @example
 * selectImported(await importRuns(stream), { last: 1 }).runs
 */
export function selectImported(all: ImportResult, selection: RunSelection): ImportResult {
  const runs = all.runs.filter((run) => wantsImportedRun(selection, run))
  const { last = runs.length } = selection
  return {
    ...all,
    runs: runs.slice(runs.length - Math.min(last, runs.length)),
    interrupted: all.interrupted.filter((trace) => wantsInterrupted(selection, trace)),
  }
}

async function importStream(
  stream: SpanStream,
  { selection, namespace, keepRecords, keep = (run) => run }: RunSearch & ImportOptions,
): Promise<ImportResult> {
  const beside = new RecordsBeside(keepRecords ? 'all' : new Set(selection.runIds))
  return selectImported(await importAll(stream, namespace, beside, keep), selection)
}

async function importAll(
  stream: SpanStream,
  namespace: string | undefined,
  beside: RecordsBeside,
  keep: NonNullable<ImportOptions['keep']>,
): Promise<ImportResult> {
  const signposts = new Signposts()
  const interrupted = new InterruptedTraces()
  const problems: { where: string; problem: string }[] = []
  let moreProblems = 0
  let other = 0
  const came: ImportedRun[] = []
  const reading = new StreamRuns(stream)
  for await (const item of reading.read()) {
    switch (item.kind) {
      case 'run':
        came[item.number] = await keep(item.run)
        break
      case 'problem':
        if (problems.length < MOST_PROBLEMS)
          problems.push({ where: item.where, problem: item.problem })
        else moreProblems++
        break
      case 'others':
        other += item.spans.length
        for (const received of item.spans) {
          signposts.add(received)
          interrupted.add(received)
          beside.add(received)
        }
        break
    }
  }
  if (moreProblems > 0) problems.push({ where: '', problem: `and ${moreProblems} more problems` })
  const all = signposts
    .withLost(came, notInStream)
    .filter((run) => namespace === undefined || run.namespace === namespace)
  const runs = inOrderOfTime(all)
  return {
    runs,
    records: runs.flatMap((run) => {
      const record = beside.of(run)
      return record === undefined ? [] : [{ namespace: run.namespace, record }]
    }),
    interrupted: interrupted
      .all()
      .filter((trace) => namespace === undefined || trace.namespace === namespace),
    found: all.map((run) => runFound(run)),
    problems,
    unseen: [],
    spans: { journal: reading.journalSpans, other },
  }
}

function notInStream(traceId: string): string {
  return `its spans are in trace ${traceId}, and none of them came`
}

async function importFromBackend(backend: TraceBackend, search: RunSearch): Promise<ImportResult> {
  const runs: ImportedRun[] = []
  const records: NamespacedRecord[] = []
  const interrupted: InterruptedTrace[] = []
  const problems: { where: string; problem: string }[] = []
  const unseen: string[] = []
  const found: RunFound[] = []
  const spans = { journal: 0, other: 0 }
  for await (const item of searchRuns(backend, search)) {
    switch (item.kind) {
      case 'run':
        runs.push(item.run)
        break
      case 'interrupted':
        interrupted.push(item.trace)
        break
      case 'problem':
        problems.push({ where: '', problem: item.problem })
        break
      case 'unseen':
        unseen.push(item.problem)
        break
      case 'read':
        found.push(...item.runs.map((run) => runFound(run, item.traceId)))
        spans.journal += item.spans.journal
        spans.other += item.spans.other
        if (item.record !== undefined)
          records.push({ namespace: search.namespace ?? '', record: item.record })
        break
    }
  }
  return { runs: inOrderOfTime(runs), records, interrupted, found, problems, unseen, spans }
}

/**
 * A run as lists name it.
 *
 * @param askedTraceId the trace that it was read for, where that was named
 * @example
 * runs.map((run) => runFound(run))
 */
export function runFound(
  { namespace, runId, exportName, traceIds }: ImportedRun,
  askedTraceId?: string,
): RunFound {
  const leading = [traceIdOf({ namespace, runId, page: 0 }), askedTraceId ?? []].flat()
  return { runId, exportName, traceIds: [...new Set([...traceIds, ...leading])] }
}

function inOrderOfTime(runs: readonly ImportedRun[]): ImportedRun[] {
  return runs
    .map(placeOf)
    .sort(oldestFirst)
    .map(({ run }) => run)
}
