/** What journal spans say about their run: each of them which run it is, the root what it was. */
import { fieldsOf } from '../journal/events.js'
import type { RunJournal } from '../journal/run-journal.js'
import type { SpanStatus } from '../trace/trace.js'
import { type AttributesInTheMaking, isShort, putJson, putText } from './attributes.js'
import { ERROR_TYPE } from './conventions.js'
import { errorType, putRunFacts, runStatus } from './run-facts.js'

/** What tells a run from others, beside its journal. */
export interface RunNames {
  readonly namespace: string
  readonly revision: number
}

/** What the root says that is not in the journal. */
export interface RunCounts {
  readonly pages: number
  /** Of the journal that is sent. */
  readonly digest: string
  /** What was taken out of it; `undefined` where nothing was. */
  readonly redaction: string | undefined
}

/**
 * The attributes of every journal span: which run it belongs to.
 *
 * @example
 * runAttributes(journal, { namespace: '', revision: 0 })['rivet.run.revision'] // 0
 */
export function runAttributes(
  { run_id, export_name }: Pick<RunJournal, 'run_id' | 'export_name'>,
  { namespace, revision }: RunNames,
): AttributesInTheMaking {
  const attributes: AttributesInTheMaking = {}
  if (isShort(run_id) && isShort(export_name)) {
    attributes['rivet.run.id'] = run_id
    attributes['rivet.export.name'] = export_name
  } else {
    putText(attributes, 'rivet.run.id', run_id)
    putText(attributes, 'rivet.export.name', export_name)
  }
  attributes['rivet.run.revision'] = revision
  if (namespace !== '') putText(attributes, 'rivet.run.namespace', namespace)
  return attributes
}

/**
 * Writes what the root of page 0 says about the whole run.
 *
 * @example
 * putRun(attributes, journal, { pages: 1, digest: journalDigest(journal), redaction: undefined })
 */
export function putRun(
  attributes: AttributesInTheMaking,
  journal: RunJournal,
  { pages, digest, redaction }: RunCounts,
): void {
  attributes['rivet.trace.pages'] = pages
  attributes['rivet.journal.entries'] = journal.entries.length
  attributes['rivet.journal.digest'] = digest
  if (redaction !== undefined) putText(attributes, 'rivet.journal.redaction', redaction)
  if (Object.keys(journal.extra).length > 0) {
    putJson(attributes, 'rivet.journal.unknown_members', journal.extra)
  }
  putRunFacts(attributes, journal)
}

/**
 * Writes the type of the error that a run failed with, and gives the status of its root; `undefined`
 * where it did not fail.
 *
 * @example
 * putRunStatus(attributes, journal)?.message // 'division by zero'
 */
export function putRunStatus(
  attributes: AttributesInTheMaking,
  journal: RunJournal,
): SpanStatus | undefined {
  const status = runStatus(journal)
  if (status === undefined) return undefined
  const outcome = fieldsOf(journal.finalOutcome()?.event ?? '', 'RunCompleted')
  attributes[ERROR_TYPE] = errorType(outcome?.error_message ?? '')
  return status
}
