// One journal as spans of the OpenTelemetry SDK, through its API as its documentation shows it: startSpan, addEvent, end. It says what
// docs/mapping.md says, as far as the API can: no computed ids, no digest, no remainder below a microsecond, no integer beyond 2^53.
import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { eventAttributes } from './sdk-events.mjs'
import { derivedAttributes } from './sdk-facts.mjs'
import { afterOneNano, earlierBy, hrTime, isBefore } from './sdk-times.mjs'

/**
 * @typedef {import('./sdk-times.mjs').HrTime} HrTime
 * @typedef {import('./parsed-journal.mjs').Entry} Entry
 */

const EVENTS_PER_SPAN = 100

/**
 * Makes the spans of a run.
 *
 * @param {import('@opentelemetry/api').Tracer} tracer
 * @param {import('./parsed-journal.mjs').Journal} journal
 * @returns {number} How many spans were ended.
 */
export function runToSpans(tracer, { run_id, export_name, entries }) {
  const times = entries.map((entry) => hrTime(entry.recorded_at))
  const [first, last] = periodOf(entries, times)
  const root = tracer.startSpan(`export ${export_name}`, { startTime: first }, ROOT_CONTEXT)
  root.setAttributes({
    'rivet.run.id': run_id,
    'rivet.export.name': export_name,
    'rivet.run.revision': 0,
    'rivet.journal.entries': entries.length,
  })
  root.setAttributes(derivedAttributes(entries, times))
  const inRoot = trace.setSpan(ROOT_CONTEXT, root)
  /** @type {Map<number, number>} The entry that started each chunk which goes on. */
  const open = new Map()
  let spans = 1
  let carrier = root
  let carried = 0
  let carrierEnd = last

  for (let index = 0; index < entries.length; index++) {
    const event = entries[index]?.event
    if (event === undefined) continue
    if (event.ChunkStarted !== undefined) open.set(event.ChunkStarted.chunk_index, index)
    else if (event.ChunkCompleted !== undefined) chunk(event.ChunkCompleted.chunk_index, index)
    else if (event.ChunkFailed !== undefined) chunk(event.ChunkFailed.chunk_index, index)
    else addEvent(event, index)
  }
  for (const chunkIndex of open.keys()) chunk(chunkIndex, undefined)
  if (carrier !== root) carrier.end(carrierEnd)
  root.end(last)
  return spans

  /** @param {number} chunkIndex @param {number | undefined} end The entry that ends the attempt. */
  function chunk(chunkIndex, end) {
    const start = open.get(chunkIndex)
    if (start !== undefined && end !== undefined) open.delete(chunkIndex)
    const startTime = times[start ?? end ?? 0] ?? first
    const endTime = start === undefined || end === undefined ? undefined : times[end]
    const ended = end === undefined ? undefined : entries[end]?.event
    const completed = ended?.ChunkCompleted
    const failed = ended?.ChunkFailed
    const span = tracer.startSpan('chunk', { startTime, attributes: chunkAttributes() }, inRoot)
    if (failed !== undefined) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: failed.error })
    }
    span.end(
      endTime !== undefined && isBefore(startTime, endTime) ? endTime : afterOneNano(startTime),
    )
    spans++

    // The SDK leaves out what is undefined or null.
    function chunkAttributes() {
      const started = start === undefined ? undefined : entries[start]?.event.ChunkStarted
      return {
        'rivet.run.id': run_id,
        'rivet.export.name': export_name,
        'rivet.run.revision': 0,
        'rivet.chunk.timing': timingOf(start, end),
        'rivet.chunk.index': chunkIndex,
        'rivet.chunk.start_key': started?.start_key,
        'rivet.chunk.end_key': started?.end_key,
        'rivet.entry.start.index': start,
        'rivet.chunk.rows': completed?.rows,
        'rivet.file.name': completed?.file_name ?? undefined,
        'rivet.chunk.error': failed?.error,
        'rivet.chunk.attempt': failed?.attempt,
        'rivet.entry.end.index': end,
        'error.type': failed === undefined ? undefined : '_OTHER',
      }
    }
  }

  /** @param {Entry['event']} event @param {number} index */
  function addEvent(event, index) {
    const time = times[index] ?? first
    if (carried === EVENTS_PER_SPAN) {
      if (carrier !== root) carrier.end(carrierEnd)
      carrier = tracer.startSpan('entries', { startTime: time }, inRoot)
      carrier.setAttributes({
        'rivet.run.id': run_id,
        'rivet.export.name': export_name,
        'rivet.run.revision': 0,
      })
      carried = 0
      spans++
    }
    const { name, attributes } = eventAttributes(event, index)
    carrier.addEvent(name, attributes, time)
    carrierEnd = carried === 0 ? afterOneNano(time) : time
    carried++
  }
}

/** @param {number | undefined} start @param {number | undefined} end */
function timingOf(start, end) {
  if (start === undefined) return 'end_only'
  return end === undefined ? 'start_only' : 'measured'
}

/**
 * From the earliest to the latest entry, and from earlier on where the last RunCompleted says so.
 *
 * @param {Entry[]} entries
 * @param {HrTime[]} times
 * @returns {[HrTime, HrTime]}
 */
function periodOf(entries, times) {
  let first = times[0] ?? [0, 0]
  let last = first
  for (const time of times) {
    if (isBefore(time, first)) first = time
    if (isBefore(last, time)) last = time
  }
  const completed = entries.findLastIndex(({ event }) => event.RunCompleted !== undefined)
  const ms = entries[completed]?.event.RunCompleted?.duration_ms
  if (ms !== undefined) {
    const began = earlierBy(times[completed] ?? last, ms)
    if (isBefore(began, first)) first = began
  }
  return [first, isBefore(first, last) ? last : afterOneNano(first)]
}
