/**
 * What goes out after a command: the runs that it left, then the command's own span, with a link to
 * each of them.
 *
 * The runs go as in any export. The span is no run: no ledger knows it, and it is sent once.
 */
import type { Delivery } from '../../delivery/delivery.js'
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { type ExecutedCommand, execToTrace, type RunLeft } from '../../mapping/exec-span.js'
import { interruptedIdsOf, spanIdsOf } from '../../mapping/ids.js'
import type { TracePage } from '../../mapping/page.js'
import { runPeriod } from '../../mapping/run-period.js'
import { EntryTimes } from '../../mapping/times.js'
import { type ExportOptions, exportRuns } from '../export-runs.js'
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
  readonly runs: readonly (RunOutcome | SkippedRun)[]
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
  const { left, command, namespace = '', signal } = options
  const runs: (RunOutcome | SkippedRun)[] = []
  const begunAfter = new Set<string>()
  if (left !== undefined && left.runIds.length > 0) {
    await exportRuns({
      ...commonOptions(options),
      source: left.database,
      selection: { runIds: left.runIds },
      ...(command === undefined ? {} : { wrapper: wrapperOf(command, options.isJoined) }),
      onJournal: (journal, isElsewhere) => {
        // In its own trace is only a signpost then, and the command around it has the link.
        if (isElsewhere || command === undefined) return
        if (startOf(journal) >= command.startUnixNano) begunAfter.add(journal.run_id)
      },
      onRun: (run) => {
        runs.push(run)
        if (run.result === 'sent' || run.result === 'present') options.onProgress?.()
      },
    })
  }
  if (command === undefined) return { runs }
  const links = [
    ...runs.flatMap((run) => rootOf(run, namespace, begunAfter) ?? []),
    ...rootsOfKilled(left, runs, namespace),
  ]
  const page = execToTrace(command, links, commonOptions(options))
  const inVain = runs.flatMap((run) => ('traceIds' in run ? unansweredOf(run) : []))[0]
  const problem = inVain ?? (await sendOne(page, options.direct, signal))
  return { runs, span: { page, ...(problem === undefined ? {} : { problem }) } }
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
  namespace: string,
  begunAfter: ReadonlySet<string>,
): RunLeft | undefined {
  if (!('traceIds' in run) || run.subject !== undefined || !begunAfter.has(run.runId))
    return undefined
  if (run.result !== 'sent' && run.result !== 'present') return undefined
  const { runId, exportName, revision } = run
  const spanId = spanIdsOf({ namespace, runId, page: 0, revision }).root
  return { runId, exportName, traceId: run.traceIds[0] ?? '', spanId }
}

/** Of a run that was killed it is told only where it did not get there. */
function rootsOfKilled(
  left: RunsLeft | undefined,
  runs: ExportedAfter['runs'],
  namespace: string,
): RunLeft[] {
  const lost = new Set(runs.map(({ runId }) => runId))
  const there = left?.killed.filter(({ runId }) => !lost.has(runId)) ?? []
  return there.map(({ runId, exportName }) => {
    const { traceId, root } = interruptedIdsOf({ namespace, runId })
    return { runId, exportName, traceId, spanId: root }
  })
}

/** Where nobody answered, or was to be asked, for a run, nobody is asked for the span. */
function unansweredOf({ failure, problems }: RunOutcome): readonly string[] {
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
