/**
 * Which runs of those that came back from traces are wanted.
 */
import { fieldsOf } from '../journal/events.js'
import { runEnd } from '../journal/run-end.js'
import { type JournalEntry, RunJournal } from '../journal/run-journal.js'
import { parseTimestamp } from '../journal/timestamp.js'
import { traceIdOf } from '../mapping/ids.js'
import { type ImportedRun, isWhole } from '../mapping/imported-run.js'
import type { InterruptedTrace } from '../mapping/interrupted-trace.js'
import { asksForTime, endedInTime, type RunPlace, wantsRun } from '../sources/selection.js'
import type { Selection } from '../sources/source.js'

/** Which runs are wanted, from wherever. Every condition that is given must hold. */
export interface RunSelection extends Selection {
  /** Only runs that ended so: `success`, `failed`, `skipped` or something later. */
  readonly statuses?: readonly string[]
  /**
   * Only runs that have a page in one of these traces, or whose run_id leads there: 32 lower-case
   * hexadecimal digits each.
   */
  readonly traceIds?: readonly string[]
}

/**
 * Whether a run that came back is wanted, `last` aside. What is not known about a broken one does
 * not exclude it.
 *
 * @example
 * wantsImportedRun({ statuses: ['failed'] }, run)
 */
export function wantsImportedRun(selection: RunSelection, run: ImportedRun): boolean {
  const { statuses, traceIds } = selection
  if (!wantsRun(selection, run.runId, run.exportName === '' ? undefined : run.exportName))
    return false
  if (traceIds !== undefined && !tracesOf(run).some((id) => traceIds.includes(id))) return false
  const journal = journalOf(run)
  if (statuses !== undefined && !hasStatus(journal, statuses, isWhole(run))) return false
  if (!asksForTime(selection)) return true
  const ended = runEnd(journal)
  return ended === undefined || endedInTime(selection, ended)
}

/** A run that is joined to another trace has only its signpost where its run_id leads. */
function tracesOf({ namespace, runId, traceIds }: ImportedRun): string[] {
  return [...traceIds, traceIdOf({ namespace, runId, page: 0 })]
}

/**
 * Whether a run that was killed and left a trace is wanted, `last` aside.
 *
 * @example
 * wantsInterrupted({ statuses: ['failed'] }, trace) // false
 */
export function wantsInterrupted(selection: RunSelection, trace: InterruptedTrace): boolean {
  const { statuses, traceIds } = selection
  return (
    wantsRun(selection, trace.runId, trace.exportName) &&
    (traceIds === undefined || traceIds.includes(trace.traceId)) &&
    (statuses === undefined || statuses.includes('interrupted')) &&
    endedInTime(selection, trace.noticedUnixNano ?? trace.startUnixNano)
  )
}

/**
 * Whether a run ended in one of these ways.
 *
 * @param isWhole whether the journal is all there is of it; a part without an outcome may be anything
 * @example
 * hasStatus(journal, ['failed'], true)
 */
export function hasStatus(
  journal: RunJournal,
  statuses: readonly string[],
  isWhole: boolean,
): boolean {
  const status = fieldsOf(journal.finalOutcome()?.event ?? '', 'RunCompleted')?.status
  return status === undefined ? !isWhole : statuses.includes(status)
}

/**
 * Where a run that came back stands among others.
 *
 * @example
 * runs.map(placeOf).sort(oldestFirst)
 */
export function placeOf(run: ImportedRun): RunPlace & { readonly run: ImportedRun } {
  return { run, runId: run.runId, endedUnixNano: runEnd(journalOf(run)) }
}

/**
 * A run with no more of its journal than a selection asks for: its outcome, and the entry that says when
 * it ended. It is for those who have put the journal elsewhere.
 *
 * @example
 * wantsImportedRun(selection, inShort(run)) === wantsImportedRun(selection, run) // true
 */
export function inShort(run: ImportedRun): ImportedRun {
  const whole = journalOf(run)
  const asked = [latestOf(whole), whole.finalOutcome()].filter((entry) => entry !== undefined)
  const journal = new RunJournal(whole.run_id, whole.export_name, asked)
  return isWhole(run) ? { ...run, journal } : { ...run, fragment: journal }
}

function latestOf({ entries }: RunJournal): JournalEntry | undefined {
  let latest = entries[0]
  for (const entry of entries) {
    if (latest !== undefined && isLater(entry.recorded_at, latest.recorded_at)) latest = entry
  }
  return latest
}

function isLater(a: string, b: string): boolean {
  if (a.length === b.length && isInTextOrder(a) && isInTextOrder(b)) return a > b
  return parseTimestamp(a).unixNano > parseTimestamp(b).unixNano
}

/** Whether a timestamp is one of those whose order is that of their texts, where these are as long. */
function isInTextOrder(timestamp: string): boolean {
  return (
    timestamp.charCodeAt(0) >= DIGIT_0 &&
    timestamp.charCodeAt(0) <= DIGIT_9 &&
    timestamp.charAt(10) === 'T' &&
    // Not a leap second.
    timestamp.charAt(17) !== '6' &&
    timestamp.endsWith('Z')
  )
}

const DIGIT_0 = 0x30
const DIGIT_9 = 0x39

function journalOf(run: ImportedRun): RunJournal {
  return isWhole(run) ? run.journal : run.fragment
}
