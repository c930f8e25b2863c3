/**
 * What the root span says about a run for people and for search. The importer never reads it.
 *
 * Unknown is absent, never 0: a number stands only where the journal says it.
 */
import { fieldsOf, type Integer, openEvent } from '../journal/events.js'
import { chunkIndexKey, type RunJournal } from '../journal/run-journal.js'
import { exactInteger, type JsonObject } from '../json/lossless.js'
import type { SpanStatus } from '../trace/trace.js'
import { StatusCode } from '../trace/trace.js'
import { type AttributesInTheMaking, MAX_TEXT_BYTES, putInteger, putText } from './attributes.js'
import { FIELDS, putField } from './fields.js'

/** Plan fields that may be long, or that say what the span's name says. */
const NOT_ON_THE_ROOT: readonly string[] = ['export_name', 'base_query', 'row_hash']

const RIVET_CODE = /\bRIVET_[A-Z0-9_]+\b/

/**
 * Writes the derived attributes of a run: totals, outcome and the short fields of its plan.
 *
 * @example
 * putRunFacts(attributes, journal)
 * attributes['rivet.run.longest_chunk_ms'] // 193
 */
export function putRunFacts(attributes: AttributesInTheMaking, journal: RunJournal): void {
  const facts = countFacts(journal)
  const put = (name: string, value: Integer | undefined) => {
    if (value !== undefined) putInteger(attributes, `rivet.run.${name}`, exactInteger(value))
  }
  const outcome = fieldsOf(journal.finalOutcome()?.event ?? '', 'RunCompleted')
  if (outcome !== undefined) putText(attributes, 'rivet.run.status', outcome.status)
  put('duration_ms', outcome?.duration_ms)
  put('rows', facts.rows)
  put('files', facts.files.size > 0 ? facts.files.size : undefined)
  put('bytes', knownBytes(facts))
  put('chunks', facts.chunks.size > 0 ? facts.chunks.size : undefined)
  put('retries', facts.retries)
  put('longest_chunk_ms', journal.longestChunkMs())
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
 */
export function runStatus(journal: RunJournal): SpanStatus | undefined {
  const outcome = fieldsOf(journal.finalOutcome()?.event ?? '', 'RunCompleted')
  return outcome?.status === 'failed' ? errorStatus(outcome.error_message ?? '') : undefined
}

/** The status of something that failed with this message. */
export function errorStatus(message: string): SpanStatus {
  return message === ''
    ? { code: StatusCode.ERROR }
    : { code: StatusCode.ERROR, message: cut(message) }
}

/** `error.type` for a message: the `RIVET_…` code in it, else `_OTHER` (OpenTelemetry's fallback). */
export function errorType(message: string): string {
  return RIVET_CODE.exec(message)?.[0] ?? '_OTHER'
}

interface Facts {
  rows: bigint | undefined
  readonly files: Set<string>
  /** The bytes of each file whose bytes are known. */
  readonly bytes: Map<string, bigint>
  readonly chunks: Set<string>
  retries: number
  qualityIssues: number
  schemaChanges: number
  warnings: number
  validated: boolean | undefined
  reconciled: boolean | undefined
}

function countFacts(journal: RunJournal): Facts {
  const facts: Facts = {
    rows: undefined,
    files: new Set(),
    bytes: new Map(),
    chunks: new Set(),
    retries: 0,
    qualityIssues: 0,
    schemaChanges: 0,
    warnings: 0,
    validated: undefined,
    reconciled: undefined,
  }
  for (const { event } of journal.entries) {
    const opened = openEvent(event)
    switch (opened.kind) {
      case 'FileWritten': {
        const { file_name, rows, bytes } = opened.fields
        facts.rows = (facts.rows ?? 0n) + BigInt(rows)
        facts.files.add(file_name)
        facts.bytes.set(file_name, (facts.bytes.get(file_name) ?? 0n) + BigInt(bytes))
        break
      }
      case 'ChunkCompleted': {
        const { chunk_index, rows, file_name } = opened.fields
        facts.rows = (facts.rows ?? 0n) + BigInt(rows)
        facts.chunks.add(chunkIndexKey(chunk_index))
        if (file_name != null) facts.files.add(file_name)
        break
      }
      case 'ChunkStarted':
      case 'ChunkFailed':
        facts.chunks.add(chunkIndexKey(opened.fields.chunk_index))
        break
      case 'RetryAttempted':
        facts.retries++
        break
      case 'QualityIssue':
        facts.qualityIssues++
        break
      case 'SchemaChanged':
        facts.schemaChanges++
        break
      case 'Warning':
      case 'PlanWarning':
        facts.warnings++
        break
      case 'ValidationResult':
        facts.validated = opened.fields.passed
        break
      case 'ReconciliationResult':
        facts.reconciled = opened.fields.matched
        break
      case 'PlanResolved':
      case 'ParallelismAdjusted':
      case 'RunCompleted':
      case 'unknown':
        break
    }
  }
  return facts
}

/** The bytes of a run, only where those of every file are known. */
function knownBytes({ files, bytes }: Facts): bigint | undefined {
  if (files.size === 0 || bytes.size < files.size) return undefined
  let sum = 0n
  for (const size of bytes.values()) sum += size
  return sum
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

function cut(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= MAX_TEXT_BYTES) return text
  let end = MAX_TEXT_BYTES
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
