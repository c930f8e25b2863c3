/**
 * The fields of the kinds of event that journals mostly consist of, written with their names in place.
 *
 * It says nothing that the table of `fields.ts` does not say, and a test holds it to that: it is here
 * because an attribute whose name stands in the code is written many times as fast as one whose name is
 * looked up.
 */
import type { EventFields, EventKind } from '../journal/events.js'
import type { JsonObject } from '../json/lossless.js'
import { type AttributesInTheMaking, isShort, otlpInteger, putText } from './attributes.js'

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
