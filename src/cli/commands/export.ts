/** `rivet-otel export`: runs go out as traces, and on request they are read back and compared. */
import { exportRuns } from '../../bridge/export-runs.js'
import { openSource } from '../../bridge/open-place.js'
import { withRunIds } from '../../bridge/run-reference.js'
import { runsOf } from '../../bridge/runs-of.js'
import type { ExportSummary } from '../../bridge/summary.js'
import { resourceFromEnvironment } from '../../mapping/resource.js'
import type { JournalSource, Selection } from '../../sources/source.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { ExportReport } from '../export-report.js'
import { refuseUnknownNames } from '../known-names.js'
import { type LedgerOptions, remembered } from '../ledger-options.js'
import { namespaceOf, type ReadingOptions, readingLocation } from '../places.js'
import {
  checkReadBackOptions,
  ReadBack,
  type ReadBackOptions,
  targetOptions,
} from '../read-back.js'
import { type RedactionOptions, redactionPolicy } from '../redaction-options.js'
import { type SelectionOptions, toSelection } from '../run-selection.js'
import { serverAccess } from '../server-options.js'
import { openTarget } from '../target.js'
import type { Terminal } from '../terminal.js'
import { threadsOf } from '../threads-option.js'
import { sayUnsent } from '../unsent-runs.js'
import type { VerifyReport } from '../verify-report.js'

/** The options of `export`, as they stand on the command line. */
export type ExportCommandOptions = ReadingOptions &
  SelectionOptions &
  ReadBackOptions &
  LedgerOptions &
  RedactionOptions & { readonly threads?: string }

/**
 * Sends the runs and says what became of them.
 *
 * @throws {RivetOtelError} for wrong use, and where the source or the target cannot be used at all.
 * @example
 * await exportTraces({ all: true, to: 'http://localhost:4318' }, terminal)
 */
export async function exportTraces(
  options: ExportCommandOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  checkReadBackOptions(options)
  const opening = { stdin: terminal.stdin, server: serverAccess({}, terminal) }
  const source = await openSource(readingLocation(options, terminal), opening)
  try {
    return await exportFrom(source, options, terminal)
  } finally {
    await source.close()
  }
}

async function exportFrom(
  source: JournalSource,
  options: ExportCommandOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const selection = await withRunIds(runsOf(source), toSelection(options, Date.now()))
  const resource = resourceFromEnvironment(terminal.env)
  const namespace = namespaceOf(options, terminal)
  const redaction = redactionPolicy(options, terminal)
  const target = await openTarget(targetOptions(options), terminal)
  const threads = threadsOf(options.threads, target)
  const delivery = await remembered(target, options, terminal)
  const keepsNames = options.verify !== undefined || hasNames(selection)
  const report = new ExportReport({ ...options, keepsNames }, terminal, source.location)
  let readBack: ReadBack | undefined
  let summary: ExportSummary
  try {
    readBack = await ReadBack.plan(options, target.file, terminal)
    const to = { delivery, namespace, resource, redaction }
    summary = await exportRuns({
      ...{ source, selection, ...to },
      ...(threads === undefined ? {} : { threads }),
      onRun: (run) => report.add(run),
      onTrace: (trace) => report.addTrace(trace),
    })
  } finally {
    await delivery.close()
  }
  let verified: VerifyReport | undefined
  try {
    verified = await readBack?.verify(source, report.names, redaction)
  } finally {
    const verdicts = verified === undefined ? {} : { verified: verified.json() }
    await report.print(summary, delivery.location, verdicts)
  }
  if (!options.json) await verified?.print()
  await sayUnsent(source, selection, terminal)
  await refuseUnknownNames(source, namesOf(selection), report.names)
  const code = exitCodeOfSummary(summary)
  return code === ExitCode.DONE && verified?.isAllWell === false ? ExitCode.NOT_ALL_WELL : code
}

function hasNames({ runIds, exports }: Selection): boolean {
  return runIds !== undefined || exports !== undefined
}

/** An unknown name is an error; a known one that the other conditions leave out is not. */
function namesOf({ runIds, exports }: Selection): Selection {
  return { ...(runIds ? { runIds } : {}), ...(exports ? { exports } : {}) }
}

function exitCodeOfSummary(summary: ExportSummary): ExitCodeValue {
  const { runs, interrupted, loads, besideFailed = 0, unreachable } = summary
  if (unreachable) return ExitCode.UNREACHABLE
  const failedOthers = (interrupted?.failed ?? 0) + (loads?.failed ?? 0) + besideFailed
  return runs.failed + runs.unreadable + (runs.refused ?? 0) + failedOthers > 0
    ? ExitCode.NOT_ALL_WELL
    : ExitCode.DONE
}
