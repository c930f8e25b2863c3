/**
 * The fields of each kind of event as attributes, both ways, from one table.
 *
 * A field that this version does not know is not lost: all of them together ride as one JSON
 * object, in an attribute that the caller names.
 */

import { membersBeside } from '../journal/codec.js'
import { type EventKind, fieldProblem, type Integer, type RunEvent } from '../journal/events.js'
import { isJsonObject, type JsonObject, type JsonValue, setMember } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import type { Attributes } from '../trace/trace.js'
import {
  type AttributesInTheMaking,
  putInteger,
  putJson,
  putText,
  takeBoolean,
  takeInteger,
  takeJson,
  takeText,
  takeTexts,
} from './attributes.js'
import { putFrequentFields } from './frequent-fields.js'

/** How a field rides: see `attributes.ts`. */
type FieldType = 'text' | 'integer' | 'boolean' | 'texts' | 'json'

/** A field of an event: its name in the journal, its attribute, and how it rides. */
export interface Field {
  readonly name: string
  readonly attribute: string
  readonly type: FieldType
}

const text = (name: string, attribute: string): Field => ({ name, attribute, type: 'text' })
const integer = (name: string, attribute: string): Field => ({ name, attribute, type: 'integer' })
const boolean = (name: string, attribute: string): Field => ({ name, attribute, type: 'boolean' })
const texts = (name: string, attribute: string): Field => ({ name, attribute, type: 'texts' })
const json = (name: string, attribute: string): Field => ({ name, attribute, type: 'json' })

/**
 * Every known field of every kind, in the order in which rivet writes them.
 *
 * @example
 * FIELDS.ChunkFailed.map((field) => field.attribute)
 * // ['rivet.chunk.index', 'rivet.chunk.error', 'rivet.chunk.attempt']
 */
export const FIELDS: { readonly [K in EventKind]: readonly Field[] } = {
  PlanResolved: [
    text('export_name', 'rivet.plan.export_name'),
    text('base_query', 'rivet.plan.base_query'),
    text('strategy', 'rivet.plan.strategy'),
    text('format', 'rivet.plan.format'),
    text('compression', 'rivet.plan.compression'),
    text('destination_type', 'rivet.plan.destination_type'),
    text('tuning_profile', 'rivet.plan.tuning_profile'),
    integer('batch_size', 'rivet.plan.batch_size'),
    boolean('validate', 'rivet.plan.validate'),
    boolean('reconcile', 'rivet.plan.reconcile'),
    boolean('resume', 'rivet.plan.resume'),
    text('chunk_key', 'rivet.plan.chunk_key'),
    boolean('resumable', 'rivet.plan.resumable'),
    json('row_hash', 'rivet.plan.row_hash'),
  ],
  PlanWarning: [text('rule', 'rivet.warning.rule'), text('message', 'rivet.warning.message')],
  FileWritten: [
    text('file_name', 'rivet.file.name'),
    integer('rows', 'rivet.file.rows'),
    integer('bytes', 'rivet.file.bytes'),
    integer('part_index', 'rivet.file.part_index'),
  ],
  ChunkStarted: [
    integer('chunk_index', 'rivet.chunk.index'),
    text('start_key', 'rivet.chunk.start_key'),
    text('end_key', 'rivet.chunk.end_key'),
  ],
  ChunkCompleted: [
    integer('chunk_index', 'rivet.chunk.index'),
    integer('rows', 'rivet.chunk.rows'),
    text('file_name', 'rivet.file.name'),
  ],
  ChunkFailed: [
    integer('chunk_index', 'rivet.chunk.index'),
    text('error', 'rivet.chunk.error'),
    integer('attempt', 'rivet.chunk.attempt'),
  ],
  RetryAttempted: [
    integer('attempt', 'rivet.retry.attempt'),
    text('reason', 'rivet.retry.reason'),
    integer('backoff_ms', 'rivet.retry.backoff_ms'),
  ],
  QualityIssue: [
    text('severity', 'rivet.quality.severity'),
    text('message', 'rivet.quality.message'),
  ],
  SchemaChanged: [
    texts('added', 'rivet.schema.added'),
    texts('removed', 'rivet.schema.removed'),
    json('type_changed', 'rivet.schema.type_changed'),
  ],
  Warning: [text('context', 'rivet.warning.context'), text('message', 'rivet.warning.message')],
  ParallelismAdjusted: [
    integer('from', 'rivet.parallelism.from'),
    integer('to', 'rivet.parallelism.to'),
    text('reason', 'rivet.parallelism.reason'),
  ],
  ValidationResult: [boolean('passed', 'rivet.validation.passed')],
  ReconciliationResult: [
    integer('source_count', 'rivet.reconciliation.source_count'),
    integer('exported_rows', 'rivet.reconciliation.exported_rows'),
    boolean('matched', 'rivet.reconciliation.matched'),
  ],
  RunCompleted: [
    text('status', 'rivet.run.status'),
    text('error_message', 'rivet.run.error_message'),
    integer('duration_ms', 'rivet.run.duration_ms'),
  ],
}

const NAMES = Object.fromEntries(
  Object.entries(FIELDS).map(([kind, fields]) => [kind, fields.map((field) => field.name)]),
) as unknown as { readonly [K in EventKind]: readonly string[] }

/**
 * Writes the fields of an event, the unknown ones as JSON under `unknownName`.
 *
 * @example
 * putFields(attributes, 'ValidationResult', { passed: true }, 'rivet.entry.unknown_fields')
 */
export function putFields(
  attributes: AttributesInTheMaking,
  kind: EventKind,
  fields: JsonObject,
  unknownName: string,
): void {
  if (!putFrequentFields(attributes, kind, fields)) putFieldsByTable(attributes, kind, fields)
  const names = NAMES[kind]
  if (hasOnly(fields, names)) return
  const unknown = membersBeside(fields, names)
  if (Object.keys(unknown).length > 0) putJson(attributes, unknownName, unknown)
}

/**
 * Writes the known fields of an event of any kind.
 *
 * @example
 * putFieldsByTable(attributes, 'ValidationResult', { passed: true })
 * attributes['rivet.validation.passed'] // true
 */
export function putFieldsByTable(
  attributes: AttributesInTheMaking,
  kind: EventKind,
  fields: JsonObject,
): void {
  for (const field of FIELDS[kind]) {
    const value = fields[field.name]
    if (value !== undefined && value !== null) putField(attributes, field, value)
  }
}

/** Whether an object has no members but some of these, in their order; `false` may mean any order. */
function hasOnly(object: JsonObject, names: readonly string[]): boolean {
  let next = 0
  for (const name in object) {
    while (next < names.length && names[next] !== name) next++
    if (next === names.length) return false
  }
  return true
}

/**
 * Reads an event of a kind from the attributes that {@link putFields} wrote.
 *
 * @throws {RivetOtelError} `INVALID_TRACE` where a field is missing or has another type.
 * @example
 * takeEvent(attributes, 'ValidationResult', 'rivet.entry.unknown_fields')
 * // { ValidationResult: { passed: true } }
 */
export function takeEvent(attributes: Attributes, kind: EventKind, unknownName: string): RunEvent {
  const fields: Record<string, JsonValue> = {}
  for (const field of FIELDS[kind]) {
    const value = takeField(attributes, field)
    if (value !== undefined) fields[field.name] = value
  }
  const unknown = takeJson(attributes, unknownName)
  if (isJsonObject(unknown)) {
    for (const name of Object.keys(unknown)) setMember(fields, name, unknown[name] as JsonValue)
  }
  const problem = fieldProblem(kind, fields)
  if (problem !== undefined) {
    const name = String(problem.path[0] ?? '')
    const attribute = FIELDS[kind].find((field) => field.name === name)?.attribute ?? name
    throw new RivetOtelError(
      'INVALID_TRACE',
      `${attribute} of a ${kind} is missing or no longer what rivet writes`,
    )
  }
  return { [kind]: fields } as RunEvent
}

/**
 * Writes one field of an event.
 *
 * @param value of the field's type
 * @example
 * putField(attributes, { name: 'rows', attribute: 'rivet.file.rows', type: 'integer' }, 7)
 * attributes['rivet.file.rows'] // 7
 */
export function putField(
  attributes: AttributesInTheMaking,
  { attribute, type }: Field,
  value: JsonValue,
): void {
  switch (type) {
    case 'text':
      putText(attributes, attribute, value as string)
      break
    case 'integer':
      putInteger(attributes, attribute, value as Integer)
      break
    case 'json':
      putJson(attributes, attribute, value)
      break
    case 'boolean':
      attributes[attribute] = value as boolean
      break
    case 'texts':
      attributes[attribute] = value as readonly string[]
      break
  }
}

function takeField(attributes: Attributes, { attribute, type }: Field): JsonValue | undefined {
  switch (type) {
    case 'text':
      return takeText(attributes, attribute)
    case 'integer':
      return takeInteger(attributes, attribute)
    case 'boolean':
      return takeBoolean(attributes, attribute)
    case 'texts':
      return takeTexts(attributes, attribute)
    case 'json':
      return takeJson(attributes, attribute)
  }
}
