import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/events.js'
import type { JournalEntry } from '../../src/journal/run-journal.js'
import { entryToEvent } from '../../src/mapping/entry-event.js'
import { planSpans } from '../../src/mapping/layout.js'
import {
  MAX_EVENT_BYTES_PER_SPAN,
  MAX_EVENTS_PER_SPAN,
  sizeOfEvent,
} from '../../src/mapping/size.js'
import { EntryTimes } from '../../src/mapping/times.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { at, completed, failed, journalOf, started, warning } from '../journal/example-journals.js'
import { exported } from './both-ways.js'

const entriesOf = (...events: RunEvent[]): JournalEntry[] => events.map((event, i) => at(i, event))
const warnings = (count: number) => Array.from({ length: count }, (_, i) => warning(`${i}`))
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
const sizeOf = (event: RunEvent) => {
  const entry = at(0, event)
  return sizeOfEvent(entryToEvent(entry, 0, new EntryTimes([entry])))
}
/** Two warnings whose events are exactly so many bytes together, by the size formula. */
const twoOf = (bytes: number): [RunEvent, RunEvent] => {
  // Where a long text gets a part more, its size jumps: another first warning gets round that.
  for (let first = 100; first < 2000; first += 100) {
    const one = warning('y'.repeat(first))
    let length = bytes
    for (let tries = 0; tries < 10; tries++) {
      const other = warning('x'.repeat(length))
      const over = sizeOf(one) + sizeOf(other) - bytes
      if (over === 0) return [one, other]
      length -= over
    }
  }
  throw new Error(`no two warnings are ${bytes} bytes`)
}

describe('the events of the root', () => {
  it('are every entry that belongs to no chunk, in order', () => {
    const layout = planSpans(
      entriesOf(warning('a'), started(0), 'Paused', completed(0), warning('b')),
    )
    expect(layout.rootEvents).toEqual([0, 2, 4])
    expect(layout.spans).toMatchObject([{ opener: 1, attempt: { start: 1, end: 3 }, events: [] }])
  })

  it('are 100 at most; the next ones go to entries spans of 100, in order', () => {
    const { rootEvents, spans } = planSpans(entriesOf(...warnings(100)))
    expect(rootEvents).toEqual(range(0, 100))
    expect(spans).toEqual([])
    const more = planSpans(entriesOf(...warnings(301)))
    expect(more.rootEvents).toEqual(range(0, 100))
    expect(more.spans).toEqual([
      { opener: 100, events: range(100, 200) },
      { opener: 200, events: range(200, 300) },
      { opener: 300, events: [300] },
    ])
  })

  it('are 256,000 bytes at most, and exactly as many are still taken', () => {
    const fitting = twoOf(MAX_EVENT_BYTES_PER_SPAN)
    expect(planSpans(entriesOf(...fitting)).rootEvents).toEqual([0, 1])
    const over = planSpans(entriesOf(...twoOf(MAX_EVENT_BYTES_PER_SPAN + 1)))
    expect(over.rootEvents).toEqual([0])
    expect(over.spans).toEqual([{ opener: 1, events: [1] }])
  })

  it('are measured where their lengths alone do not tell that they fit', () => {
    const long = { Warning: { context: 'x'.repeat(600), message: 'é'.repeat(600) } }
    const { rootEvents } = planSpans(entriesOf(...Array.from({ length: 101 }, () => long)))
    expect(rootEvents).toEqual(range(0, 100))
  })

  it('take nothing more once one did not fit, so that the rest stays in order', () => {
    const { rootEvents, spans } = planSpans(
      entriesOf(warning('small'), warning('x'.repeat(255_000)), warning('small')),
    )
    expect(rootEvents).toEqual([0])
    expect(spans).toEqual([
      { opener: 1, events: [1] },
      { opener: 2, events: [2] },
    ])
  })
})

describe('an event of more than 256,000 bytes', () => {
  it('has an entries span to itself', () => {
    const giant = warning('x'.repeat(300_000))
    const { rootEvents, spans } = planSpans(
      entriesOf(warning('a'), giant, warning('b'), warning('c'), giant, warning('d')),
    )
    expect(rootEvents).toEqual([0])
    expect(spans.map(({ events }) => events)).toEqual([[1], [2, 3], [4], [5]])
  })
})

describe('the further ends of a chunk', () => {
  it('are events on its span', () => {
    const { rootEvents, spans } = planSpans(
      entriesOf(started(0), failed(0), warning('a'), completed(0, 'a'), completed(0, 'b')),
    )
    expect(rootEvents).toEqual([2])
    expect(spans).toMatchObject([{ opener: 0, attempt: { start: 0, end: 4 }, events: [1, 3] }])
  })

  it('are 100 at most; the next ones go to entries spans, among those of the root', () => {
    const files = Array.from({ length: 151 }, (_, i) => completed(0, `${i}`))
    const { spans } = planSpans(entriesOf(started(0), ...files))
    expect(spans.map(({ opener, events }) => [opener, events])).toEqual([
      [0, range(1, 101)],
      [101, range(101, 151)],
    ])
  })
})

describe('the plan of any journal', () => {
  it('has every entry in one place, in order, and the spans by the entries that open them', () => {
    fc.assert(
      fc.property(arbitraryJournal({ maxLength: 150 }), ({ entries }) => {
        const { rootEvents, spans } = planSpans(entries)
        const places = [
          ...rootEvents,
          ...spans.flatMap(({ attempt, events }) => [attempt?.start, attempt?.end, ...events]),
        ].filter((index) => index !== undefined)
        expect(places.sort((a, b) => a - b)).toEqual(entries.map((_, i) => i))
        for (const list of [rootEvents, ...spans.map(({ events }) => events)]) {
          expect(list.length).toBeLessThanOrEqual(MAX_EVENTS_PER_SPAN)
          expect(list).toEqual(list.toSorted((a, b) => a - b))
        }
        const openers = spans.map(({ opener }) => opener)
        expect(openers).toEqual(openers.toSorted((a, b) => a - b))
        expect(new Set(openers).size).toBe(openers.length)
      }),
      { numRuns: propertyCases(100) },
    )
  })

  it('is the same as if every event had been measured', () => {
    const letters = fc.constantFrom('x', 'é', '注', '🦀')
    const text = fc.tuple(letters, fc.integer({ min: 0, max: 600 })).map(([c, n]) => c.repeat(n))
    const short = fc.record({ context: text, message: text }).map((Warning) => ({ Warning }))
    const long = fc.integer({ min: 0, max: 120_000 }).map((length) => warning('x'.repeat(length)))
    const event = fc.oneof({ weight: 30, arbitrary: short }, { weight: 1, arbitrary: long })
    fc.assert(
      fc.property(fc.array(event, { minLength: 50, maxLength: 400 }), (events) => {
        const entries = entriesOf(...events)
        const times = new EntryTimes(entries)
        const lists: number[][] = [[]]
        let bytes = 0
        entries.forEach((entry, index) => {
          const last = lists.at(-1) ?? []
          const size = sizeOfEvent(entryToEvent(entry, index, times))
          const fits = last.length < MAX_EVENTS_PER_SPAN && bytes + size <= MAX_EVENT_BYTES_PER_SPAN
          if (fits) last.push(index)
          else lists.push([index])
          bytes = fits ? bytes + size : size
        })
        const { rootEvents, spans } = planSpans(entries)
        expect([rootEvents, ...spans.map((span) => span.events)]).toEqual(lists)
      }),
      { numRuns: propertyCases(20) },
    )
  })

  it('has no span with more than 256,000 bytes of events, unless it is one event', () => {
    const event = fc.oneof(
      fc.integer({ min: 0, max: 120_000 }).map((length) => warning('x'.repeat(length))),
      fc.constantFrom(started(0), completed(0), warning('x'.repeat(260_000))),
    )
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), (events) => {
        for (const { span } of exported(journalOf(entriesOf(...events)))) {
          const bytes = span.events.reduce((sum, event) => sum + sizeOfEvent(event), 0)
          if (span.events.length > 1) expect(bytes).toBeLessThanOrEqual(MAX_EVENT_BYTES_PER_SPAN)
        }
      }),
      { numRuns: propertyCases(20) },
    )
  })
})
