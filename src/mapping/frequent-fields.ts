/**
 * The fields of the kinds of event that journals mostly consist of, or that every run has, written with their names in place.
 *
 * It says nothing that the table of `fields.ts` does not say, and a test holds it to that: it is here
 * because an attribute whose name stands in the code is written many times as fast as one whose name is
 * looked up.
 */
import type { EventFields, EventKind } from '../journal/events.js'
import type { JsonObject } from '../json/lossless.js'
import { type AttributesInTheMaking, isShort, otlpInteger, putJson, putText } from './attributes.js'

/**
 * Writes the known fields of an event of a frequent kind; says whether it is of one.
 *
 * @example
 * putFrequentFields(attributes, 'ValidationResult', { passed: true }) // false
 */
export function putFrequentFields(
  attributes: AttributesInTheMaking,
  kind: EventKind,
  fields: JsonObject,
): boolean {
  switch (kind) {
    case 'ChunkStarted':
      putChunkStarted(attributes, fields)
      return true
    case 'ChunkCompleted':
      putChunkCompleted(attributes, fields)
      return true
    case 'PlanResolved':
      putPlanResolved(attributes, fields)
      return true
    case 'FileWritten':
      putFileWritten(attributes, fields)
      return true
    default:
      return false
  }
}

function putChunkStarted(
  attributes: AttributesInTheMaking,
  { chunk_index, start_key, end_key }: Partial<EventFields<'ChunkStarted'>>,
): void {
  if (chunk_index != null) attributes['rivet.chunk.index'] = otlpInteger(chunk_index)
  if (start_key != null) {
    if (isShort(start_key)) attributes['rivet.chunk.start_key'] = start_key
    else putText(attributes, 'rivet.chunk.start_key', start_key)
  }
  if (end_key != null) {
    if (isShort(end_key)) attributes['rivet.chunk.end_key'] = end_key
    else putText(attributes, 'rivet.chunk.end_key', end_key)
  }
}

function putChunkCompleted(
  attributes: AttributesInTheMaking,
  { chunk_index, rows, file_name }: Partial<EventFields<'ChunkCompleted'>>,
): void {
  if (chunk_index != null) attributes['rivet.chunk.index'] = otlpInteger(chunk_index)
  if (rows != null) attributes['rivet.chunk.rows'] = otlpInteger(rows)
  if (file_name != null) {
    if (isShort(file_name)) attributes['rivet.file.name'] = file_name
    else putText(attributes, 'rivet.file.name', file_name)
  }
}

function putPlanResolved(attributes: AttributesInTheMaking, fields: JsonObject): void {
  const { export_name, base_query, row_hash }: Partial<EventFields<'PlanResolved'>> = fields
  if (export_name != null) putText(attributes, 'rivet.plan.export_name', export_name)
  if (base_query != null) putText(attributes, 'rivet.plan.base_query', base_query)
  putShortPlan(attributes, fields)
  if (row_hash != null) putJson(attributes, 'rivet.plan.row_hash', row_hash)
}

/**
 * Writes the fields of a plan that are short, and are not in the name of the run's root.
 *
 * @example
 * putShortPlan(attributes, journal.planSnapshot() ?? {})
 */
export function putShortPlan(
  attributes: AttributesInTheMaking,
  fields: Partial<EventFields<'PlanResolved'>>,
): void {
  const { strategy, format, compression, destination_type, tuning_profile, chunk_key } = fields
  const { batch_size, validate, reconcile, resume, resumable } = fields
  if (strategy != null) {
    if (isShort(strategy)) attributes['rivet.plan.strategy'] = strategy
    else putText(attributes, 'rivet.plan.strategy', strategy)
  }
  if (format != null) {
    if (isShort(format)) attributes['rivet.plan.format'] = format
    else putText(attributes, 'rivet.plan.format', format)
  }
  if (compression != null) {
    if (isShort(compression)) attributes['rivet.plan.compression'] = compression
    else putText(attributes, 'rivet.plan.compression', compression)
  }
  if (destination_type != null) {
    if (isShort(destination_type)) attributes['rivet.plan.destination_type'] = destination_type
    else putText(attributes, 'rivet.plan.destination_type', destination_type)
  }
  if (tuning_profile != null) {
    if (isShort(tuning_profile)) attributes['rivet.plan.tuning_profile'] = tuning_profile
    else putText(attributes, 'rivet.plan.tuning_profile', tuning_profile)
  }
  if (batch_size != null) attributes['rivet.plan.batch_size'] = otlpInteger(batch_size)
  if (validate != null) attributes['rivet.plan.validate'] = validate
  if (reconcile != null) attributes['rivet.plan.reconcile'] = reconcile
  if (resume != null) attributes['rivet.plan.resume'] = resume
  if (chunk_key != null) {
    if (isShort(chunk_key)) attributes['rivet.plan.chunk_key'] = chunk_key
    else putText(attributes, 'rivet.plan.chunk_key', chunk_key)
  }
  if (resumable != null) attributes['rivet.plan.resumable'] = resumable
}

function putFileWritten(
  attributes: AttributesInTheMaking,
  { file_name, rows, bytes, part_index }: Partial<EventFields<'FileWritten'>>,
): void {
  if (file_name != null) {
    if (isShort(file_name)) attributes['rivet.file.name'] = file_name
    else putText(attributes, 'rivet.file.name', file_name)
  }
  if (rows != null) attributes['rivet.file.rows'] = otlpInteger(rows)
  if (bytes != null) attributes['rivet.file.bytes'] = otlpInteger(bytes)
  if (part_index != null) attributes['rivet.file.part_index'] = otlpInteger(part_index)
}
