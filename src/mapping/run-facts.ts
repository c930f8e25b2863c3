/**
 * What the root span says about a run for people and for search. The importer never reads it.
 *
 * Unknown is absent, never 0: a number stands only where the journal says it.
 */
import { fieldsOf } from '../journal/events.js'
import { runFacts } from '../journal/run-facts.js'
import type { RunJournal } from '../journal/run-journal.js'
import type { SpanStatus } from '../trace/trace.js'
import { StatusCode } from '../trace/trace.js'
import { type AttributesInTheMaking, otlpInteger, putText, splitText } from './attributes.js'
import { ERROR_TYPE_OTHER } from './conventions.js'
import { putShortPlan } from './frequent-fields.js'

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
  if (outcome !== undefined) {
    putText(attributes, 'rivet.run.status', outcome.status)
    attributes['rivet.run.duration_ms'] = otlpInteger(outcome.duration_ms)
  }
  if (facts.rows !== undefined) attributes['rivet.run.rows'] = otlpInteger(facts.rows)
  if (files.length > 0) attributes['rivet.run.files'] = files.length
  if (facts.bytes !== undefined) attributes['rivet.run.bytes'] = otlpInteger(facts.bytes)
  if (facts.chunks !== undefined) attributes['rivet.run.chunks'] = facts.chunks
  attributes['rivet.run.retries'] = facts.retries
  if (facts.longestChunkMs !== undefined)
    attributes['rivet.run.longest_chunk_ms'] = facts.longestChunkMs
  attributes['rivet.run.quality_issues'] = facts.qualityIssues
  attributes['rivet.run.schema_changes'] = facts.schemaChanges
  attributes['rivet.run.warnings'] = facts.warnings
  if (facts.validated !== undefined) attributes['rivet.run.validated'] = facts.validated
  if (facts.reconciled !== undefined) attributes['rivet.run.reconciled'] = facts.reconciled
  const plan = journal.planSnapshot()
  if (plan !== undefined) putShortPlan(attributes, plan)
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
