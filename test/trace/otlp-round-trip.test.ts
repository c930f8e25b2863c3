import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { parseJson } from '../../src/json/lossless.js'
import { RivetOtelError } from '../../src/problem.js'
import {
  decodeOtlpJson,
  encodeResourceSpansJson,
  joinJsonRequest,
} from '../../src/trace/otlp-json.js'
import { decodeOtlpProtobuf, encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import type { Trace } from '../../src/trace/trace.js'
import { anyTrace, bareSpan, fullTrace, received } from './sample-traces.js'

// Thousands of cases take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

function throughJson(...traces: readonly Trace[]) {
  return decodeOtlpJson(parseJson(joinJsonRequest(traces.map(encodeResourceSpansJson))))
}

function throughProtobuf(...traces: readonly Trace[]) {
  return decodeOtlpProtobuf(Buffer.concat(traces.map(encodeResourceSpansProtobuf)))
}

const encodings = [
  { encoding: 'JSON', through: throughJson },
  { encoding: 'protobuf', through: throughProtobuf },
]

describe.each(encodings)('a trace that goes through $encoding', ({ through }) => {
  test('comes back with every field and every value', () => {
    expect(through(fullTrace)).toStrictEqual({ spans: received(fullTrace), problems: [] })
  })

  test('comes back whatever it holds', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const { spans, problems } = through(trace)
        expect(problems).toEqual([])
        expect(spans).toEqual(received(trace))
      }),
      { numRuns: 500 },
    )
  })

  test('keeps its attributes, events and links in order', () => {
    const names = Array.from({ length: 300 }, (_, i) => `attribute ${(i * 7) % 300}`)
    const attributes = Object.fromEntries(names.map((name) => [name, { x: 1, a: 2 }]))
    const events = names.map((name) => ({ name, timeUnixNano: 5n, attributes: {} }))
    const { spans } = through({ ...fullTrace, spans: [{ ...bareSpan, attributes, events }] })
    expect(Object.keys(spans[0]?.span.attributes ?? {})).toEqual(names)
    expect(Object.keys(spans[0]?.span.attributes['attribute 0'] ?? {})).toEqual(['x', 'a'])
    expect(spans[0]?.span.events.map((event) => event.name)).toEqual(names)
  })

  test('comes back when it is much larger than the first buffer', () => {
    const long = 'é'.repeat(100_000)
    const spans = [
      {
        ...bareSpan,
        name: 'x'.repeat(70_000),
        attributes: { [long]: long, ascii: 'y'.repeat(90_000) },
      },
      { ...bareSpan, attributes: { bytes: new Uint8Array(50_000).fill(7) } },
    ]
    const trace = { ...fullTrace, spans }
    expect(isDeepStrictEqual(through(trace).spans, received(trace))).toBe(true)
  })

  test('fills every size of buffer exactly and one byte more', () => {
    for (let length = 0; length < 6000; length++) {
      const trace = { ...fullTrace, spans: [{ ...bareSpan, name: 'n'.repeat(length) }] }
      expect(through(trace).spans[0]?.span.name.length).toBe(length)
    }
  })

  test('comes back beside other traces, each under its own resource and scope', () => {
    const other: Trace = {
      resource: { 'service.name': 'other' },
      scope: { name: 'other', version: '' },
      spans: [bareSpan],
    }
    expect(through(fullTrace, other, fullTrace).spans).toStrictEqual([
      ...received(fullTrace),
      ...received(other),
      ...received(fullTrace),
    ])
  })

  test('comes back without spans as nothing', () => {
    expect(through({ ...fullTrace, spans: [] })).toEqual({ spans: [], problems: [] })
  })

  test('keeps an attribute named __proto__ as an attribute', () => {
    const attributes = JSON.parse('{"__proto__":{"__proto__":"polluted"},"toString":1}')
    const { spans } = through({
      ...fullTrace,
      resource: attributes,
      spans: [{ ...bareSpan, attributes }],
    })
    const [first] = spans
    expect(JSON.stringify(first?.span.attributes)).toBe(JSON.stringify(attributes))
    expect(JSON.stringify(first?.resource)).toBe(JSON.stringify(attributes))
    expect(Object.getPrototypeOf(first?.span.attributes)).toBe(Object.prototype)
  })

  test('makes of half of a surrogate pair the replacement character', () => {
    const attributes = { 'key \uDC00': 'value \uD800', long: `${'x'.repeat(100)}\uD83D` }
    const { spans } = through({ ...fullTrace, spans: [{ ...bareSpan, attributes }] })
    expect(spans[0]?.span.attributes).toEqual({
      'key \uFFFD': 'value \uFFFD',
      long: `${'x'.repeat(100)}\uFFFD`,
    })
  })

  test('brings a small bigint back as a number, which is the same int', () => {
    const { spans } = through({ ...fullTrace, spans: [{ ...bareSpan, attributes: { a: 5n } }] })
    expect(spans[0]?.span.attributes).toEqual({ a: 5 })
  })

  test('brings a status that says nothing back as none', () => {
    const { spans } = through({ ...fullTrace, spans: [{ ...bareSpan, status: { code: 0 } }] })
    expect(spans[0]?.span).toStrictEqual(bareSpan)
  })

  test('may nest values to 32 levels', () => {
    expect(() => through(traceWith(nested(33)))).toThrow(
      new RangeError(
        'the lists and objects of an attribute nest deeper than 32 levels; send it as JSON text',
      ),
    )
    const trace = traceWith(nested(32))
    expect(through(trace)).toEqual({ spans: received(trace), problems: [] })
  })

  test.each([2n ** 63n, -(2n ** 63n) - 1n])(
    'refuses the integer %s, which is beyond 64 bits',
    (a) => {
      expect(() => through(traceWith(a))).toThrow(
        new RangeError(
          `an integer attribute is ${a}; OTLP holds -9223372036854775808 to 9223372036854775807, so send it as decimal text`,
        ),
      )
    },
  )

  test.each([-1n, 2n ** 64n])('refuses the time %s, which OTLP cannot hold', (time) => {
    const refusal = new RangeError(
      `a time is ${time} ns since 1970; OTLP holds 0 to 18446744073709551615 (1970 to 2554)`,
    )
    for (const span of [
      { ...bareSpan, startTimeUnixNano: time },
      { ...bareSpan, endTimeUnixNano: time },
      { ...bareSpan, events: [{ name: 'e', timeUnixNano: time, attributes: {} }] },
    ]) {
      expect(() => through({ ...fullTrace, spans: [span] })).toThrow(refusal)
    }
  })

  test.each([
    '',
    'abc',
    'B36D1CAEB2E67C87',
    'b36d1caeb2e67c8g',
    'b36d1caeb2e67c:7',
    '"36d1caeb2e67c87',
    'b36d1caeb2e67c877',
  ])('refuses the span id %j, which is none', (id) => {
    const refusal = new RangeError(
      `expected 16 lower-case hexadecimal digits, got ${JSON.stringify(id)}`,
    )
    expect(() => through({ ...fullTrace, spans: [{ ...bareSpan, spanId: id }] })).toThrow(refusal)
    expect(() => through({ ...fullTrace, spans: [{ ...bareSpan, parentSpanId: id }] })).toThrow(
      refusal,
    )
    expect(() => through({ ...fullTrace, spans: [{ ...bareSpan, traceId: id }] })).toThrow(
      new RangeError(`expected 32 lower-case hexadecimal digits, got ${JSON.stringify(id)}`),
    )
  })
})

describe('the two encodings', () => {
  test('say the same of any trace', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        expect(throughProtobuf(trace)).toEqual(throughJson(trace))
      }),
    )
  })

  test('give the same bytes for the same trace, whatever was encoded before', () => {
    fc.assert(
      fc.property(anyTrace, anyTrace, (trace, other) => {
        const [json, protobuf] = [
          encodeResourceSpansJson(trace),
          encodeResourceSpansProtobuf(trace),
        ]
        encodeResourceSpansJson(other)
        encodeResourceSpansProtobuf(other)
        const copy = structuredClone(trace)
        expect(encodeResourceSpansJson(copy)).toBe(json)
        expect(Buffer.compare(encodeResourceSpansProtobuf(copy), protobuf)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  test('write what they read as they read it', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const [first] = throughProtobuf(trace).spans
        if (first === undefined) return
        const again = { ...first, spans: [first.span] }
        expect(encodeResourceSpansJson(again)).toBe(
          encodeResourceSpansJson({ ...trace, spans: trace.spans.slice(0, 1) }),
        )
      }),
      { numRuns: 50 },
    )
  })
})

describe('damaged input', () => {
  const bytes = encodeResourceSpansProtobuf(fullTrace)

  test('in protobuf ends in spans and problems or in INVALID_TRACE, never in anything else', () => {
    let refused = 0
    fc.assert(
      fc.property(damages(bytes.length), (damage) => {
        refused += refuses(damaged(bytes, damage)) ? 1 : 0
      }),
      { numRuns: 3000 },
    )
    expect(refused).toBeGreaterThan(100)
  })

  test('of random bytes is no OTLP in protobuf or harmless', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) => void refuses(random)),
      {
        numRuns: 3000,
      },
    )
  })

  test('that is cut anywhere is refused with the byte at which it ends', () => {
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decodeOtlpProtobuf(bytes.subarray(0, length))).toThrow(/byte \d+: .*(left|past)/)
    }
  })

  test('in JSON ends in problems and in spans that can be written again', () => {
    const text = joinJsonRequest([encodeResourceSpansJson(fullTrace)])
    const places = placesIn(JSON.parse(text))
    let hurt = 0
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, other) => {
        const request = JSON.parse(text)
        replace(request, place, other)
        const { spans, problems } = decodeOtlpJson(parseJson(JSON.stringify(request)))
        hurt += problems.length > 0 ? 1 : 0
        for (const { resource, scope, span } of spans) {
          const again = { resource, scope, spans: [span] }
          expect(throughProtobuf(again)).toEqual(throughJson(again))
        }
      }),
      { numRuns: 300 },
    )
    expect(hurt).toBeGreaterThan(30)
  })
})

type Place = readonly (string | number)[]

/** Where in a JSON value anything stands. */
function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => [
    [...at, key],
    ...placesIn(item, [...at, key]),
  ])
}

function replace(value: Record<string, unknown>, [key = '', ...rest]: Place, other: unknown): void {
  if (rest.length === 0) value[key] = other
  else replace(value[key] as Record<string, unknown>, rest, other)
}

function nested(levels: number) {
  let value: Trace['resource'][string] = []
  for (let level = 1; level < levels; level++) value = level % 2 === 0 ? [value] : { deep: value }
  return value
}

function traceWith(a: Trace['resource'][string]): Trace {
  return { ...fullTrace, spans: [{ ...bareSpan, attributes: { a } }] }
}

interface Damage {
  readonly at: number
  readonly kind: 'set' | 'flip' | 'cut' | 'insert'
  readonly byte: number
}

function damages(length: number): fc.Arbitrary<readonly Damage[]> {
  return fc.array(
    fc.record({
      at: fc.nat(length - 1),
      kind: fc.constantFrom('set', 'flip', 'cut', 'insert'),
      byte: fc.nat(255),
    }),
    { minLength: 1, maxLength: 4 },
  )
}

function damaged(bytes: Uint8Array, damage: readonly Damage[]): Uint8Array {
  const copy = [...bytes]
  for (const { at, kind, byte } of damage) {
    if (kind === 'set') copy[at] = byte
    else if (kind === 'flip') copy[at] = (copy[at] ?? 0) ^ (1 << (byte % 8))
    else if (kind === 'cut') copy.splice(at, (byte % 8) + 1)
    else copy.splice(at, 0, byte)
  }
  return Uint8Array.from(copy)
}

/** Whether the bytes are refused; anything but a refusal of the right kind is thrown on. */
function refuses(bytes: Uint8Array): boolean {
  try {
    decodeOtlpProtobuf(bytes)
    return false
  } catch (error) {
    if (!(error instanceof RivetOtelError) || error.code !== 'INVALID_TRACE') throw error
    expect(error.message).toMatch(/^not OTLP in protobuf, byte \d+: /)
    return true
  }
}
