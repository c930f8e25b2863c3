/** A chunk of a run that was killed, as its checkpoint has it: one span of 1 ns. It is no attempt of a journal's. */
import type { ChunkTask, LoggedFile } from '../state/unjournaled-run.js'
import type { Span, SpanStatus } from '../trace/trace.js'
import { type AttributesInTheMaking, putInteger, putText } from './attributes.js'
import { ERROR_TYPE } from './conventions.js'
import { errorStatus, errorType } from './run-facts.js'
import { spanTimes } from './run-period.js'
import { firstInside } from './times.js'

/** What such a span has of its own, beside ids, name and kind. */
export type ChunkTaskParts = Pick<Span, 'startTimeUnixNano' | 'endTimeUnixNano' | 'attributes'> & {
  readonly status?: SpanStatus
}

/**
 * Writes a chunk into the attributes of its span. All that is known of its time is when its row last
 * changed: when a running one started, else when it ended; where not even that is known, it is
 * `clamped` at `otherwise`.
 *
 * @param file what is known of the chunk's file beside its name.
 * @param otherwise nanoseconds since 1970, inside 1970 to 2100.
 * @example
 * chunkTaskToSpan(task, undefined, aboutRun(run), run.startedUnixNano).attributes['rivet.chunk.timing'] // 'end_only'
 */
export function chunkTaskToSpan(
  task: ChunkTask,
  file: LoggedFile | undefined,
  attributes: AttributesInTheMaking,
  otherwise: bigint,
): ChunkTaskParts {
  const time = firstInside(task.updatedUnixNano)
  const timing = task.status === 'running' ? 'start_only' : 'end_only'
  attributes['rivet.chunk.timing'] = time === undefined ? 'clamped' : timing
  putInteger(attributes, 'rivet.chunk.index', task.chunkIndex)
  putText(attributes, 'rivet.chunk.start_key', task.startKey)
  putText(attributes, 'rivet.chunk.end_key', task.endKey)
  putText(attributes, 'rivet.chunk.status', task.status)
  putInteger(attributes, 'rivet.chunk.attempts', task.attempts)
  if (task.rows !== undefined) putInteger(attributes, 'rivet.chunk.rows', task.rows)
  if (task.lastError !== undefined) putText(attributes, 'rivet.chunk.error', task.lastError)
  if (task.fileName !== undefined) putText(attributes, 'rivet.file.name', task.fileName)
  if (file?.rows !== undefined) putInteger(attributes, 'rivet.file.rows', file.rows)
  if (file?.bytes !== undefined) putInteger(attributes, 'rivet.file.bytes', file.bytes)
  const start = time ?? otherwise
  const parts = { ...spanTimes(start, start), attributes }
  if (task.status !== 'failed') return parts
  attributes[ERROR_TYPE] = errorType(task.lastError ?? '')
  return { ...parts, status: errorStatus(task.lastError ?? '') }
}
