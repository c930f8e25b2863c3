/** What is said about an import: what is wrong with each run, and the sum at the end. */
import type { ImportResult } from '../bridge/import-runs.js'
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { type ImportedRun, revisionName } from '../mapping/imported-run.js'
import type { Terminal } from './terminal.js'
import { jsonLine, printable } from './view/printable.js'

/** The options about the report, as they stand on the command line. */
export interface ImportReportOptions {
  readonly json?: boolean
  readonly includeRedacted?: boolean
}

/**
 * Says what is wrong, and prints the report as JSON or says the sum.
 *
 * @param places where the traces were read, and the file that the journals are in, if they are in one
 * @example
 * await reportImport(await importRuns(traces), { from: traces.location, to: undefined }, {}, terminal)
 */
export async function reportImport(
  result: ImportResult,
  { from, to }: { readonly from: string; readonly to: string | undefined },
  options: ImportReportOptions,
  terminal: Terminal,
): Promise<void> {
  for (const { where, problem } of result.problems)
    terminal.say(`${printable(`${from} ${where}`.trim())}: ${printable(problem)}`)
  for (const problem of result.unseen) terminal.say(`${printable(from)}: ${printable(problem)}`)
  for (const run of result.runs) sayWhatIsWrong(run, options, terminal)
  sayRepeatedNames(result.runs, terminal)
  if (options.json) await terminal.print(jsonLine(jsonReport(result)))
  else terminal.say(summaryLine(result, from, to))
}

function sayWhatIsWrong(run: ImportedRun, options: ImportReportOptions, terminal: Terminal): void {
  for (const other of run.otherRevisions) {
    terminal.say(
      `${printable(run.runId)}: ${revisionName(other)} is there too (${other.status}); this is ${revisionName(run)}`,
    )
  }
  if (run.status === 'exact') return
  terminal.say(`${printable(run.runId)}: ${run.status}`)
  for (const reason of run.reasons) terminal.say(`  ${printable(reason)}`)
  if (run.status === 'redacted' && !options.includeRedacted)
    terminal.say('  it is not written; --include-redacted writes it as it was sent')
}

/** One run_id may be sent with several namespaces; journals have none, so they cannot be told apart. */
function sayRepeatedNames(runs: readonly ImportedRun[], terminal: Terminal): void {
  const namespaces = new Map<string, string[]>()
  for (const { runId, namespace } of runs)
    namespaces.set(runId, [...(namespaces.get(runId) ?? []), namespace === '' ? 'none' : namespace])
  for (const [runId, names] of namespaces) {
    if (names.length === 1) continue
    terminal.say(
      `${printable(runId)} is there with ${names.length} namespaces (${names.map(printable).join(', ')}); --namespace takes one of them`,
    )
  }
}

function jsonReport({ runs, interrupted, problems, unseen, spans }: ImportResult): object {
  return {
    runs: runs.map((run) => ({
      run_id: run.runId,
      export_name: run.exportName,
      namespace: run.namespace,
      revision: run.revision,
      ...(run.live === undefined ? {} : { live: run.live }),
      status: run.status,
      ...(run.status === 'redacted' ? { redaction: run.redaction } : {}),
      trace_ids: run.traceIds,
      reasons: run.status === 'exact' ? [] : run.reasons,
      other_revisions: run.otherRevisions,
    })),
    interrupted: interrupted.map(({ runId, namespace, traceId }) => ({
      run_id: runId,
      namespace,
      trace_id: traceId,
    })),
    problems: problems.map(({ where, problem }) => ({
      where,
      problem: withoutConnectionSecrets(problem),
    })),
    unseen,
    spans,
  }
}

function summaryLine(
  { runs, problems, spans }: ImportResult,
  from: string,
  to: string | undefined,
): string {
  const count = (status: ImportedRun['status']) =>
    runs.filter((run) => run.status === status).length
  const parts = [
    `${count('exact')} exact`,
    ...(['redacted', 'incomplete', 'differs'] as const).flatMap((status) =>
      count(status) > 0 ? [`${count(status)} ${status}`] : [],
    ),
  ]
  const unread = problems.length > 0 ? `, ${problems.length} unreadable` : ''
  const others = spans.other > 0 ? `; ${spans.other} other spans ignored` : ''
  return `runs: ${parts.join(', ')}${unread} (from ${printable(from)}${to === undefined ? '' : ` to ${printable(to)}`}${others})`
}
