/**
 * Two runs side by side: what of the later one is not as in the earlier one.
 *
 * What a run does not say is shown as a difference of what is known, and listed as not compared.
 */
import { diffChunks } from './diff-chunks.js'
import { diffFailures } from './diff-failures.js'
import { diffPlans } from './diff-plan.js'
import { formatBytes, formatCount, formatDuration } from './quantities.js'
import type { Difference, NotCompared, RunDiff, Subject } from './run-diff.js'
import type { Count, RunSummary, RunView } from './run-view.js'

/** A number that two runs may differ in. */
export interface Quantity {
  readonly subject: Subject
  readonly label: string
  readonly of: (summary: RunSummary) => Count | null
  readonly words: (value: bigint) => string
}

/**
 * The numbers in which runs are compared, in the order in which they are shown.
 *
 * @example
 * QUANTITIES.map(({ label }) => label) // ['rows', 'bytes', …]
 */
export const QUANTITIES: readonly Quantity[] = [
  { subject: 'duration', label: 'duration', of: (run) => run.duration_ms, words: formatDuration },
  { subject: 'rows', label: 'rows', of: (run) => run.rows, words: formatCount },
  { subject: 'bytes', label: 'bytes', of: (run) => run.bytes, words: formatBytes },
  { subject: 'files', label: 'files', of: (run) => run.files, words: formatCount },
  { subject: 'chunks', label: 'chunks', of: (run) => run.chunks, words: formatCount },
  {
    subject: 'longest_chunk',
    label: 'longest chunk',
    of: (run) => run.longest_chunk_ms,
    words: formatDuration,
  },
  { subject: 'retries', label: 'retries', of: (run) => run.retries, words: formatCount },
]

/** The runs of an export that lie between two of its runs. */
export interface RunsBetween {
  /** Those that are known, the oldest first. */
  readonly runs: readonly RunView[]
  /** Why there may be others, a sentence without its dot; `null` where there are none. */
  readonly unknown: string | null
}

const NOTHING_BETWEEN: RunsBetween = { runs: [], unknown: null }

/**
 * Compares two runs: `a` is the one before, `b` the one after.
 *
 * rivet records how a schema differs from that of the run before. So what changed from `a` to `b` is what
 * the runs after `a` up to `b` recorded. Where one of them may be unknown, the changes that are known are
 * differences all the same, and the schema is listed as not compared beside them.
 *
 * @param between nothing by default
 * @example
 * diffRuns(yesterday, today).differences.map(({ label }) => label) // ['rows', 'duration']
 */
export function diffRuns(a: RunView, b: RunView, between = NOTHING_BETWEEN): RunDiff {
  const [knownA, knownB] = [wholeOf(a), wholeOf(b)]
  const plans = diffPlans(knownA, knownB)
  const quantities = QUANTITIES.flatMap((of) => differenceOf(of, knownA.summary, knownB.summary))
  return {
    a: a.summary,
    b: b.summary,
    remarks: remarksOn(a, b),
    differences: [
      ...differenceOfTexts('status', 'status', knownA.summary.status, knownB.summary.status),
      ...plans.differences,
      ...schemaChanges(knownA, knownB, between),
      ...quantities,
      ...besides(knownA, knownB),
    ],
    not_compared: [
      ...unknownTexts(knownA, knownB, between),
      ...plans.notCompared,
      ...QUANTITIES.flatMap((of) => unknownQuantity(of, knownA.summary, knownB.summary)),
    ],
    chunks: diffChunks(knownA.attempts, knownB.attempts),
    failures: diffFailures(knownA, knownB),
  }
}

/** Nothing follows from a run that did not come back whole: its numbers are not the run's. */
function wholeOf(view: RunView): RunView {
  if (!isBroken(view)) return view
  const { plan: _, ...others } = view
  const nothing = { status: null, duration_ms: null, rows: null, bytes: null, files: null }
  const { summary } = view
  return {
    ...others,
    summary: { ...summary, ...nothing, chunks: null, retries: null, longest_chunk_ms: null },
    attempts: [],
    degraded: [],
    planned: [],
    error: null,
  }
}

function isBroken({ incomplete, summary }: RunView): boolean {
  return incomplete !== null && summary.journal
}

function remarksOn(a: RunView, b: RunView): string[] {
  const { export_name: exportA, started_at: startA } = a.summary
  const { export_name: exportB, started_at: startB } = b.summary
  const isBackwards = startA !== null && startB !== null && startB < startA
  return [
    ...(exportA === exportB ? [] : [`A is of export ${exportA}, B of export ${exportB}`]),
    ...(isBackwards ? ['B ran before A'] : []),
    ...[a, b].flatMap((view, i) => remarkOn(view, i === 0 ? 'A' : 'B')),
  ]
}

function remarkOn(view: RunView, name: string): string[] {
  const { journal, status, redaction } = view.summary
  if (isBroken(view)) return [`${name} did not come back whole, so that nothing follows from it`]
  if (!journal)
    return [`${name} left no journal (${status ?? 'no status'}), so that little is known`]
  return redaction === undefined ? [] : [`${name} is redacted: ${redaction.replaceAll(',', ', ')}`]
}

function differenceOf({ subject, label, of, words }: Quantity, a: RunSummary, b: RunSummary) {
  const [inA, inB] = [of(a), of(b)].map((count) => (count === null ? null : BigInt(count)))
  if (inA === undefined || inB === undefined || inA === inB) return []
  const change =
    inA === null || inB === null || inA === 0n ? null : Number(inB - inA) / Math.abs(Number(inA))
  const texts = { a: inA === null ? null : words(inA), b: inB === null ? null : words(inB) }
  return [{ subject, label, ...texts, change }]
}

function differenceOfTexts(
  subject: Subject,
  label: string,
  a: string | null,
  b: string | null,
): Difference[] {
  return a === b ? [] : [{ subject, label, a, b, change: null }]
}

/** A run that came before the other counts as before it, whichever is `a`. */
function schemaChanges(a: RunView, b: RunView, between: RunsBetween): Difference[] {
  const isSameRun = a.summary.run_id === b.summary.run_id
  if (isSameRun || a.summary.export_name !== b.summary.export_name) return []
  const isBackwards = (b.summary.started_at ?? '') < (a.summary.started_at ?? '')
  const changes = [...between.runs, isBackwards ? a : b].flatMap(({ degraded }) =>
    degraded.filter(({ label }) => label === 'schema'),
  )
  return changes.map(({ text }) => ({
    subject: 'schema',
    label: 'schema',
    a: isBackwards ? text : '',
    b: isBackwards ? '' : text,
    change: null,
  }))
}

/** Why there may be other changes of the schema than those that are known. */
function whyNoSchema(a: RunView, b: RunView, between: RunsBetween): string | undefined {
  const why = whyUnknown(hasContents(a), hasContents(b))
  if (why !== undefined) return why
  if (a.summary.export_name !== b.summary.export_name) return 'they are of two exports'
  if (between.unknown !== null) return between.unknown
  return between.runs.some(isBroken) ? 'a run between them did not come back whole' : undefined
}

/** The source, where it was written to and the version of rivet: only what both say can differ. */
function besides(a: RunView, b: RunView): Difference[] {
  const inB = new Map(b.beside.map(({ label, text }) => [label, text]))
  return a.beside.flatMap(({ label, text }) => {
    const other = inB.get(label)
    if (other === undefined || label === 'went on with') return []
    return differenceOfTexts('beside', label, text, other)
  })
}

function unknownTexts(a: RunView, b: RunView, between: RunsBetween): NotCompared[] {
  const reasons: readonly [Subject, string | undefined][] = [
    ['status', whyUnknown(a.summary.status !== null, b.summary.status !== null)],
    ['plan', whyUnknown(a.plan !== undefined, b.plan !== undefined)],
    ['schema', whyNoSchema(a, b, between)],
    ['failures', whyUnknown(hasContents(a), hasContents(b))],
  ]
  return reasons.flatMap(([subject, why]) =>
    why === undefined ? [] : [{ subject, label: subject, why }],
  )
}

function hasContents(view: RunView): boolean {
  return view.summary.journal && view.incomplete === null
}

function unknownQuantity({ subject, label, of }: Quantity, a: RunSummary, b: RunSummary) {
  const why = whyUnknown(of(a) !== null, of(b) !== null)
  // A whole run without chunks is known to have none, and no longest one.
  const isOfChunks = subject === 'chunks' || subject === 'longest_chunk'
  const haveNone = [a, b].every((run) => run.journal && run.retries !== null && run.chunks === null)
  return why === undefined || (isOfChunks && haveNone) ? [] : [{ subject, label, why }]
}

function whyUnknown(isInA: boolean, isInB: boolean): string | undefined {
  if (isInA && isInB) return undefined
  if (isInA) return 'B does not say it'
  return isInB ? 'A does not say it' : 'neither run says it'
}
