/**
 * What the root span says about a run for people and for search. The importer never reads it.
 *
 * Unknown is absent, never 0: a number stands only where the journal says it.
 */
import { fieldsOf, type Integer } from '../journal/events.js'
import { runFacts } from '../journal/run-facts.js'
import type { RunJournal } from '../journal/run-journal.js'
import type { JsonObject } from '../json/lossless.js'
import type { SpanStatus } from '../trace/trace.js'
import { StatusCode } from '../trace/trace.js'
import { type AttributesInTheMaking, putInteger, putText, splitText } from './attributes.js'
import { ERROR_TYPE_OTHER } from './conventions.js'
import { FIELDS, putField } from './fields.js'

/** Plan fields that may be long, or that say what the span's name says. */
const NOT_ON_THE_ROOT: readonly string[] = ['export_name', 'base_query', 'row_hash']

const RIVET_CODE = /\bRIVET_[A-Z0-9_]{1,100}\b/

/**
 * Writes the derived attributes of a run: totals, outcome and the short fields of its plan.
 *
 * @example
 * putRunFacts(attributes, journal)
 * attributes['rivet.run.longest_chunk_ms'] // 193
 */
export function putRunFacts(attributes: AttributesInTheMaking, journal: RunJournal): void {
  const facts = runFacts(journal)
  const { outcome, files } = facts
  const put = (name: string, value: Integer | undefined) => {
    if (value !== undefined) putInteger(attributes, `rivet.run.${name}`, value)
  }
  if (outcome !== undefined) putText(attributes, 'rivet.run.status', outcome.status)
  put('duration_ms', outcome?.duration_ms)
  put('rows', facts.rows)
  put('files', files.length > 0 ? files.length : undefined)
  put('bytes', facts.bytes)
  put('chunks', facts.chunks)
  put('retries', facts.retries)
  put('longest_chunk_ms', facts.longestChunkMs)
  put('quality_issues', facts.qualityIssues)
  put('schema_changes', facts.schemaChanges)
  put('warnings', facts.warnings)
  if (facts.validated !== undefined) attributes['rivet.run.validated'] = facts.validated
  if (facts.reconciled !== undefined) attributes['rivet.run.reconciled'] = facts.reconciled
  putPlan(attributes, journal)
}

/**
 * The status of the root: ERROR with the message when the run failed, else unset.
 *
 * The message is cut at 2,048 bytes of UTF-8; the whole text is in the run's event.
 *
 * @example
 * runStatus(journal) // { code: StatusCode.ERROR, message: 'RIVET_IO: disk full' }
 */
export function runStatus(journal: RunJournal): SpanStatus | undefined {
  const outcome = fieldsOf(journal.finalOutcome()?.event ?? '', 'RunCompleted')
  return outcome?.status === 'failed' ? errorStatus(outcome.error_message ?? '') : undefined
}

/**
 * The status of something that failed with this message.
 *
 * The message is cut like that of {@link runStatus}.
 *
 * @example
 * errorStatus('disk full') // { code: StatusCode.ERROR, message: 'disk full' }
 */
export function errorStatus(message: string): SpanStatus {
  return message === ''
    ? { code: StatusCode.ERROR }
    : { code: StatusCode.ERROR, message: splitText(message)[0] ?? '' }
}

/**
 * `error.type` for a message: the `RIVET_…` code in it, else `_OTHER` (OpenTelemetry's fallback).
 *
 * @example
 * errorType('RIVET_IO: disk full') // 'RIVET_IO'
 */
export function errorType(message: string): string {
  return RIVET_CODE.exec(message)?.[0] ?? ERROR_TYPE_OTHER
}

function putPlan(attributes: AttributesInTheMaking, journal: RunJournal): void {
  const plan = journal.planSnapshot() as JsonObject | undefined
  if (plan === undefined) return
  for (const field of FIELDS.PlanResolved) {
    const value = plan[field.name]
    if (value === undefined || value === null || NOT_ON_THE_ROOT.includes(field.name)) continue
    putField(attributes, field, value)
  }
}
