/**
 * The export: journals from a source become traces in a delivery, and so does what the source knows
 * beside them.
 *
 * In memory are the largest journal, or some with no more than about 1 MB of text together for each
 * thread, and the pages that are under way. What is wrong with one run costs no other.
 */
import type { Delivery } from '../delivery/delivery.js'
import type { RedactionPolicy } from '../journal/redaction.js'
import type { RunJournal } from '../journal/run-journal.js'
import type { TracePage } from '../mapping/page.js'
import type { JournalSource, Selection } from '../sources/source.js'
import type { Attributes, SpanContext } from '../trace/trace.js'
import type { ExportJob, OtherTracesOptions } from './export/export-job.js'
import { journalPages } from './export/journal-pages.js'
import { otherPages } from './export/other-pages.js'
import { Revisions } from './export/revisions.js'
import { Tally } from './export/tally.js'
import type { ExportSummary, RunOutcome, SkippedRun } from './summary.js'

/** The span of a command that runs were started by. */
export interface Wrapper extends SpanContext {
  /** When it began, in nanoseconds since 1970. */
  readonly startUnixNano: bigint
  /** Whether the runs become its children, in its trace, and not only linked. */
  readonly isJoined: boolean
}

/** What to export, and where to. */
export interface ExportOptions {
  readonly source: JournalSource
  readonly selection: Selection
  readonly delivery: Delivery
  /** Tells apart state databases whose run_ids may be the same; default `''`. */
  readonly namespace?: string
  /** Attributes of the resource; default `service.name` "rivet". */
  readonly resource?: Attributes
  /** The command that the runs were started by; those that began before it are not linked to it. */
  readonly wrapper?: Wrapper
  /**
   * Whether whatever wrote the runs has ended, so that nothing more becomes known of them; default
   * `false`: of a run that ended only just now the last row is waited for, for up to 3 s.
   */
  readonly areOver?: boolean
  /** What is taken out of the journals on their way out; passwords always are. */
  readonly redaction?: RedactionPolicy
  /**
   * Told of every journal that goes out, as it goes out, redacted, before its pages do.
   *
   * @param isElsewhere whether it is there already, in another trace than its own: that of the command
   *   that an export before joined it to.
   */
  readonly onJournal?: (journal: RunJournal, isElsewhere: boolean) => void
  /**
   * Told of every run as soon as it is known what became of it; of anything beside the runs only
   * where that failed.
   */
  readonly onRun?: (run: RunOutcome | SkippedRun) => void
  /** Told of every interrupted run and load, whatever became of it. */
  readonly onTrace?: (trace: RunOutcome) => void
  /**
   * How many threads read and map journals beside this one, where the source lets them: each takes some
   * 30 MB, and saves the time of half a core or more. With 0 all is done in this thread. Default 1 for
   * 32 MB of journals or more on a machine with two cores, else 0. What is sent does not depend on it.
   */
  readonly threads?: number
  /** Once it comes, no further journal is taken from the source; what was taken before is finished. */
  readonly signal?: AbortSignal
}

/**
 * Exports runs and says what became of them.
 *
 * Every journal goes out redacted: without passwords, and without what the policy names. A run goes
 * out as the newest revision that the place holds when the journal is the same, else as the next one.
 *
 * Where the source knows more than journals, that goes out too, by the same policy: extra spans in the
 * trace of a run, then the runs of the selection that were killed, and the loads. Each of these is
 * sent once; a span beside a run is sent again only where what it says has changed.
 *
 * @throws {RivetOtelError} where the source cannot be read at all.
 * @example
 * const summary = await exportRuns({ source, selection: {}, delivery })
 * console.log(`${summary.runs.sent} sent`)
 */
export function exportRuns(options: ExportOptions): Promise<ExportSummary> {
  return exporting(options, async function* (job) {
    const oldest = yield* journalPages(job)
    yield* otherPages(job, oldest)
  })
}

/**
 * Exports journals and what is known beside them, and nothing that is no journal's.
 *
 * @throws {RivetOtelError} where the source cannot be read at all.
 * @example
 * await exportJournals({ source, selection: { runIds }, delivery })
 */
export function exportJournals(options: ExportOptions): Promise<ExportSummary> {
  return exporting(options, journalPages)
}

/**
 * Exports what is no journal's: the runs of the selection that were killed, and the loads.
 *
 * @throws {RivetOtelError} where the source cannot be read at all.
 * @example
 * await exportOthers({ source, selection: {}, delivery, onTrace: ({ runId }) => console.log(runId) })
 */
export function exportOthers(options: OtherTracesOptions): Promise<ExportSummary> {
  return exporting(options, (job) => otherPages({ ...job, options }, undefined))
}

async function exporting(
  options: OtherTracesOptions,
  pagesOf: (job: ExportJob) => AsyncIterable<TracePage>,
): Promise<ExportSummary> {
  const { delivery, namespace = '', onRun, onTrace } = options
  const tally = new Tally({ onRun, onTrace })
  const job = { options, revisions: new Revisions(delivery, namespace), tally }
  for await (const outcome of delivery.send(pagesOf(job))) tally.add(outcome)
  return tally.summary()
}
