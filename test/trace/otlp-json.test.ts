import { describe, expect, test } from 'vitest'
import { type JsonValue, parseJson } from '../../src/json/lossless.js'
import {
  decodeOtlpJson,
  encodeResourceSpansJson,
  joinJsonRequest,
} from '../../src/trace/otlp-json.js'
import { bareSpan, chunkId, everyValue, fullTrace, rootId, traceId } from './sample-traces.js'

const ids = { traceId, spanId: rootId }

/** A request with these spans, as a backend might answer it. */
function request(...spans: readonly JsonValue[]): JsonValue {
  return { resourceSpans: [{ scopeSpans: [{ spans }] }] }
}

/** A span with one attribute of this value. */
function withValue(value: JsonValue): JsonValue {
  return request({ ...ids, attributes: [{ key: 'a', value }] })
}

function valueFrom(value: JsonValue) {
  const { spans, problems } = decodeOtlpJson(withValue(value))
  expect(problems).toEqual([])
  return spans[0]?.span.attributes.a
}

describe('what is encoded', () => {
  test('is OTLP/JSON: hexadecimal ids, numbers for enums, decimal text for 64-bit integers', () => {
    const trace = {
      resource: { 'service.name': 'rivet' },
      scope: { name: 'rivet-otel', version: '1' },
      spans: [
        {
          ...bareSpan,
          parentSpanId: chunkId,
          attributes: { 'rivet.chunk.index': 0, 'rivet.chunk.rows': 9223372036854775807n },
          events: [{ name: 'rivet.retry', timeUnixNano: 5n, attributes: { ok: true } }],
          links: [{ traceId, spanId: chunkId, attributes: { page: 0 } }],
          status: { code: 2, message: 'no "disk"' },
        },
        bareSpan,
      ],
    }
    expect(JSON.parse(joinJsonRequest([encodeResourceSpansJson(trace)]))).toEqual({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'rivet' } }] },
          scopeSpans: [
            {
              scope: { name: 'rivet-otel', version: '1' },
              spans: [
                {
                  traceId: 'c3bde0ddc359ac2423e3095a715b3412',
                  spanId: 'b36d1caeb2e67c87',
                  parentSpanId: 'b36d1caeb2e67c8f',
                  name: 'export orders',
                  kind: 1,
                  startTimeUnixNano: '1795251219134436857',
                  endTimeUnixNano: '1795251229134436857',
                  attributes: [
                    { key: 'rivet.chunk.index', value: { intValue: '0' } },
                    { key: 'rivet.chunk.rows', value: { intValue: '9223372036854775807' } },
                  ],
                  events: [
                    {
                      timeUnixNano: '5',
                      name: 'rivet.retry',
                      attributes: [{ key: 'ok', value: { boolValue: true } }],
                    },
                  ],
                  links: [
                    {
                      traceId: 'c3bde0ddc359ac2423e3095a715b3412',
                      spanId: 'b36d1caeb2e67c8f',
                      attributes: [{ key: 'page', value: { intValue: '0' } }],
                    },
                  ],
                  status: { code: 2, message: 'no "disk"' },
                },
                {
                  traceId: 'c3bde0ddc359ac2423e3095a715b3412',
                  spanId: 'b36d1caeb2e67c87',
                  name: 'export orders',
                  kind: 1,
                  startTimeUnixNano: '1795251219134436857',
                  endTimeUnixNano: '1795251229134436857',
                },
              ],
            },
          ],
        },
      ],
    })
  })

  test('spells every kind of value as proto3 does', () => {
    const text = encodeResourceSpansJson({ ...fullTrace, resource: everyValue, spans: [] })
    const { attributes } = JSON.parse(text).resource
    const values = Object.fromEntries(
      attributes.map(({ key, value }: { key: string; value: unknown }) => [key, value]),
    )
    expect(values).toEqual({
      text: { stringValue: 'orders' },
      'empty text': { stringValue: '' },
      'text of any kind': { stringValue: everyValue['text of any kind'] },
      yes: { boolValue: true },
      no: { boolValue: false },
      zero: { intValue: '0' },
      'negative zero': { doubleValue: -0 },
      int: { intValue: '25000' },
      'negative int': { intValue: '-1' },
      'int beyond 2^31': { intValue: '-2147483649' },
      'int beyond 2^32': { intValue: '4294967296' },
      'largest safe int': { intValue: '9007199254740991' },
      'least safe int': { intValue: '-9007199254740991' },
      'largest i64': { intValue: '9223372036854775807' },
      'least i64': { intValue: '-9223372036854775808' },
      'just beyond 2^53': { intValue: '-9007199254740993' },
      double: { doubleValue: 0.1 },
      'large double': { doubleValue: 1e300 },
      'double beyond 2^53': { doubleValue: 2 ** 60 },
      'small double': { doubleValue: 5e-324 },
      nan: { doubleValue: 'NaN' },
      infinite: { doubleValue: 'Infinity' },
      'negative infinite': { doubleValue: '-Infinity' },
      bytes: { bytesValue: 'AAF/gP8=' },
      'no bytes': { bytesValue: '' },
      nothing: {},
      list: {
        arrayValue: {
          values: [
            { stringValue: 'a' },
            { intValue: '1' },
            {},
            { arrayValue: { values: [{ boolValue: true }, { arrayValue: { values: [] } }] } },
            { kvlistValue: { values: [{ key: 'b', value: { doubleValue: 0.5 } }] } },
          ],
        },
      },
      'empty list': { arrayValue: { values: [] } },
      object: {
        kvlistValue: {
          values: [
            {
              key: 'a',
              value: {
                kvlistValue: {
                  values: [{ key: 'b', value: { arrayValue: { values: [{ stringValue: 'c' }] } } }],
                },
              },
            },
            { key: 'empty object', value: { kvlistValue: { values: [] } } },
          ],
        },
      },
      '': { stringValue: 'an empty key' },
      'ключ 🔑': { stringValue: 'a key of any kind' },
    })
  })

  test('is one line', () => {
    const attributes = { 'line\nbreak': 'a\r\nb\u2028c' }
    const text = encodeResourceSpansJson({ ...fullTrace, spans: [{ ...bareSpan, attributes }] })
    expect(text).not.toMatch(/[\r\n]/)
  })

  test('may hold a view into a larger buffer', () => {
    const bytes = new Uint8Array([9, 9, 1, 2, 9]).subarray(2, 4)
    const spans = [{ ...bareSpan, attributes: { bytes } }]
    expect(encodeResourceSpansJson({ ...fullTrace, spans })).toContain('{"bytesValue":"AQI="}')
  })

  test('is joined to a request, also of nothing', () => {
    expect(joinJsonRequest([])).toBe('{"resourceSpans":[]}')
    expect(joinJsonRequest(['{"a":1}', '{"b":2}'])).toBe('{"resourceSpans":[{"a":1},{"b":2}]}')
  })
})

describe('what others write', () => {
  test('may lack the resource, the scope, the spans and everything of a span but its ids', () => {
    const { spans, problems } = decodeOtlpJson({
      resourceSpans: [{}, { scopeSpans: [{}, { scope: { name: 'x' } }, { spans: [ids] }] }],
    })
    expect(problems).toEqual([])
    expect(spans).toStrictEqual([
      {
        resource: {},
        scope: { name: '', version: '' },
        span: { ...bareSpan, name: '', kind: 0, startTimeUnixNano: 0n, endTimeUnixNano: 0n },
      },
    ])
  })

  test('may say null where nothing is', () => {
    const nulls = {
      ...ids,
      parentSpanId: null,
      name: null,
      kind: null,
      startTimeUnixNano: null,
      endTimeUnixNano: null,
      attributes: null,
      events: null,
      links: null,
      status: null,
    }
    const group = { scope: null, spans: [nulls] }
    expect(
      decodeOtlpJson({ resourceSpans: [{ resource: null, scopeSpans: [group] }] }),
    ).toStrictEqual(decodeOtlpJson(request(ids)))
  })

  test('may be of OTLP before 0.15', () => {
    const library = { name: 'rivet-otel', version: '1' }
    const { spans } = decodeOtlpJson({
      resourceSpans: [
        { instrumentationLibrarySpans: [{ instrumentationLibrary: library, spans: [ids] }] },
      ],
    })
    expect(spans.map(({ scope, span }) => [scope, span.spanId])).toEqual([[library, rootId]])
  })

  test('may have members that nobody knows', () => {
    const span = { ...ids, traceState: 'a=b', flags: 257, droppedEventsCount: 1, new: [{}] }
    const element = { schemaUrl: '', entityRefs: [], scopeSpans: [{ spans: [span], extra: 1 }] }
    expect(decodeOtlpJson({ resourceSpans: [element], more: true })).toStrictEqual(
      decodeOtlpJson(request(ids)),
    )
  })

  test.each([
    ['upper-case digits', traceId.toUpperCase(), rootId.toUpperCase()],
    ['base64', 'w73g3cNZrCQj4wlacVs0Eg==', 's20crrLmfIc='],
    ['base64 without padding', 'w73g3cNZrCQj4wlacVs0Eg', 's20crrLmfIc'],
  ])('may have ids in %s', (_, trace, span) => {
    const link = { traceId: trace, spanId: span }
    const { spans, problems } = decodeOtlpJson(
      request({ traceId: trace, spanId: span, parentSpanId: span, links: [link] }),
    )
    expect(problems).toEqual([])
    expect(spans[0]?.span).toMatchObject({ traceId, spanId: rootId, parentSpanId: rootId })
    expect(spans[0]?.span.links).toEqual([{ traceId, spanId: rootId, attributes: {} }])
  })

  test.each(['', '0000000000000000', 'AAAAAAAAAAA='])(
    'may have %j for the parent of a root',
    (parentSpanId) => {
      const { spans, problems } = decodeOtlpJson(request({ ...ids, parentSpanId }))
      expect(problems).toEqual([])
      expect(spans[0]?.span).not.toHaveProperty('parentSpanId')
    },
  )

  test.each([
    ['text', '1795251219134436857'],
    ['a bigint', 1795251219134436857n],
  ])('may have times as %s', (_, time) => {
    const event = { name: 'e', timeUnixNano: time }
    const { spans } = decodeOtlpJson(
      request({ ...ids, startTimeUnixNano: time, endTimeUnixNano: 7, events: [event] }),
    )
    expect(spans[0]?.span).toMatchObject({
      startTimeUnixNano: 1795251219134436857n,
      endTimeUnixNano: 7n,
      events: [{ name: 'e', timeUnixNano: 1795251219134436857n, attributes: {} }],
    })
  })

  test.each([
    [3, { code: 2 }],
    ['SPAN_KIND_CLIENT', { code: 'STATUS_CODE_ERROR' }],
  ])('may have enums by number or by name: %j', (kind, status) => {
    const { spans, problems } = decodeOtlpJson(request({ ...ids, kind, status }))
    expect(problems).toEqual([])
    expect(spans[0]?.span).toMatchObject({ kind: 3, status: { code: 2 } })
  })

  test.each<[JsonValue, unknown]>([
    [{ intValue: '9007199254740993' }, 9007199254740993n],
    [{ intValue: 9007199254740993n }, 9007199254740993n],
    [{ intValue: '-9223372036854775808' }, -9223372036854775808n],
    [{ intValue: 7 }, 7],
    [{ intValue: '7' }, 7],
    [{ doubleValue: 0.5 }, 0.5],
    [{ doubleValue: '0.5' }, 0.5],
    [{ doubleValue: '-1e3' }, -1000],
    [{ doubleValue: 1 }, 1],
    [{ doubleValue: 10n ** 20n }, 1e20],
    [{ doubleValue: 'NaN' }, Number.NaN],
    [{ doubleValue: '-Infinity' }, Number.NEGATIVE_INFINITY],
    [{ bytesValue: 'AQI' }, new Uint8Array([1, 2])],
    [{ bytesValue: '-_8=' }, new Uint8Array([251, 255])],
    [{ arrayValue: {} }, []],
    [{ arrayValue: { values: null } }, []],
    [{ arrayValue: { values: [null, {}] } }, [null, null]],
    [{ kvlistValue: {} }, {}],
    [{ kvlistValue: { values: [{ key: 'a' }, { value: { intValue: 1 } }] } }, { a: null, '': 1 }],
    [{ stringValue: null, intValue: '1' }, 1],
    [{ stringValue: null }, null],
    [{ doubleValue: null }, null],
    [{ aValueOfTheFuture: 1 }, null],
    [{}, null],
    [null, null],
  ])('may have the value %o', (json, value) => {
    expect(valueFrom(json)).toStrictEqual(value)
  })

  test('keeps every digit that the text has', () => {
    const text =
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"c3bde0ddc359ac2423e3095a715b3412","spanId":"b36d1caeb2e67c87","startTimeUnixNano":1795251219134436857,"attributes":[{"key":"a","value":{"intValue":9223372036854775807}}]}]}]}]}'
    expect(decodeOtlpJson(parseJson(text)).spans[0]?.span).toMatchObject({
      startTimeUnixNano: 1795251219134436857n,
      attributes: { a: 9223372036854775807n },
    })
  })

  test('takes the last of two attributes with the same key', () => {
    const attributes = ['1', '2'].map((intValue) => ({ key: 'a', value: { intValue } }))
    const { spans } = decodeOtlpJson(request({ ...ids, attributes }))
    expect(spans[0]?.span.attributes).toEqual({ a: 2 })
  })
})

describe('what is not usable', () => {
  test.each<[JsonValue, string]>([
    [null, 'null'],
    [7, '7'],
    ['{"resourceSpans":[]}', String.raw`"{\"resourceSpans\":[]}"`],
    [[], 'a list of 0'],
    [{}, 'an object without members'],
    [{ trace: { resourceSpans: [] } }, 'an object with "trace"'],
    [{ data: [], total: 0 }, 'an object with "data", "total"'],
  ])('is any JSON that is no request: %j', (value, got) => {
    expect(decodeOtlpJson(value)).toEqual({
      spans: [],
      problems: [`expected an OTLP request, an object with "resourceSpans", got ${got}`],
    })
  })

  test.each<[string, JsonValue, string]>([
    ['no trace id', { spanId: rootId }, '.traceId: expected 32 hexadecimal digits, got nothing'],
    ['no span id', { traceId }, '.spanId: expected 16 hexadecimal digits, got nothing'],
    ['an empty span id', { ...ids, spanId: '' }, '.spanId: expected 16 hexadecimal digits, got ""'],
    [
      'a short id',
      { ...ids, traceId: 'c3bde' },
      '.traceId: expected 32 hexadecimal digits, got "c3bde"',
    ],
    [
      'an id of other characters',
      { ...ids, spanId: 'b36d1caeb2e67c8g' },
      '.spanId: expected 16 hexadecimal digits, got "b36d1caeb2e67c8g"',
    ],
    [
      'an id of zeros',
      { ...ids, spanId: '0'.repeat(16) },
      '.spanId: expected 16 hexadecimal digits that are not all 0, got "0000000000000000"',
    ],
    [
      'a base64 id of another length',
      { ...ids, spanId: 'AQID' },
      '.spanId: expected 16 hexadecimal digits, got "AQID"',
    ],
    [
      'a number for an id',
      { ...ids, spanId: 1234567890123456 },
      '.spanId: expected 16 hexadecimal digits, got 1234567890123456',
    ],
    [
      'a parent id that is none',
      { ...ids, parentSpanId: 'b3' },
      '.parentSpanId: expected 16 hexadecimal digits, got "b3"',
    ],
    [
      'a time before 1970',
      { ...ids, startTimeUnixNano: '-1' },
      '.startTimeUnixNano: expected nanoseconds since 1970 (0 to 18446744073709551615), got "-1"',
    ],
    [
      'a time beyond 64 bits',
      { ...ids, endTimeUnixNano: '18446744073709551616' },
      '.endTimeUnixNano: expected nanoseconds since 1970 (0 to 18446744073709551615), got "18446744073709551616"',
    ],
    [
      'a time that is a date',
      { ...ids, endTimeUnixNano: '2026-11-21' },
      '.endTimeUnixNano: expected nanoseconds since 1970 (0 to 18446744073709551615), got "2026-11-21"',
    ],
    [
      'a time that lost digits',
      { ...ids, endTimeUnixNano: 2 ** 60 },
      '.endTimeUnixNano: expected nanoseconds since 1970 (0 to 18446744073709551615), got 1152921504606847000',
    ],
    ['a text for a span', 'span', ': expected an object, got "span"'],
  ])('is a span with %s; the others stay', (_, bad, problem) => {
    const { spans, problems } = decodeOtlpJson(
      { resourceSpans: [{}, { scopeSpans: [{}, { spans: [ids, bad, ids] }] }] },
      'traces.otlp.jsonl line 3',
    )
    expect(problems).toEqual([
      `traces.otlp.jsonl line 3: resourceSpans[1].scopeSpans[1].spans[1]${problem}`,
    ])
    expect(spans).toHaveLength(2)
  })

  test.each<[string, JsonValue, string]>([
    ['a number for a name', { name: 7 }, '.name: expected a text, got 7'],
    [
      'an unknown kind',
      { kind: 'KIND' },
      '.kind: expected a number or one of SPAN_KIND_UNSPECIFIED, SPAN_KIND_INTERNAL, SPAN_KIND_SERVER, SPAN_KIND_CLIENT, SPAN_KIND_PRODUCER, SPAN_KIND_CONSUMER, got "KIND"',
    ],
    [
      'a kind named like a method',
      { kind: 'SPAN_KIND_toString' },
      '.kind: expected a number or one of SPAN_KIND_UNSPECIFIED, SPAN_KIND_INTERNAL, SPAN_KIND_SERVER, SPAN_KIND_CLIENT, SPAN_KIND_PRODUCER, SPAN_KIND_CONSUMER, got "SPAN_KIND_toString"',
    ],
    [
      'a kind that is no integer',
      { kind: 1.5 },
      '.kind: expected a number or one of SPAN_KIND_UNSPECIFIED, SPAN_KIND_INTERNAL, SPAN_KIND_SERVER, SPAN_KIND_CLIENT, SPAN_KIND_PRODUCER, SPAN_KIND_CONSUMER, got 1.5',
    ],
    ['a list for a status', { status: [] }, '.status: expected an object, got a list of 0'],
    [
      'an unknown status',
      { status: { code: 'BAD' } },
      '.status.code: expected a number or one of STATUS_CODE_UNSET, STATUS_CODE_OK, STATUS_CODE_ERROR, got "BAD"',
    ],
    [
      'an object for events',
      { events: {} },
      '.events: expected a list, got an object without members',
    ],
    [
      'an event without a time that OTLP has',
      { events: [{ timeUnixNano: 'now' }] },
      '.events[0].timeUnixNano: expected nanoseconds since 1970 (0 to 18446744073709551615), got "now"',
    ],
    [
      'a link without ids',
      { links: [{ spanId: rootId }] },
      '.links[0].traceId: expected 32 hexadecimal digits, got nothing',
    ],
    [
      'a list for attributes that is none',
      { attributes: { a: 1 } },
      '.attributes: expected a list, got an object with "a"',
    ],
    [
      'an attribute that is none',
      { attributes: ['a'] },
      '.attributes[0]: expected an object, got "a"',
    ],
    [
      'a key that is none',
      { attributes: [{ key: 7 }] },
      '.attributes[0].key: expected a text, got 7',
    ],
    [
      'a bad attribute of an event',
      { events: [{ attributes: [{ key: 'a', value: 7 }] }] },
      '.events[0].attributes[0].value: expected an object such as {"stringValue":"text"}, got 7',
    ],
  ])('is no reason to lose a span: %s', (_, members, problem) => {
    const { spans, problems } = decodeOtlpJson(request({ ...ids, ...(members as object) }))
    expect(problems).toEqual([`resourceSpans[0].scopeSpans[0].spans[0]${problem}`])
    expect(spans[0]?.span).toMatchObject({ ...ids, kind: 0, attributes: {}, links: [] })
  })

  test.each<[JsonValue, string]>([
    ['text', ': expected an object such as {"stringValue":"text"}, got "text"'],
    [{ stringValue: 7 }, '.stringValue: expected a text, got 7'],
    [{ boolValue: 'true' }, '.boolValue: expected true or false, got "true"'],
    [
      { intValue: 'abc' },
      '.intValue: expected an integer of 64 bits, as decimal text where it is beyond 2^53, got "abc"',
    ],
    [
      { intValue: 0.5 },
      '.intValue: expected an integer of 64 bits, as decimal text where it is beyond 2^53, got 0.5',
    ],
    [
      { intValue: 2 ** 60 },
      '.intValue: expected an integer of 64 bits, as decimal text where it is beyond 2^53, got 1152921504606847000',
    ],
    [
      { intValue: '9223372036854775808' },
      '.intValue: expected an integer of 64 bits, as decimal text where it is beyond 2^53, got "9223372036854775808"',
    ],
    [
      { doubleValue: 'much' },
      '.doubleValue: expected a number, "NaN", "Infinity" or "-Infinity", got "much"',
    ],
    [
      { doubleValue: '1e999' },
      '.doubleValue: expected a number, "NaN", "Infinity" or "-Infinity", got "1e999"',
    ],
    [{ bytesValue: 'A' }, '.bytesValue: expected base64, got "A"'],
    [{ bytesValue: '****' }, '.bytesValue: expected base64, got "****"'],
    [{ arrayValue: [] }, '.arrayValue: expected an object with "values", got a list of 0'],
    [{ arrayValue: { values: 'x' } }, '.arrayValue.values: expected a list, got "x"'],
    [
      {
        arrayValue: {
          values: [
            { intValue: 1 },
            { kvlistValue: { values: [{ key: 'b', value: { intValue: 'x' } }] } },
          ],
        },
      },
      '.arrayValue.values[1].kvlistValue.values[0].value.intValue: expected an integer of 64 bits, as decimal text where it is beyond 2^53, got "x"',
    ],
    [{ kvlistValue: { values: [7] } }, '.kvlistValue.values[0]: expected an object, got 7'],
    [{ stringValue: { a: 1 } }, '.stringValue: expected a text, got an object with "a"'],
  ])('is the value %j; the other attributes stay', (value, problem) => {
    const good = { key: 'good', value: { boolValue: true } }
    const { spans, problems } = decodeOtlpJson(
      request({ ...ids, attributes: [{ key: 'bad', value }, good] }),
    )
    expect(problems).toEqual([
      `resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value${problem}`,
    ])
    expect(spans[0]?.span.attributes).toEqual({ good: true })
  })

  test('is a value that nests 100,000 levels deep, and it overflows no stack', () => {
    let value: JsonValue = { stringValue: 'at the bottom' }
    for (let level = 0; level < 100_000; level++) value = { arrayValue: { values: [value] } }
    const { spans, problems } = decodeOtlpJson(withValue(value))
    expect(spans[0]?.span.attributes).toEqual({})
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(
      /attributes\[0\]\.value\.arrayValue.*: expected at most 32 levels of lists and objects, got more$/,
    )
  })

  test('is named by its beginning when it is long', () => {
    const { problems } = decodeOtlpJson(request({ traceId: 'x'.repeat(10_000), spanId: rootId }))
    expect(problems[0]).toMatch(/got "x{60}…"$/)
  })
})
