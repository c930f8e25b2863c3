/** What an entry of a journal says in words: the same beside the time line and in the sections. */
import { type EventFields, type OpenedEvent, openEvent, type RunEvent } from '../journal/events.js'
import { stringifyJson } from '../json/lossless.js'
import { counted, formatBytes, formatCount, formatDuration } from './quantities.js'
import type { Finding, Labelled, Level } from './run-view.js'

/** An event in words. */
export interface EventWords extends Labelled {
  /** rivet's name of the event. */
  readonly kind: string
  readonly level: Level
}

/** How much of the contents of an unknown event is shown, in UTF-16 code units. */
const MOST_OF_UNKNOWN = 200

/**
 * The words of any event.
 *
 * @example
 * eventWords({ ValidationResult: { passed: true } })
 * // { kind: 'ValidationResult', label: 'validation', text: 'passed', level: 'info' }
 */
export function eventWords(event: RunEvent): EventWords {
  const opened = openEvent(event)
  const kind = opened.kind === 'unknown' ? opened.name : opened.kind
  return { kind, level: 'info', ...wordsOf(opened) }
}

/**
 * The words of a retry.
 *
 * @param at when it came, with a comma after it; `''` where that stands elsewhere
 * @example
 * retryWords({ attempt: 1, reason: 'reset', backoff_ms: 200 }).text // 'backoff 200 ms: reset'
 */
export function retryWords(
  { attempt, reason, backoff_ms }: EventFields<'RetryAttempted'>,
  at = '',
): Finding {
  const text = `${at}backoff ${formatDuration(backoff_ms)}: ${reason}`
  return { label: `retry ${attempt}`, text, level: 'warning' }
}

/**
 * The words of a change of parallelism.
 *
 * @param at when it came, with a space before it; `''` where that stands elsewhere
 * @example
 * parallelismWords({ from: 4, to: 2, reason: 'pressure' }).text // '4 → 2: pressure'
 */
export function parallelismWords(
  { from, to, reason }: EventFields<'ParallelismAdjusted'>,
  at = '',
): Labelled {
  const text = `${formatCount(from)} → ${formatCount(to)}${at}: ${reason}`
  return { label: 'parallelism', text }
}

/**
 * The words of a reconciliation that found a difference.
 *
 * @example
 * mismatchWords({ source_count: 9, exported_rows: 7, matched: false }).text
 * // 'the source has 9 rows, exported were 7, 2 too few'
 */
export function mismatchWords(fields: EventFields<'ReconciliationResult'>): Finding {
  const source = BigInt(fields.source_count)
  const exported = BigInt(fields.exported_rows)
  const difference =
    exported < source
      ? `, ${formatCount(source - exported)} too few`
      : exported > source
        ? `, ${formatCount(exported - source)} too many`
        : ''
  const text = `the source has ${counted(source, 'row')}, exported were ${formatCount(exported)}${difference}`
  return { label: 'mismatch', text, level: 'bad' }
}

/**
 * The words of a failed attempt at a chunk.
 *
 * @example
 * failedChunkWords({ chunk_index: 5, error: 'reset', attempt: 1 }).text // 'attempt 1: reset'
 */
export function failedChunkWords(fields: EventFields<'ChunkFailed'>): Finding {
  const text = `attempt ${formatCount(fields.attempt)}: ${fields.error}`
  return { label: `chunk ${fields.chunk_index}`, text, level: 'bad' }
}

/**
 * The words of a quality issue.
 *
 * @example
 * qualityWords({ severity: 'WARN', message: 'nulls' }).text // 'WARN: nulls'
 */
export function qualityWords({ severity, message }: EventFields<'QualityIssue'>): Finding {
  const level = severity === 'FAIL' ? 'bad' : 'warning'
  return { label: 'quality', text: `${severity}: ${message}`, level }
}

/**
 * The words of a change of the schema: one for each column.
 *
 * @example
 * schemaWords({ added: ['total'], removed: [], type_changed: [] })[0]?.text // 'added total'
 */
export function schemaWords(fields: EventFields<'SchemaChanged'>): Finding[] {
  const { added, removed, type_changed } = fields
  const texts = [
    ...added.map((column) => `added ${column}`),
    ...removed.map((column) => `removed ${column}`),
    ...type_changed.map(([column, before, after]) => `changed ${column}: ${before} → ${after}`),
  ]
  if (texts.length === 0) texts.push('changed, no column named')
  return texts.map((text) => ({ label: 'schema', text, level: 'warning' }))
}

/**
 * The words of a warning.
 *
 * @example
 * warningWords({ context: 'upload', message: 'slow' }).text // 'upload: slow'
 */
export function warningWords({ context, message }: EventFields<'Warning'>): Finding {
  return { label: 'warning', text: `${context}: ${message}`, level: 'warning' }
}

/**
 * The words of a warning of the plan.
 *
 * @example
 * planWarningWords({ rule: 'no_index', message: 'slow' }).text // 'no_index: slow'
 */
export function planWarningWords({ rule, message }: EventFields<'PlanWarning'>): Finding {
  return { label: 'warning', text: `${rule}: ${message}`, level: 'warning' }
}

/**
 * The words of a validation.
 *
 * @example
 * validationWords(true) // { label: 'validation', text: 'passed' }
 */
export function validationWords(passed: boolean): Labelled {
  const label = 'validation'
  return passed ? { label, text: 'passed' } : { label, text: 'failed', level: 'bad' }
}

/**
 * The words of a reconciliation, whatever it found.
 *
 * @example
 * reconciliationWords({ source_count: 9, exported_rows: 9, matched: true }).text // 'yes, 9 rows'
 */
export function reconciliationWords(fields: EventFields<'ReconciliationResult'>): Labelled {
  const { matched, exported_rows, source_count } = fields
  const label = 'reconciled'
  if (matched) return { label, text: `yes, ${counted(exported_rows, 'row')}` }
  const text = `no, ${formatCount(exported_rows)} of ${counted(source_count, 'row')}`
  return { label, text, level: 'bad' }
}

function wordsOf(opened: OpenedEvent): Labelled {
  switch (opened.kind) {
    case 'PlanResolved': {
      const { strategy, format, compression } = opened.fields
      return { label: 'plan', text: `${strategy}, ${format}, compression ${compression}` }
    }
    case 'PlanWarning':
      return planWarningWords(opened.fields)
    case 'FileWritten': {
      const { file_name, rows, bytes } = opened.fields
      const size = `${counted(rows, 'row')}, ${formatBytes(bytes)}`
      return { label: 'file', text: `${file_name}: ${size}` }
    }
    case 'ChunkStarted':
    case 'ChunkCompleted':
      return { label: `chunk ${opened.fields.chunk_index}`, text: '' }
    case 'ChunkFailed':
      return failedChunkWords(opened.fields)
    case 'RetryAttempted':
      return retryWords(opened.fields)
    case 'QualityIssue':
      return qualityWords(opened.fields)
    case 'SchemaChanged': {
      const changes = schemaWords(opened.fields).map(({ text }) => text)
      return { label: 'schema', text: changes.join('; '), level: 'warning' }
    }
    case 'Warning':
      return warningWords(opened.fields)
    case 'ParallelismAdjusted':
      return parallelismWords(opened.fields)
    case 'ValidationResult':
      return validationWords(opened.fields.passed)
    case 'ReconciliationResult':
      return opened.fields.matched
        ? reconciliationWords(opened.fields)
        : mismatchWords(opened.fields)
    case 'RunCompleted':
      return endWords(opened.fields)
    case 'unknown': {
      const { name, payload } = opened
      const contents = payload === undefined ? '' : ` ${cut(stringifyJson(payload))}`
      return { label: 'also', text: name + contents }
    }
  }
}

function endWords({ status, duration_ms, error_message }: EventFields<'RunCompleted'>): Labelled {
  const error = error_message == null || error_message.trim() === '' ? '' : `: ${error_message}`
  const text = `${status}, after ${formatDuration(duration_ms)}${error}`
  return status === 'failed' ? { label: 'end', text, level: 'bad' } : { label: 'end', text }
}

function cut(text: string): string {
  if (text.length <= MOST_OF_UNKNOWN) return text
  // Not in the middle of a character.
  const end = /[\ud800-\udbff]/.test(text.charAt(MOST_OF_UNKNOWN - 1))
    ? MOST_OF_UNKNOWN - 1
    : MOST_OF_UNKNOWN
  return `${text.slice(0, end)}…`
}
