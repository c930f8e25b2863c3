// What a trace has to say about a journal, worked out from docs/mapping.md alone: the measure that every contender's spans are
// held to. It knows what the made-up journals have in them, which is less than the mapping can say.

/**
 * @typedef {import('./journal-shapes.mjs').Journal} Journal
 * @typedef {import('./journal-shapes.mjs').Entry} Entry
 * @typedef {Record<string, unknown>} Attributes
 * @typedef {{ start: bigint, end: bigint, attributes: Attributes }} ChunkSpan
 * @typedef {{ time: bigint, name: string, attributes: Attributes }} Event
 */

/** The most events on one span, by the mapping. */
export const EVENTS_PER_SPAN = 100

/**
 * How many spans a run has: its root, one for each attempt at a chunk, and those for events that found no room.
 *
 * @param {Journal} journal
 * @returns {number}
 */
export function spansOfJournal({ entries }) {
  let attempts = 0
  let events = 0
  const open = new Set()
  for (const { event } of entries) {
    const chunk = event.ChunkStarted ?? event.ChunkCompleted ?? event.ChunkFailed
    if (chunk === undefined) events++
    else if (event.ChunkStarted !== undefined) {
      open.add(chunk.chunk_index)
      attempts++
    } else if (!open.delete(chunk.chunk_index)) attempts++
  }
  return 1 + attempts + Math.ceil(Math.max(0, events - EVENTS_PER_SPAN) / EVENTS_PER_SPAN)
}

/**
 * The chunk spans of a journal, in the order in which the attempts begin.
 *
 * @param {Journal} journal
 * @returns {ChunkSpan[]}
 */
export function chunkSpansOf({ entries }) {
  /** @type {Map<unknown, ChunkSpan>} */
  const open = new Map()
  /** @type {ChunkSpan[]} */
  const spans = []
  entries.forEach(({ recorded_at, event }, index) => {
    const time = nanosOf(recorded_at)
    const { ChunkStarted: started, ChunkCompleted: completed, ChunkFailed: failed } = event
    const ended = completed ?? failed
    if (started !== undefined) {
      const attributes = { ...chunkFields(started), 'rivet.entry.start.index': index }
      const span = { start: time, end: time + 1n, attributes }
      open.set(started.chunk_index, span)
      spans.push(span)
    } else if (ended !== undefined) {
      const before = open.get(ended.chunk_index)
      open.delete(ended.chunk_index)
      const span = before ?? { start: time, end: time + 1n, attributes: {} }
      if (before === undefined) spans.push(span)
      else span.end = time
      const timing = before === undefined ? 'end_only' : 'measured'
      const said = { 'rivet.entry.end.index': index, 'rivet.chunk.timing': timing }
      Object.assign(span.attributes, chunkFields(ended), said)
    }
  })
  return spans
}

/**
 * The entries that are no ends of chunks, as events.
 *
 * @param {Journal} journal
 * @returns {Event[]}
 */
export function eventsOf({ entries }) {
  return entries.flatMap(({ recorded_at, event }, index) => {
    const kind = Object.keys(event)[0] ?? ''
    if (kind.startsWith('Chunk')) return []
    const name = `rivet.${kind.replaceAll(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()}`
    return [{ time: nanosOf(recorded_at), name, attributes: { 'rivet.entry.index': index } }]
  })
}

/** @param {Record<string, unknown>} fields @returns {Attributes} */
function chunkFields({ chunk_index, start_key, end_key, rows, file_name, error, attempt }) {
  const all = {
    'rivet.chunk.index': chunk_index,
    'rivet.chunk.start_key': start_key,
    'rivet.chunk.end_key': end_key,
    'rivet.chunk.rows': rows,
    'rivet.chunk.error': error,
    'rivet.chunk.attempt': attempt,
    'rivet.file.name': file_name,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** @param {string} time As chrono writes it. @returns {bigint} Nanoseconds since 1970. */
function nanosOf(time) {
  const [whole = '', digits = ''] = time.replace('Z', '').split('.')
  return BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(digits.padEnd(9, '0'))
}
