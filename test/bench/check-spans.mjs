// Whether a contender did the work: as many spans as the journals need, and of the sampled runs the spans that the journal asks for.
import { isDeepStrictEqual } from 'node:util'
import { chunkSpansOf, eventsOf, spansOfJournal } from './journal-spans.mjs'

/**
 * @typedef {import('./journal-file.mjs').JournalFile} JournalFile
 * @typedef {import('./journal-shapes.mjs').Journal} Journal
 * @typedef {import('./otlp-bodies.mjs').ReceivedSpan} ReceivedSpan
 */

/**
 * Compares what the sink got with what the journals say.
 *
 * @param {string} contender
 * @param {JournalFile} file
 * @param {{ spans: number, ofRuns: Map<string, ReceivedSpan[]> }} received
 * @throws {Error} that names the contender, the run and what is not as in the journal.
 */
export function checkSpans(contender, file, { spans, ofRuns }) {
  same(`${contender}: spans`, spans, file.spans)
  for (const journal of file.samples) {
    checkRun(`${contender}: ${journal.run_id}`, journal, ofRuns.get(journal.run_id) ?? [])
  }
}

/** @param {string} where @param {Journal} journal @param {ReceivedSpan[]} spans */
function checkRun(where, journal, spans) {
  same(`${where}: spans`, spans.length, spansOfJournal(journal))
  const root = spans.find(({ name }) => name === `export ${journal.export_name}`)
  same(
    `${where}: entries on the root`,
    root?.attributes['rivet.journal.entries'],
    journal.entries.length,
  )
  checkChunks(where, journal, spans)
  checkEvents(where, journal, spans)
}

/** @param {string} where @param {Journal} journal @param {ReceivedSpan[]} spans */
function checkChunks(where, journal, spans) {
  const chunks = byEntry(
    spans.filter(({ name }) => name === 'chunk'),
    ({ attributes }) =>
      attributes['rivet.entry.start.index'] ?? attributes['rivet.entry.end.index'],
  )
  const identity = { 'rivet.run.id': journal.run_id, 'rivet.export.name': journal.export_name }
  chunkSpansOf(journal).forEach((expected, i) => {
    const chunk = chunks[i]
    const wanted = { ...expected.attributes, ...identity, 'rivet.run.revision': 0 }
    same(`${where}: chunk span ${i} starts`, chunk?.start, expected.start)
    same(`${where}: chunk span ${i} ends`, chunk?.end, expected.end)
    for (const [name, value] of Object.entries(wanted)) {
      same(`${where}: chunk span ${i}: ${name}`, chunk?.attributes[name], value)
    }
  })
}

/** @param {string} where @param {Journal} journal @param {ReceivedSpan[]} spans */
function checkEvents(where, journal, spans) {
  const events = byEntry(
    spans.flatMap((span) => span.events),
    ({ attributes }) => attributes['rivet.entry.index'],
  )
  const wanted = eventsOf(journal)
  same(`${where}: events`, events.length, wanted.length)
  wanted.forEach(({ name, time, attributes }, i) => {
    same(`${where}: event ${i}`, events[i]?.name, name)
    same(`${where}: event ${i}: time`, events[i]?.time, time)
    same(
      `${where}: event ${i}: entry`,
      events[i]?.attributes['rivet.entry.index'],
      attributes['rivet.entry.index'],
    )
  })
  const plan = events[0]?.attributes ?? {}
  same(
    `${where}: query`,
    joined(plan, 'rivet.plan.base_query'),
    journal.entries[0]?.event.PlanResolved?.base_query,
  )
}

/** A text that was split. @param {Record<string, unknown>} attributes @param {string} name */
function joined(attributes, name) {
  const parts = Number(attributes[`${name}.parts`] ?? 1)
  const names = Array.from({ length: parts }, (_, i) => (i === 0 ? name : `${name}.part_${i + 1}`))
  return names.map((one) => attributes[one]).join('')
}

/** @template T @param {T[]} items @param {(item: T) => unknown} entry @returns {T[]} */
function byEntry(items, entry) {
  return items.sort((one, other) => Number(entry(one)) - Number(entry(other)))
}

/** @param {string} what @param {unknown} got @param {unknown} wanted */
function same(what, got, wanted) {
  if (!isDeepStrictEqual(got, wanted)) throw new Error(`${what}: got ${got}, wanted ${wanted}`)
}
