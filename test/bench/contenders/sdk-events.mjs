// An entry of a journal as name and attributes of an event, all its fields, for the plain SDK loop.

/**
 * @typedef {import('@opentelemetry/api').Attributes} Attributes
 * @typedef {import('./parsed-journal.mjs').Event} Event
 * @typedef {import('./parsed-journal.mjs').Plan} Plan
 */

const LONGEST_TEXT = 2048

/**
 * @param {Event} event
 * @param {number} index Its place in the journal.
 * @returns {{ name: string, attributes: Attributes }}
 */
export function eventAttributes(event, index) {
  if (event.FileWritten !== undefined) {
    const { file_name, rows, bytes, part_index } = event.FileWritten
    return {
      name: 'rivet.file_written',
      attributes: {
        'rivet.entry.index': index,
        'rivet.file.name': file_name,
        'rivet.file.rows': rows,
        'rivet.file.bytes': bytes,
        'rivet.file.part_index': part_index,
      },
    }
  }
  if (event.RetryAttempted !== undefined) {
    const { attempt, reason, backoff_ms } = event.RetryAttempted
    /** @type {Attributes} */
    const attributes = {
      'rivet.entry.index': index,
      'rivet.retry.attempt': attempt,
      'rivet.retry.backoff_ms': backoff_ms,
    }
    putText(attributes, 'rivet.retry.reason', reason)
    return { name: 'rivet.retry_attempted', attributes }
  }
  const rarer = planEvent(event) ?? troubleEvent(event) ?? outcomeEvent(event)
  if (rarer === undefined) throw new Error(`not known here: ${JSON.stringify(event)}`)
  rarer.attributes['rivet.entry.index'] = index
  return rarer
}

/** @param {Event} event @returns {{ name: string, attributes: Attributes } | undefined} */
function planEvent({ PlanResolved: plan, PlanWarning: warning }) {
  if (plan !== undefined) {
    const attributes = { 'rivet.plan.export_name': plan.export_name, ...shortPlanFields(plan) }
    putText(attributes, 'rivet.plan.base_query', plan.base_query)
    return { name: 'rivet.plan_resolved', attributes }
  }
  if (warning === undefined) return undefined
  const attributes = { 'rivet.warning.rule': warning.rule }
  putText(attributes, 'rivet.warning.message', warning.message)
  return { name: 'rivet.plan_warning', attributes }
}

/** @param {Event} event @returns {{ name: string, attributes: Attributes } | undefined} */
function troubleEvent({ QualityIssue: issue, SchemaChanged: change, Warning: warning, ...event }) {
  if (issue !== undefined) {
    const attributes = { 'rivet.quality.severity': issue.severity }
    putText(attributes, 'rivet.quality.message', issue.message)
    return { name: 'rivet.quality_issue', attributes }
  }
  if (change !== undefined) {
    const attributes = {
      'rivet.schema.added': change.added,
      'rivet.schema.removed': change.removed,
    }
    putText(attributes, 'rivet.schema.type_changed', JSON.stringify(change.type_changed))
    return { name: 'rivet.schema_changed', attributes }
  }
  if (warning !== undefined) {
    const attributes = { 'rivet.warning.context': warning.context }
    putText(attributes, 'rivet.warning.message', warning.message)
    return { name: 'rivet.warning', attributes }
  }
  if (event.ParallelismAdjusted === undefined) return undefined
  const { from, to, reason } = event.ParallelismAdjusted
  const attributes = { 'rivet.parallelism.from': from, 'rivet.parallelism.to': to }
  putText(attributes, 'rivet.parallelism.reason', reason)
  return { name: 'rivet.parallelism_adjusted', attributes }
}

/** @param {Event} event @returns {{ name: string, attributes: Attributes } | undefined} */
function outcomeEvent({ RunCompleted: end, ValidationResult: validation, ...event }) {
  if (end !== undefined) {
    const attributes = {
      'rivet.run.status': end.status,
      'rivet.run.duration_ms': end.duration_ms,
    }
    if (end.error_message !== null) {
      putText(attributes, 'rivet.run.error_message', end.error_message)
    }
    return { name: 'rivet.run_completed', attributes }
  }
  if (validation !== undefined) {
    const attributes = { 'rivet.validation.passed': validation.passed }
    return { name: 'rivet.validation_result', attributes }
  }
  if (event.ReconciliationResult === undefined) return undefined
  const { source_count, exported_rows, matched } = event.ReconciliationResult
  const attributes = {
    'rivet.reconciliation.source_count': source_count,
    'rivet.reconciliation.exported_rows': exported_rows,
    'rivet.reconciliation.matched': matched,
  }
  return { name: 'rivet.reconciliation_result', attributes }
}

/**
 * The fields of a plan that also stand on the root.
 *
 * @param {Plan} plan
 * @returns {Attributes}
 */
export function shortPlanFields(plan) {
  return {
    'rivet.plan.strategy': plan.strategy,
    'rivet.plan.format': plan.format,
    'rivet.plan.compression': plan.compression,
    'rivet.plan.destination_type': plan.destination_type,
    'rivet.plan.tuning_profile': plan.tuning_profile,
    'rivet.plan.batch_size': plan.batch_size,
    'rivet.plan.validate': plan.validate,
    'rivet.plan.reconcile': plan.reconcile,
    'rivet.plan.resume': plan.resume,
    'rivet.plan.chunk_key': plan.chunk_key ?? undefined,
    'rivet.plan.resumable': plan.resumable,
  }
}

/**
 * Writes a text; what is longer than a backend keeps goes in parts, between code points.
 *
 * @param {Attributes} attributes
 * @param {string} name
 * @param {string} text
 */
function putText(attributes, name, text) {
  if (text.length * 3 <= LONGEST_TEXT || Buffer.byteLength(text) <= LONGEST_TEXT) {
    attributes[name] = text
    return
  }
  const bytes = Buffer.from(text)
  let part = 1
  for (let from = 0; from < bytes.length; part++) {
    let to = Math.min(from + LONGEST_TEXT, bytes.length)
    while (to < bytes.length && ((bytes[to] ?? 0) & 0xc0) === 0x80) to--
    attributes[part === 1 ? name : `${name}.part_${part}`] = bytes.toString('utf8', from, to)
    from = to
  }
  attributes[`${name}.parts`] = part - 1
}
