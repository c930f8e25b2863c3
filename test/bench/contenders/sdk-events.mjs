// An entry of a journal as name and attributes of an event, all its fields, for the plain SDK loop.

/** @typedef {Record<string, string | number | boolean | string[] | undefined>} Attributes */

const LONGEST_TEXT = 2048

/** @type {Record<string, { name: string, fields: (fields: any, put: (name: string, text: string) => void) => Attributes }>} */
const KINDS = {
  PlanResolved: { name: 'rivet.plan_resolved', fields: planFields },
  PlanWarning: {
    name: 'rivet.plan_warning',
    fields: ({ rule, message }, put) => {
      put('rivet.warning.message', message)
      return { 'rivet.warning.rule': rule }
    },
  },
  FileWritten: {
    name: 'rivet.file_written',
    fields: ({ file_name, rows, bytes, part_index }) => ({
      'rivet.file.name': file_name,
      'rivet.file.rows': rows,
      'rivet.file.bytes': bytes,
      'rivet.file.part_index': part_index,
    }),
  },
  RetryAttempted: {
    name: 'rivet.retry_attempted',
    fields: ({ attempt, reason, backoff_ms }, put) => {
      put('rivet.retry.reason', reason)
      return { 'rivet.retry.attempt': attempt, 'rivet.retry.backoff_ms': backoff_ms }
    },
  },
  QualityIssue: {
    name: 'rivet.quality_issue',
    fields: ({ severity, message }, put) => {
      put('rivet.quality.message', message)
      return { 'rivet.quality.severity': severity }
    },
  },
  SchemaChanged: {
    name: 'rivet.schema_changed',
    fields: ({ added, removed, type_changed }, put) => {
      put('rivet.schema.type_changed', JSON.stringify(type_changed))
      return { 'rivet.schema.added': added, 'rivet.schema.removed': removed }
    },
  },
  Warning: {
    name: 'rivet.warning',
    fields: ({ context, message }, put) => {
      put('rivet.warning.message', message)
      return { 'rivet.warning.context': context }
    },
  },
  ParallelismAdjusted: {
    name: 'rivet.parallelism_adjusted',
    fields: ({ from, to, reason }) => ({
      'rivet.parallelism.from': from,
      'rivet.parallelism.to': to,
      'rivet.parallelism.reason': reason,
    }),
  },
  ValidationResult: {
    name: 'rivet.validation_result',
    fields: ({ passed }) => ({ 'rivet.validation.passed': passed }),
  },
  ReconciliationResult: {
    name: 'rivet.reconciliation_result',
    fields: ({ source_count, exported_rows, matched }) => ({
      'rivet.reconciliation.source_count': source_count,
      'rivet.reconciliation.exported_rows': exported_rows,
      'rivet.reconciliation.matched': matched,
    }),
  },
  RunCompleted: {
    name: 'rivet.run_completed',
    fields: ({ status, error_message, duration_ms }, put) => {
      if (error_message !== null) put('rivet.run.error_message', error_message)
      return { 'rivet.run.status': status, 'rivet.run.duration_ms': duration_ms }
    },
  },
}

/**
 * @param {any} event As JSON.parse gives it.
 * @param {number} index Its place in the journal.
 * @returns {{ name: string, attributes: Attributes }}
 */
export function eventAttributes(event, index) {
  for (const kind in event) {
    const known = KINDS[kind]
    if (known === undefined) continue
    /** @type {Attributes} */
    const long = { 'rivet.entry.index': index }
    const fields = known.fields(event[kind], (name, text) => putText(long, name, text))
    return { name: known.name, attributes: Object.assign(long, fields) }
  }
  throw new Error(`an event that this loop does not know: ${JSON.stringify(event)}`)
}

/** @param {any} plan @param {(name: string, text: string) => void} put */
function planFields(plan, put) {
  put('rivet.plan.base_query', plan.base_query)
  return { 'rivet.plan.export_name': plan.export_name, ...shortPlanFields(plan) }
}

/**
 * The fields of a plan that also stand on the root.
 *
 * @param {any} plan
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

/** Splits what is longer than a backend takes, between code points. @param {Attributes} attributes @param {string} name @param {string} text */
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
