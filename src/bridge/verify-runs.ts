/**
 * The proof of delivery: runs are read back from where they were sent and compared with their
 * journals, entry for entry. That a server said 200 proves nothing.
 */
import type { SpanStream, TraceBackend } from '../backends/backend.js'
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { canonicalEntry, journalDigest } from '../journal/digest.js'
import { kindOf } from '../journal/events.js'
import type { RedactedJournal, RedactionPolicy } from '../journal/redaction.js'
import type { RunJournal } from '../journal/run-journal.js'
import { traceIdOf } from '../mapping/ids.js'
import { type ImportedRun, isWhole, revisionName } from '../mapping/imported-run.js'
import type { JournalSource, Selection, UnreadableItem } from '../sources/source.js'
import { fetchRun } from './fetch-run.js'
import { importRuns } from './import-runs.js'
import { inOrder, READS_UNDER_WAY } from './in-order.js'
import { gateFor } from './outgoing-run.js'
import { Patience } from './patience.js'

/** What is compared with what. */
export interface VerifyOptions {
  readonly source: JournalSource
  readonly selection: Selection
  /** Where the runs were sent, as it is read. */
  readonly traces: SpanStream | TraceBackend
  /** The namespace that they were sent with; default `''`. */
  readonly namespace?: string
  /** How long runs are waited for that are not there yet, or not whole, in ms, all together; default 0. */
  readonly waitMs?: number
  /** What was taken out of the journals when they were sent; passwords always are. */
  readonly redaction?: RedactionPolicy
}

/** What the comparison says of one run. */
export interface RunVerdict {
  readonly kind: 'verdict'
  readonly runId: string
  readonly exportName: string
  /**
   * `exact`: the same journal; `redacted`: the same journal by the same redaction; `incomplete`: parts are missing; `differs`: another journal, or one
   * that was cut or changed; `missing`: nothing of it is there; `empty`: a journal without entries is
   * never sent, so there is nothing to verify.
   */
  readonly result: 'exact' | 'redacted' | 'incomplete' | 'differs' | 'missing' | 'empty'
  /**
   * The trace that its run_id leads to, which has its first page, or the signpost of a run that is
   * joined to another: 32 lower-case hexadecimal digits.
   */
  readonly traceId: string
  /** Why it is not exact, or what is to be known although it is, one sentence each. */
  readonly reasons: readonly string[]
}

/** How many entries that differ are named one by one. */
const NAMED_AT_MOST = 5

/**
 * Verifies runs, oldest first, in the order of the source; what the source cannot read comes as it is.
 *
 * @throws {RivetOtelError} where the source or the traces cannot be read at all.
 * @example
 * for await (const run of verifyRuns({ source, selection: { last: 5 }, traces: openTempo(settings) }))
 *   console.log(run)
 */
export async function* verifyRuns(
  options: VerifyOptions,
): AsyncGenerator<RunVerdict | UnreadableItem> {
  const { source, selection, namespace = '' } = options
  const outgoing = gateFor(options.redaction)
  const { find, finished } = finderIn(options)
  const verify = async (original: RunJournal, signal: AbortSignal): Promise<RunVerdict> => {
    const sent = outgoing(original)
    if (sent.kind === 'refused') {
      const { runId, exportName, problem } = sent
      const traceId = traceIdOf({ namespace, runId, page: 0 })
      const reasons = [`it is never sent: ${problem}`]
      return { kind: 'verdict', runId, exportName, traceId, result: 'missing', reasons }
    }
    const { journal } = sent
    const { run_id: runId, export_name: exportName } = journal
    const traceId = traceIdOf({ namespace, runId, page: 0 })
    const about = { kind: 'verdict', runId, exportName, traceId } as const
    if (journal.entries.length === 0) return { ...about, result: 'empty', reasons: [] }
    const expected = { ...sent, digest: journalDigest(journal) }
    return { ...about, ...compare(expected, await find(expected, signal)) }
  }
  yield* inOrder(source.read(selection), READS_UNDER_WAY, async (item, signal) =>
    item.kind === 'journal' ? verify(item.journal, signal) : withoutSecrets(item),
  )
  await finished()
}

function withoutSecrets(item: UnreadableItem): UnreadableItem {
  const { where, problem } = item
  return {
    ...item,
    where: withoutConnectionSecrets(where),
    problem: withoutConnectionSecrets(problem),
  }
}

/** The journal that should have come back. */
interface Expected extends RedactedJournal {
  readonly digest: string
}

/** What came back under the name of a run, and what could not be read of its traces. */
interface Found {
  readonly run: ImportedRun | undefined
  readonly problems: readonly string[]
}

interface Finder {
  find(expected: Expected, signal: AbortSignal): Promise<Found>
  /** Once everything was looked for. */
  finished(): Promise<void>
}

function finderIn({ traces, namespace = '', waitMs = 0 }: VerifyOptions): Finder {
  if ('spans' in traces) {
    // A file is read once for all runs, and nothing of it is on its way.
    const all = importRuns(traces, { namespace }).then(({ runs, problems }) => ({
      byId: new Map(runs.map((run) => [run.runId, run])),
      problems: problems.map(({ where, problem }) =>
        withoutConnectionSecrets(`${where}: ${problem}`),
      ),
    }))
    all.catch(() => {})
    return {
      find: async ({ journal: { run_id } }) => ({
        run: (await all).byId.get(run_id),
        problems: (await all).problems,
      }),
      // Also where no run asked for it: traces that cannot be read are an error.
      finished: async () => void (await all),
    }
  }
  const patience = new Patience(waitMs)
  const find: Finder['find'] = async (expected, signal) => {
    const { runs, problems } = await patience.until(
      () => fetchRun(traces, { namespace, runId: expected.journal.run_id }),
      ({ runs: [run] }) => run !== undefined && revisionOf(expected, run) !== undefined,
      signal,
    )
    return { run: runs[0], problems: problems.map(withoutConnectionSecrets) }
  }
  return { find, finished: async () => {} }
}

/** The revision that is this very journal and lacks something only where this does, if any is. */
function revisionOf({ redaction, digest }: Expected, run: ImportedRun): number | undefined {
  const status = redaction === undefined ? 'exact' : 'redacted'
  if (isWhole(run) && run.status === status && run.digest === digest) return run.revision
  return run.otherRevisions.find(
    (other) => other.live === undefined && other.status === status && other.digest === digest,
  )?.revision
}

function compare(
  expected: Expected,
  { run, problems }: Found,
): Pick<RunVerdict, 'result' | 'reasons'> {
  const { journal: sent, redaction } = expected
  if (run === undefined) {
    const reason = `nothing of it is there${problems.length > 0 ? ', or nothing that can be read' : ''}`
    return { result: 'missing', reasons: [reason, ...problems.slice(0, NAMED_AT_MOST)] }
  }
  if (!isWhole(run)) {
    const differing = run.status === 'differs' ? differences(sent, run.fragment) : []
    return { result: run.status, reasons: [...run.reasons, ...differing, ...revisionsOf(run)] }
  }
  const revision = revisionOf(expected, run)
  if (revision !== undefined) {
    const reason = `it is there as revision ${revision}; revision ${run.revision} came after it and is what an import gives`
    const reasons = revision === run.revision ? [] : [reason]
    return { result: redaction === undefined ? 'exact' : 'redacted', reasons }
  }
  const found = run.status === 'redacted' ? run.redaction : undefined
  return {
    result: 'differs',
    reasons: [
      `another journal is there under this run_id, whole, as revision ${run.revision}`,
      ...(found === redaction
        ? []
        : [
            `it was redacted (${found ?? 'nothing'}), this is compared redacted (${redaction ?? 'nothing'})`,
          ]),
      ...differences(sent, run.journal),
      ...revisionsOf(run),
    ],
  }
}

function differences(sent: RunJournal, found: RunJournal): string[] {
  const reasons: string[] = []
  if (found.export_name !== sent.export_name) reasons.push('its export name is another one')
  if (found.entries.length !== sent.entries.length) {
    reasons.push(`it has ${found.entries.length} entries, the journal has ${sent.entries.length}`)
  }
  const differing = sent.entries.flatMap((entry, index) => {
    const other = found.entries[index]
    return other === undefined || canonicalEntry(entry) === canonicalEntry(other)
      ? []
      : [`entry ${index} (${kindOf(entry.event)}) is not as it was sent`]
  })
  const more = differing.length - NAMED_AT_MOST
  return [
    ...reasons,
    ...differing.slice(0, NAMED_AT_MOST),
    ...(more > 0 ? [`and ${more} more entries`] : []),
  ]
}

function revisionsOf({ otherRevisions }: ImportedRun): string[] {
  return otherRevisions.map((other) => `${revisionName(other)} is there too (${other.status})`)
}
