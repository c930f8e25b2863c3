import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeResourceSpansJson,
  encodeResourceSpansJsonBytes,
} from '../../src/trace/otlp-json-encoder.js'
import { decodeOtlpProtobuf, encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import type { Attributes, AttributeValue, Span, Trace } from '../../src/trace/trace.js'
import { propertyCases } from '../journal/arbitrary-journal.js'

const spanWith = (attributes: Attributes, more: Partial<Span> = {}): Span => ({
  traceId: 'c3bde0ddc359ac2423e3095a715b3412',
  spanId: 'b36d1caeb2e67c87',
  name: 'chunk',
  kind: 1,
  startTimeUnixNano: 1n,
  endTimeUnixNano: 2n,
  attributes,
  events: [],
  links: [],
  ...more,
})
const traceOf = (...spans: Span[]): Trace => ({
  resource: {},
  scope: { name: '', version: '' },
  spans,
})
const jsonSpans = (trace: Trace): unknown[] =>
  JSON.parse(encodeResourceSpansJson(trace)).scopeSpans[0].spans
const protobufSpans = (trace: Trace) => {
  const { spans, problems } = decodeOtlpProtobuf(encodeResourceSpansProtobuf(trace))
  expect(problems).toEqual([])
  return spans.map(({ span }) => span)
}
/** Every span stands in a trace as it would alone. */
function expectEachAsAlone(spans: readonly Span[]): void {
  const all = traceOf(...spans)
  expect(jsonSpans(all)).toEqual(spans.flatMap((span) => jsonSpans(traceOf(span))))
  expect(protobufSpans(all)).toEqual(spans.flatMap((span) => protobufSpans(traceOf(span))))
}

describe('spans whose attributes are much the same', () => {
  const value: fc.Arbitrary<AttributeValue> = fc.constantFrom<AttributeValue>(
    0,
    -0,
    1,
    1n,
    '',
    'a',
    'é"',
    true,
    null,
    Number.NaN,
    0.5,
    7,
    300,
    500,
    'b',
    'é',
    '"',
    ['a'],
    { a: 1 },
    'x'.repeat(300),
  )
  const attributes = fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', '7', '__proto__'), value), { maxLength: 5 })
    .map((pairs) => Object.fromEntries(pairs) as Attributes)
  const ids = fc.constantFrom('0000000000000001', '0000000000000002')

  it('stand there as if each were alone', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(attributes, ids), { minLength: 1, maxLength: 8 }), (made) =>
        expectEachAsAlone(made.map(([own, parentSpanId]) => spanWith(own, { parentSpanId }))),
      ),
      { numRuns: propertyCases(400) },
    )
  })

  it('stand there as if each were alone, however plain texts and others of one length take turns', () => {
    const text = fc.constantFrom('a', 'é', '"', '€', '\n', 'z')
    const like = fc.record({ a: text, b: fc.oneof(text, fc.constantFrom(1, 7, 300)) })
    const events = fc
      .array(like, { maxLength: 4 })
      .map((all) => all.map((own) => ({ name: 'e', timeUnixNano: 1n, attributes: own })))
    fc.assert(
      fc.property(fc.array(fc.tuple(like, events), { minLength: 3, maxLength: 8 }), (made) =>
        expectEachAsAlone(made.map(([own, events]) => spanWith(own, { events }))),
      ),
      { numRuns: propertyCases(400) },
    )
  })

  it.each<[string, Attributes[]]>([
    [
      'one text twice that is not plain, and then one that is',
      [{ a: 'é' }, { a: 'é' }, { a: 'a' }],
    ],
    ['one that is plain, and then another one twice', [{ a: 'a' }, { a: 'é' }, { a: 'é' }]],
    ['one twice that is escaped, and one as long', [{ a: 'a"b' }, { a: 'a"b' }, { a: 'abc' }]],
    [
      'all of them',
      [
        { a: 1, b: 2 },
        { a: 1, b: 2 },
        { a: 1, b: 2 },
      ],
    ],
    ['all of the span before, and more', [{ a: 1 }, { a: 1, b: 2 }, { a: 1, b: 2, c: 3 }]],
    ['fewer than the span before', [{ a: 1, b: 2 }, { a: 1 }, {}, { a: 1 }]],
    ['0 and −0', [{ a: 0 }, { a: -0 }, { a: 0 }]],
    ['texts that are as long', [{ a: 'abc' }, { a: 'xyz' }, { a: 'xyz' }, { a: 'abc' }]],
    [
      'texts as long, of which one is written in another way',
      [
        { a: 'abc', b: 'abc', c: 1 },
        { a: 'xyz', b: 'éüö', c: 2 },
        { a: 'x"z', b: 'xyz', c: 3 },
        { a: 'éüö', b: 'éüö', c: 4 },
        { a: 'abc', b: 'x\nz', c: 5 },
      ],
    ],
    [
      'integers that are as long, and longer',
      [
        { a: 127, b: 'x' },
        { a: 100, b: 'x' },
        { a: 128, b: 'x' },
        { a: 2 ** 32 - 1 },
        { a: 2 ** 32 },
      ],
    ],
    [
      'other keys among the same',
      [
        { a: 1, b: 'x', c: 3 },
        { a: 2, c: 4 },
        { a: 3, b: 'y', c: 5 },
        { a: 4, d: 'y', c: 6 },
      ],
    ],
    ['1 and the text of it', [{ a: 1 }, { a: '1' }, { a: 1n }, { a: true }]],
  ])('are told apart: %s', (_, lists) => {
    expectEachAsAlone(lists.map((list) => spanWith(list)))
  })
})

describe('events whose attributes are much the same', () => {
  it('stand in their span as if each were alone', () => {
    const eventOf = (attributes: Attributes) => ({ name: 'e', timeUnixNano: 1n, attributes })
    const lists: Attributes[] = [
      { a: 'abc', b: 1 },
      { a: 'xyz', b: 2 },
      { a: 'éüö', b: 300 },
      {},
      { a: 'abc' },
    ]
    const eventsOf = (own: readonly Attributes[]) => {
      const trace = traceOf(spanWith({}, { events: own.map(eventOf) }))
      const json = jsonSpans(trace) as { events: unknown[] }[]
      return [json.flatMap(({ events }) => events), protobufSpans(trace).flatMap((s) => s.events)]
    }
    const alone = lists.map((list) => eventsOf([list]))
    expect(eventsOf(lists)).toEqual([0, 1].map((i) => alone.flatMap((both) => both[i] ?? [])))
  })
})

describe('a trace after one that cannot be encoded', () => {
  it('has nothing of it', () => {
    const good = traceOf(spanWith({ a: 1, b: 'x' }), spanWith({ a: 1, b: 'y' }))
    const [json, protobuf] = [encodeResourceSpansJson(good), encodeResourceSpansProtobuf(good)]
    const bad = traceOf(spanWith({ a: 1, b: 'x' }), spanWith({ a: 1 }, { spanId: 'x' }))
    for (const encode of [encodeResourceSpansJson, encodeResourceSpansProtobuf]) {
      expect(() => encode(bad)).toThrow(RangeError)
    }
    expect(encodeResourceSpansJson(good)).toBe(json)
    expect(encodeResourceSpansProtobuf(good)).toEqual(protobuf)
  })

  it('has nothing of one that is larger than what is kept', () => {
    const good = traceOf(spanWith({ a: 'é' }))
    const [json, protobuf] = [encodeResourceSpansJson(good), encodeResourceSpansProtobuf(good)]
    const large = traceOf(spanWith({ a: 'x'.repeat(10_000_000) }))
    expect(encodeResourceSpansJson(large).length).toBeGreaterThan(10_000_000)
    expect(encodeResourceSpansProtobuf(large).length).toBeGreaterThan(10_000_000)
    expect(encodeResourceSpansJson(good)).toBe(json)
    expect(encodeResourceSpansProtobuf(good)).toEqual(protobuf)
  })
})

describe('what was encoded', () => {
  it('is not changed by what is encoded after it', () => {
    const first = traceOf(spanWith({ a: 'first' }))
    const [json, protobuf] = [
      encodeResourceSpansJsonBytes(first),
      encodeResourceSpansProtobuf(first),
    ]
    const [jsonBefore, protobufBefore] = [Uint8Array.from(json), Uint8Array.from(protobuf)]
    const second = traceOf(spanWith({ a: 'other' }))
    encodeResourceSpansJsonBytes(second)
    encodeResourceSpansProtobuf(second)
    expect(json).toEqual(jsonBefore)
    expect(protobuf).toEqual(protobufBefore)
  })

  it('is the same as text and as bytes', () => {
    const trace = traceOf(spanWith({ a: 'é🦀"\\', b: `${'ü'.repeat(70)}`, c: 'x'.repeat(70) }))
    expect(Buffer.from(encodeResourceSpansJsonBytes(trace)).toString()).toBe(
      encodeResourceSpansJson(trace),
    )
  })
})

describe('a text', () => {
  it.each(['a', 'é', '注', '🦀', '\x7f', '\u2028'])(
    'of any length is what it was, around %j',
    (char) => {
      for (let length = 0; length <= 140; length++) {
        for (const text of [
          char.repeat(length),
          `a${char.repeat(length)}`,
          `${char.repeat(length)}b`,
        ]) {
          const trace = traceOf(spanWith({ a: text }))
          expect(protobufSpans(trace)[0]?.attributes).toEqual({ a: text })
          expect(jsonSpans(trace)).toMatchObject([
            { attributes: [{ key: 'a', value: { stringValue: text } }] },
          ])
        }
      }
    },
  )
})

describe('a time and an integer in JSON', () => {
  it('are all their digits', () => {
    const time = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.nat({ max: 70 }).map((bits) => BigInt.asUintN(64, 2n ** BigInt(bits) - 1n)),
      fc.nat({ max: 19 }).map((digits) => 10n ** BigInt(digits)),
    )
    const integer = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.nat({ max: 2000 }))
    fc.assert(
      fc.property(time, time, integer, (startTimeUnixNano, endTimeUnixNano, value) => {
        const span = spanWith({ value }, { startTimeUnixNano, endTimeUnixNano })
        expect(jsonSpans(traceOf(span))).toMatchObject([
          {
            startTimeUnixNano: String(startTimeUnixNano),
            endTimeUnixNano: String(endTimeUnixNano),
            attributes: [{ value: { intValue: String(value) } }],
          },
        ])
      }),
      { numRuns: propertyCases(500) },
    )
  })
})
