/** The files of a run that was killed as span events, as many as one span takes, and then on the next. */
import type { LoggedFile } from '../state/unjournaled-run.js'
import type { SpanEvent } from '../trace/trace.js'
import { type AttributesInTheMaking, putInteger, putText } from './attributes.js'
import { EventList } from './event-list.js'
import { EVENT_NAMES } from './event-names.js'
import { sizeOfEvent } from './size.js'
import { firstInside } from './times.js'

/**
 * The events for some files, in their order, span after span; the first span's may be none. A span takes 100 of them, and at
 * most 256,000 bytes of them unless it is a single one.
 *
 * @param otherwise where a file stands whose time is not known, in nanoseconds since 1970.
 * @example
 * fileEvents(run.files, run.startedUnixNano).map((events) => events.length) // [100, 17]
 */
export function fileEvents(files: readonly LoggedFile[], otherwise: bigint): SpanEvent[][] {
  const all = files.map((file) => fileToEvent(file, otherwise))
  const sizeOf = (i: number) => {
    const event = all[i]
    return event === undefined ? 0 : sizeOfEvent(event)
  }
  const sizes = { mostOf: sizeOf, sizeOf }
  let events: SpanEvent[] = []
  let room = new EventList(sizes)
  const spans = [events]
  all.forEach((event, i) => {
    if (!room.take(i)) {
      room = new EventList(sizes)
      room.takeFirst(i)
      events = []
      spans.push(events)
    }
    events.push(event)
  })
  return spans
}

function fileToEvent({ fileName, rows, bytes, createdUnixNano }: LoggedFile, otherwise: bigint) {
  const attributes: AttributesInTheMaking = {}
  putText(attributes, 'rivet.file.name', fileName)
  if (rows !== undefined) putInteger(attributes, 'rivet.file.rows', rows)
  if (bytes !== undefined) putInteger(attributes, 'rivet.file.bytes', bytes)
  const timeUnixNano = firstInside(createdUnixNano) ?? otherwise
  return { name: EVENT_NAMES.FileWritten, timeUnixNano, attributes }
}
