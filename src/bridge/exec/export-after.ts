/**
 * What goes out after a command: the runs that it left, then the killed ones and the loads, then
 * the command's own span, with a link to each of the runs that are in the place.
 *
 * They go as in any export. The span is no run: no ledger knows it, and it is sent once.
 */
import type { Delivery } from '../../delivery/delivery.js'
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import { type RedactionPolicy, textRedactorOf } from '../../journal/redaction.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { type ExecutedCommand, execToTrace, type RunLeft } from '../../mapping/exec-span.js'
import { interruptedIdsOf, spanIdsOf } from '../../mapping/ids.js'
import type { TracePage } from '../../mapping/page.js'
import { runPeriod } from '../../mapping/run-period.js'
import { EntryTimes } from '../../mapping/times.js'
import type { Selection } from '../../sources/source.js'
import { within } from '../../time-limit.js'
import { type ExportOptions, exportJournals, exportOthers } from '../export-runs.js'
import { LONGEST_REDACTION_MS } from '../outgoing-run.js'
import type { RunOutcome, SkippedRun } from '../summary.js'
import type { RunsLeft } from './state-around-command.js'

/** What is to go out. */
export interface ExportAfterOptions
  extends Pick<ExportOptions, 'delivery' | 'namespace' | 'resource' | 'redaction' | 'signal'> {
  /** Absent where the state database could not be read. */
  readonly left: RunsLeft | undefined
  /** Absent where its span is not to be recorded; then no run is linked to it either. */
  readonly command: ExecutedCommand | undefined
  /** Whether the runs become children of the command's span. */
  readonly isJoined: boolean
  /** Where the command's span goes: the delivery without its ledger. */
  readonly direct: Delivery
  /** Told whenever something got there. */
  readonly onProgress?: () => void
}

/** What became of it. */
export interface ExportedAfter {
  /** The runs with a journal, and what failed beside them. */
  readonly runs: readonly (RunOutcome | SkippedRun)[]
  /** Runs that were killed, and loads. */
  readonly others: readonly (RunOutcome | SkippedRun)[]
  /** The command's span; absent where there is none to record. */
  readonly span?: { readonly page: TracePage; readonly problem?: string }
}

/**
 * Sends what a command left.
 *
 * @throws {RivetOtelError} where the state database cannot be read.
 * @example
 * const { runs, span } = await exportAfter({ left, command, isJoined: false, delivery, direct })
 */
export async function exportAfter(options: ExportAfterOptions): Promise<ExportedAfter> {
  const { left, command, redaction, direct, signal } = options
  const { runs, begunAfter } = await sendRuns(options)
  const others = left === undefined ? [] : await sendOthers(left, options)
  if (command === undefined) return { runs, others }
  const links = [
    ...runs.flatMap((run) => rootOf(run, begunAfter, options) ?? []),
    ...others.flatMap((run) => rootOfKilled(run, options) ?? []),
  ]
  const program = shownProgram(command.program, redaction)
  const page = execToTrace({ ...command, program }, links, commonOptions(options))
  const inVain = [...runs, ...others].flatMap(unansweredOf)[0]
  const problem = inVain ?? (await sendOne(page, direct, signal))
  return { runs, others, span: { page, ...(problem === undefined ? {} : { problem }) } }
}

interface SentRuns {
  readonly runs: readonly (RunOutcome | SkippedRun)[]
  /** Those that began after the command. */
  readonly begunAfter: ReadonlySet<string>
}

async function sendRuns(options: ExportAfterOptions): Promise<SentRuns> {
  const { left, command, isJoined } = options
  const runs: (RunOutcome | SkippedRun)[] = []
  const begunAfter = new Set<string>()
  if (left === undefined || left.runIds.length === 0) return { runs, begunAfter }
  await exportJournals({
    ...commonOptions(options),
    source: left.database,
    selection: { runIds: left.runIds },
    areOver: true,
    ...(command === undefined ? {} : { wrapper: wrapperOf(command, isJoined) }),
    onJournal: (journal, isElsewhere) => {
      // In its own trace is only a signpost then, and the command around it has the link.
      if (isElsewhere || command === undefined) return
      if (startOf(journal) >= command.startUnixNano) begunAfter.add(journal.run_id)
    },
    onRun: (run) => {
      runs.push(run)
      if (isThere(run)) options.onProgress?.()
    },
  })
  return { runs, begunAfter }
}

/** The loads are those of these runs, and those that finished meanwhile, whose runs may be older. */
async function sendOthers(
  { database, runIds, period, hasLoads }: RunsLeft,
  options: ExportAfterOptions,
): Promise<readonly (RunOutcome | SkippedRun)[]> {
  const others = new Map<string, RunOutcome | SkippedRun>()
  const send = (selection: Selection) =>
    exportOthers({
      ...commonOptions(options),
      source: database,
      selection,
      isSettled: (subject, name) => others.has(keyOf(subject, name)),
      onTrace: (trace) => {
        others.set(keyOf(trace.subject, trace.runId), trace)
        if (isThere(trace)) options.onProgress?.()
      },
      onRun: (run) => {
        if (!('traceIds' in run)) others.set(keyOf(run.where, run.problem), run)
      },
    })
  if (runIds.length > 0) await send({ runIds })
  const { startUnixNano, endUnixNano } = period
  if (hasLoads) await send({ sinceUnixNano: startUnixNano, untilUnixNano: endUnixNano })
  return [...others.values()]
}

function keyOf(subject: string | undefined, name: string): string {
  return JSON.stringify([subject, name])
}

function isThere({ result }: RunOutcome | SkippedRun): boolean {
  return result === 'sent' || result === 'present'
}

function commonOptions({ delivery, namespace, resource, redaction, signal }: ExportAfterOptions) {
  return {
    delivery,
    ...(namespace === undefined ? {} : { namespace }),
    ...(resource === undefined ? {} : { resource }),
    ...(redaction === undefined ? {} : { redaction }),
    ...(signal === undefined ? {} : { signal }),
  }
}

function wrapperOf({ context, startUnixNano }: ExecutedCommand, isJoined: boolean) {
  return { ...context, startUnixNano, isJoined }
}

function startOf({ entries }: RunJournal): bigint {
  return runPeriod(entries, new EntryTimes(entries)).startUnixNano
}

/** Where the root of a run is that began after the command, and is in the place. */
function rootOf(
  run: RunOutcome | SkippedRun,
  begunAfter: ReadonlySet<string>,
  { namespace = '' }: ExportAfterOptions,
): RunLeft | undefined {
  if (!('traceIds' in run) || run.subject !== undefined || !begunAfter.has(run.runId))
    return undefined
  if (!isThere(run)) return undefined
  const { runId, exportName, revision } = run
  const spanId = spanIdsOf({ namespace, runId, page: 0, revision }).root
  return { runId, exportName, traceId: run.traceIds[0] ?? '', spanId }
}

/** The same of a run that was killed. Only the name of one that did get there may be told. */
function rootOfKilled(
  run: RunOutcome | SkippedRun,
  { left, namespace = '' }: ExportAfterOptions,
): RunLeft | undefined {
  if (!('traceIds' in run) || run.subject !== 'interrupted' || !isThere(run)) return undefined
  const { runId, exportName } = run
  if (left?.killed.has(runId) !== true) return undefined
  const { traceId, root } = interruptedIdsOf({ namespace, runId })
  return { runId, exportName, traceId, spanId: root }
}

/** The name of a program may say as much as that of a run. */
function shownProgram(program: string, redaction: RedactionPolicy | undefined): string {
  const shown = () => textRedactorOf(redaction)().text(program)
  if ((redaction?.patterns?.length ?? 0) === 0) return shown()
  return within(LONGEST_REDACTION_MS, shown) ?? '[redacted]'
}

/** Where nobody answered, or was to be asked, for a run, nobody is asked for the span. */
function unansweredOf(run: RunOutcome | SkippedRun): readonly string[] {
  if (!('traceIds' in run)) return []
  const { failure, problems } = run
  return failure === 'unreachable' || failure === 'stopped' ? problems.slice(0, 1) : []
}

async function sendOne(
  page: TracePage,
  delivery: Delivery,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (signal?.aborted) return 'there was no more time'
  async function* pages() {
    yield page
  }
  for await (const { problem } of delivery.send(pages()))
    if (problem !== undefined) return withoutConnectionSecrets(problem.message)
  return undefined
}
