import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import {
  MAX_EVENT_BYTES_PER_SPAN,
  MAX_EVENTS_PER_SPAN,
  MAX_PAGE_BYTES,
  mostOfSpan,
  sizeOfEvent,
  sizeOfSpan,
} from '../../src/mapping/size.js'
import { encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf-encoder.js'
import type { Attributes, AttributeValue, Span, Trace } from '../../src/trace/trace.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import {
  at,
  journalOf,
  journalOfEvents,
  shopJournals,
  warning,
} from '../journal/example-journals.js'
import { exported } from './both-ways.js'
import { codeIn, publishedTable } from './published-mapping.js'

/** The numbers of the published formula, by the part that they are for. */
const NUMBERS = new Map(
  publishedTable('part', 'bytes').map((row) => [
    row.part,
    [...(row.bytes ?? '').matchAll(/\d+/g)].map(([number]) => Number(number)),
  ]),
)
const published = (part: string, place = 0): number => {
  const number = NUMBERS.get(part)?.[place]
  if (number === undefined) throw new Error(`docs/mapping.md has no size of ${part}`)
  return number
}

/** The formula once more, from what is published. */
function publishedSize({ name, attributes, events, links, status }: Span): number {
  let size = published('span') + utf8(name) + sizeOfAttributes(attributes)
  for (const event of events) {
    size += published('span event') + utf8(event.name) + sizeOfAttributes(event.attributes)
  }
  for (const link of links) size += published('link') + sizeOfAttributes(link.attributes)
  if (status?.message !== undefined) size += published('status message') + utf8(status.message)
  return size
}

function sizeOfAttributes(attributes: Attributes): number {
  return Object.entries(attributes)
    .map(([key, value]) => published('attribute') + utf8(key) + sizeOfValue(value))
    .reduce((sum, size) => sum + size, 0)
}

function sizeOfValue(value: AttributeValue): number {
  if (typeof value === 'string') return utf8(value)
  if (typeof value === 'boolean') return published('bool')
  if (typeof value === 'number' || typeof value === 'bigint') return published('int')
  if (!Array.isArray(value)) throw new Error('no value of the mapping')
  return value.reduce(
    (size: number, item: AttributeValue) => size + published('list', 1) + sizeOfValue(item),
    published('list'),
  )
}

const utf8 = (text: string) => new TextEncoder().encode(text).length
const tracesOf = (journal: RunJournal, revision = 0): Trace[] =>
  [...journalToTrace(journal, { revision })].map(({ trace }) => trace)

describe('the limits', () => {
  it('are the published ones', () => {
    expect(MAX_EVENTS_PER_SPAN).toBe(100)
    expect(MAX_EVENT_BYTES_PER_SPAN).toBe(256_000)
    expect(MAX_PAGE_BYTES).toBe(2_000_000)
  })
})

describe('the size formula', () => {
  it('is the published one, for every span of random journals', () => {
    fc.assert(
      fc.property(arbitraryJournal(), fc.constantFrom(0, 1), (journal, revision) => {
        for (const { span } of exported(journal, { revision })) {
          expect(sizeOfSpan(span)).toBe(publishedSize(span))
          expect(mostOfSpan(span)).toBeGreaterThanOrEqual(sizeOfSpan(span))
        }
      }),
      { numRuns: propertyCases(60) },
    )
  })

  it.each(publishedTable('run_id', 'spans', 'bytes of the root'))(
    'gives the published sizes of $run_id',
    (row) => {
      const journal = shopJournals().find(({ run_id }) => run_id === codeIn(row.run_id))
      const [trace] = journal === undefined ? [] : tracesOf(journal)
      const sizes = trace?.spans.map(publishedSize) ?? []
      expect([sizes.length, sizes[0], sizes.reduce((sum, size) => sum + size, 0)]).toEqual([
        Number(row.spans),
        Number(row['bytes of the root']),
        Number(row['bytes of the page']),
      ])
    },
  )

  it('is never below the bytes of the page in protobuf, for random journals', () => {
    fc.assert(
      fc.property(arbitraryJournal(), fc.constantFrom(0, 1), (journal, revision) => {
        for (const trace of tracesOf(journal, revision)) {
          const formula = trace.spans.reduce((sum, span) => sum + sizeOfSpan(span), 0)
          expect(encodeResourceSpansProtobuf(trace).length).toBeLessThanOrEqual(formula)
        }
      }),
      { numRuns: propertyCases(100) },
    )
  })

  it('is never below the bytes of one span in protobuf, whatever it holds', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constant('x'.repeat(2048)),
    )
    const integer = fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
    const value = fc.oneof(text, integer, fc.boolean(), fc.array(text, { maxLength: 5 }))
    const attributes = fc.dictionary(text, value as fc.Arbitrary<AttributeValue>, { maxKeys: 8 })
    const nanos = fc.bigInt({ min: 0n, max: 2n ** 63n })
    const event = fc.record({ name: text, timeUnixNano: nanos, attributes })
    const link = fc.record({
      traceId: fc.constant('f'.repeat(32)),
      spanId: fc.constant('f'.repeat(16)),
      attributes,
    })
    const span = fc.record({
      traceId: fc.constant('f'.repeat(32)),
      spanId: fc.constant('f'.repeat(16)),
      parentSpanId: fc.constant('f'.repeat(16)),
      name: text,
      kind: fc.constantFrom(0, 1, 5),
      startTimeUnixNano: nanos,
      endTimeUnixNano: nanos,
      attributes,
      events: fc.array(event, { maxLength: 5 }),
      links: fc.array(link, { maxLength: 2 }),
      status: fc.oneof(
        fc.constant({ code: 2 }),
        text.map((message) => ({ code: 2, message })),
      ),
    })
    fc.assert(
      fc.property(span, (made) => {
        const bare = { resource: {}, scope: { name: '', version: '' } }
        const bytes = encodeResourceSpansProtobuf({ ...bare, spans: [made] }).length
        expect(bytes).toBeLessThanOrEqual(sizeOfSpan(made))
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('is not below protobuf for giant events, long lists and many of everything', () => {
    const giants = [
      journalOfEvents(warning('🦀'.repeat(600_000))),
      journalOfEvents({
        SchemaChanged: {
          added: Array.from({ length: 5000 }, (_, i) => `${i} (text)`),
          removed: ['x'.repeat(3_000_000)],
          type_changed: [],
        },
      }),
      journalOf(Array.from({ length: 500 }, (_, i) => at(i, 'x'))),
    ]
    for (const journal of giants) {
      for (const trace of tracesOf(journal)) {
        const formula = trace.spans.reduce((sum, span) => sum + sizeOfSpan(span), 0)
        expect(encodeResourceSpansProtobuf(trace).length).toBeLessThanOrEqual(formula)
      }
    }
  })

  it('counts bytes of UTF-8', () => {
    const event = (name: string) => sizeOfEvent({ name, timeUnixNano: 0n, attributes: {} })
    expect(event('é') - event('')).toBe(2)
    expect(event('🦀') - event('')).toBe(4)
  })

  it('refuses a value that the mapping never writes, rather than to guess its size', () => {
    const attributes = { a: { b: 1 } }
    expect(() => sizeOfEvent({ name: '', timeUnixNano: 0n, attributes })).toThrow(TypeError)
  })
})
