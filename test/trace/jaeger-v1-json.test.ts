import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonValue, parseJson, stringifyJson } from '../../src/json/lossless.js'
import { decodeJaegerV1Json, isJaegerV1Json } from '../../src/trace/jaeger-v1-json.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { SPECIAL_JOURNALS } from '../backends/special-journals.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { shopJournals } from '../journal/example-journals.js'
import { expectExact, exported, imported } from '../mapping/both-ways.js'
import { asJaegerV1, comparable } from './as-jaeger-v1.js'
import { jaegerV1Sample } from './jaeger-v1-sample.js'
import { received } from './sample-traces.js'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const rootId = 'b36d1caeb2e67c87'
const AT = 1795251219134436000n

function fixture(name: string): JsonValue {
  return parseJson(readFileSync(new URL(`../fixtures/jaeger-v1/${name}`, import.meta.url), 'utf8'))
}

describe('an answer of a real Jaeger', () => {
  const { spans, problems } = decodeJaegerV1Json(fixture('sample.json'))
  const spanOf = (spanId: string) => spans.find(({ span }) => span.spanId === spanId)?.span

  it('gives every span, without a problem', () => {
    expect(problems).toEqual([])
    expect(spans.map(({ span }) => span.spanId).sort()).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7].map((id) => `000000000000000${id}`),
      rootId,
    ])
  })

  it('gives every kind of value as it came to Jaeger, as far as a tag can say it', () => {
    const expected = {
      '': 'an empty key',
      bytes: new Uint8Array([0, 1, 127, 128, 255]),
      double: 0.1,
      'double beyond 2^53': 2 ** 60,
      'empty list': '[]',
      'empty text': '',
      int: 25_000,
      'int beyond 2^31': -2_147_483_649,
      'int beyond 2^32': 4_294_967_296,
      'just beyond 2^53': -9007199254740993n,
      'large double': 1e300,
      'largest i64': 9223372036854775807n,
      'largest safe int': Number.MAX_SAFE_INTEGER,
      'least i64': -9223372036854775808n,
      'least safe int': Number.MIN_SAFE_INTEGER,
      list: '["a",1,null,[true,[]],{"b":0.5}]',
      'negative int': -1,
      'negative zero': -0,
      no: false,
      'no bytes': new Uint8Array(),
      nothing: '',
      object: '{"a":{"b":["c"]},"empty object":{}}',
      'small double': 5e-324,
      text: 'orders',
      'text of any kind': 'NUL \u0000, "quoted", \\ and \u2028, é, 表, 🧯, \uFEFF',
      yes: true,
      zero: 0,
      'ключ 🔑': 'a key of any kind',
    }
    expect(spanOf(rootId)?.attributes).toEqual(expected)
    expect(spanOf('0000000000000001')?.events[0]?.attributes).toEqual(expected)
  })

  it('gives resource and scope', () => {
    for (const { resource, scope } of spans) {
      expect(scope).toEqual({ name: 'rivet-otel', version: '1' })
      expect(resource).toEqual({
        'service.name': 'rivet',
        big: 9223372036854775807n,
        bytes: new Uint8Array([1, 255]),
        empty: '',
        'host.count': 2,
        list: '["a",1]',
        nothing: '',
      })
    }
  })

  it('gives name, parent, times to the microsecond, kind, status, events and links', () => {
    const span = spanOf('0000000000000001')
    expect(span).toMatchObject({
      traceId,
      parentSpanId: rootId,
      name: 'a client that failed 表 \u0000',
      kind: 3,
      startTimeUnixNano: AT,
      endTimeUnixNano: AT,
      attributes: {},
      status: { code: 2, message: 'connection lost: 表' },
      links: [
        { traceId: '3980a43af77f0e0d7a6d79d2ca3bf3d5', spanId: rootId, attributes: {} },
        { traceId, spanId: '14c3013abf96a3fb', attributes: {} },
      ],
    })
    expect(span?.events.map(({ name, timeUnixNano }) => [name, timeUnixNano])).toEqual([
      ['rivet.file_written', AT],
      ['', AT + 1000n],
      ['its own', AT + 2000n],
      ['', AT + 2000n],
    ])
    expect(span?.events[3]?.attributes).toEqual({ event: 7 })
  })

  it('gives every kind and status, and keeps attributes that only look like one', () => {
    const said = [2, 3, 4, 5].map((id) => spanOf(`000000000000000${id}`))
    expect(said.map((span) => [span?.kind, span?.status])).toEqual([
      [0, { code: 1 }],
      [2, { code: 2 }],
      [4, { code: 0, message: 'only words' }],
      [5, undefined],
    ])
    expect(said[0]).toMatchObject({ name: '', parentSpanId: '00000000000000ab' })
    expect(said.slice(0, 3).map((span) => span?.attributes)).toEqual([{}, {}, {}])
    expect(said[3]?.attributes).toEqual({
      error: false,
      'otel.library.name': 'old',
      'otel.status_code': 'mine',
    })
  })

  it('cuts a duration by itself', () => {
    const durations = [2, 3, 4].map((id) => {
      const span = spanOf(`000000000000000${id}`)
      return span && span.endTimeUnixNano - span.startTimeUnixNano
    })
    expect(durations).toEqual([0n, 0n, 1000n])
  })

  it('gives one parent, and links beside it', () => {
    expect(spanOf('0000000000000006')).toMatchObject({
      parentSpanId: rootId,
      links: [{ spanId: 'b36d1caeb2e67c8f' }, { traceId: '3980a43af77f0e0d7a6d79d2ca3bf3d5' }],
    })
  })

  it('lacks the parent of a span that is linked to it too', () => {
    const span = spanOf('0000000000000007')
    expect(span).not.toHaveProperty('parentSpanId')
    expect(span?.links).toEqual([{ traceId, spanId: rootId, attributes: {} }])
  })

  it('is what these tests make of the same trace without Jaeger', () => {
    const made = parseJson(stringifyJson(asJaegerV1(received(jaegerV1Sample))))
    expect(comparable(made)).toEqual(comparable(fixture('sample.json')))
  })
})

describe("Jaeger's v1 JSON", () => {
  it('has ids without their leading zeros', () => {
    const { spans, problems } = decodeJaegerV1Json(fixture('short-ids.json'))
    expect(problems).toEqual([])
    expect(new Set(spans.map(({ span }) => span.traceId))).toEqual(
      new Set(['0000000000000000000000000000abcd']),
    )
    const seen = spans.map(({ span: { spanId, parentSpanId }, resource }) => ({
      spanId,
      parentSpanId,
      service: resource['service.name'],
    }))
    expect(seen.sort((a, b) => (a.spanId < b.spanId ? -1 : 1))).toEqual([
      { spanId: '00000000000000cd', service: 'missing-service-name' },
      {
        spanId: '00000000000000ce',
        parentSpanId: '00000000000000cd',
        service: 'missing-service-name',
      },
      { spanId: '00000000000000cf', service: 'service-name-wrong-type' },
    ])
    const shorter = [{ traceID: 'ABCD', spanID: 'c', startTime: 0, duration: 0 }]
    expect(decodeJaegerV1Json({ spans: shorter }).spans[0]?.span).toMatchObject({
      traceId: '0000000000000000000000000000abcd',
      spanId: '000000000000000c',
    })
  })

  it('has warnings of Jaeger, which are no problems, and both of two spans of one id', () => {
    const { spans, problems } = decodeJaegerV1Json(fixture('adjusted.json'))
    expect(problems).toEqual([])
    expect(spans.map(({ span }) => span.name).sort()).toEqual([
      'another',
      ...Array.from({ length: 4 }, () => 'export orders'),
    ])
  })

  it('is read alike as an answer, as one trace and as a list of traces', () => {
    const answer = fixture('sample.json') as { readonly data: readonly JsonValue[] }
    const { spans } = decodeJaegerV1Json(answer)
    for (const form of [answer.data, answer.data[0] ?? null]) {
      expect(isJaegerV1Json(form)).toBe(true)
      expect(decodeJaegerV1Json(form)).toEqual({ spans, problems: [] })
    }
  })

  it('may spell the scope as an instrumentation library, and an error without a code', () => {
    const tags = [
      { key: 'otel.library.name', type: 'string', value: 'rivet-otel' },
      { key: 'otel.library.version', type: 'string', value: '1' },
      { key: 'error', type: 'bool', value: true },
      { key: 'untyped', value: 7 },
    ]
    const [received] = decodeJaegerV1Json(traceOf({ tags })).spans
    expect(received?.scope).toEqual({ name: 'rivet-otel', version: '1' })
    expect(received?.span.status).toEqual({ code: 2 })
    expect(received?.span.attributes).toEqual({ untyped: 7 })
  })

  it('has errors of the server, of which an unknown trace is none', () => {
    const answer = (errors: JsonValue) => decodeJaegerV1Json({ data: null, errors }).problems
    expect(answer([{ code: 404, msg: 'trace not found' }])).toEqual([])
    expect(answer([{ msg: 'trace not found', traceID: 'abcd' }])).toEqual([])
    expect(answer([{ code: 500, msg: 'json: unsupported value: +Inf' }, 7])).toEqual([
      'errors[0]: the server answered with error 500, "json: unsupported value: +Inf"',
      'errors[1]: expected an object, got 7',
    ])
  })
})

describe('a damaged answer', () => {
  it.each([
    [{ traceID: 'x' }, 'traceID: expected up to 32 hexadecimal digits that are not all 0, got "x"'],
    [{ spanID: '' }, 'spanID: expected up to 16 hexadecimal digits that are not all 0, got ""'],
    [{ startTime: 1.5 }, 'startTime: expected microseconds (0 to 18446744073709551), got 1.5'],
    [{ duration: null }, 'duration: expected microseconds (0 to 18446744073709551), got null'],
    [
      { duration: 18446744073709551n },
      'duration: the span would end after 18446744073709551615 ns since 1970',
    ],
  ])('loses a span of %o, says so, and keeps the others', (damage, problem) => {
    const bad = traceOf(damage).spans[0] ?? null
    const { spans, problems } = decodeJaegerV1Json(
      { data: [{ spans: [bad, 7, traceOf({}).spans[0] ?? null] }] },
      'trace.json',
    )
    expect(spans).toHaveLength(1)
    expect(problems).toEqual([
      `trace.json: data[0].spans[0].${problem}`,
      'trace.json: data[0].spans[1]: expected an object, got 7',
    ])
  })

  it.each([
    [
      { tags: [{ key: 'a', type: 'int64', value: '1.5' }] },
      /^spans\[0\]\.tags\[0\]\.value: expected an integer of 64 bits.*, got "1\.5"$/,
    ],
    [
      { tags: [{ key: 'a', type: 'int64', value: 2n ** 63n }] },
      /tags\[0\]\.value: expected an integer/,
    ],
    [{ tags: [{ key: 'a', type: 'bool', value: 'yes' }] }, /expected true or false, got "yes"/],
    [{ tags: [{ key: 'a', type: 'float64', value: 'x' }] }, /expected a number, got "x"/],
    [{ tags: [{ key: 'a', type: 'binary', value: '%' }] }, /expected base64, got "%"/],
    [{ tags: [{ key: 'a', type: 'string' }] }, /expected a text, got nothing/],
    [{ tags: [{ key: 'a', type: 'new', value: {} }] }, /expected a text, a number, true or false/],
    [{ tags: [{ key: 7, type: 'string', value: '' }] }, /tags\[0\]\.key: expected a text, got 7/],
    [{ logs: [{ timestamp: 'now' }] }, /^spans\[0\]\.logs\[0\]\.timestamp: expected microseconds/],
    [{ logs: 7 }, /^spans\[0\]\.logs: expected a list, got 7/],
    [
      { references: [{ refType: 'CHILD_OF', traceID: traceId, spanID: 'x' }] },
      /references\[0\]\.spanID: expected up to 16/,
    ],
    [{ processID: 'p2' }, /^processes: expected a process "p2", got none of that name$/],
    [{ operationName: 7 }, /operationName: expected a text/],
  ] as [Record<string, JsonValue>, RegExp][])(
    'keeps a span with %o, and says so',
    (damage, problem) => {
      const { spans, problems } = decodeJaegerV1Json(traceOf(damage))
      expect(spans).toHaveLength(1)
      expect(problems).toEqual([expect.stringMatching(problem)])
    },
  )

  it.each<[JsonValue, string]>([
    [7, 'expected JSON of Jaeger, an object with "data" or "spans", got 7'],
    [{ data: ['rivet'] }, 'data[0]: expected an object, got "rivet"'],
    [
      { data: [{ name: 'a' }] },
      'data[0]: expected a trace, an object with "spans", got an object with "name"',
    ],
    [[{ spans: 7 }], '[0]: expected a trace, an object with "spans", got an object with "spans"'],
  ])('that is %o is a problem', (value, problem) => {
    expect(decodeJaegerV1Json(value)).toEqual({ spans: [], problems: [problem] })
  })
})

describe("a journal comes back to the letter from Jaeger's v1 JSON", () => {
  it.each([
    ...shopJournals().map((journal) => [journal.run_id, journal] as const),
    ...Object.entries(SPECIAL_JOURNALS),
  ])('%s', (_, journal) => {
    expectExact(imported(throughJaegerV1(exported(journal)))[0], journal)
  })

  it('random journals', () => {
    fc.assert(
      fc.property(arbitraryJournal(), (journal) => {
        expectExact(imported(throughJaegerV1(exported(journal)))[0], journal)
      }),
      { numRuns: propertyCases(200) },
    )
  })
})

/** A trace of one span, with something else in it. */
function traceOf(more: Record<string, JsonValue>) {
  const span = { traceID: traceId, spanID: rootId, startTime: 1795251219134436, duration: 0 }
  return { spans: [{ ...span, ...more } as JsonValue], processes: { p1: { serviceName: 'rivet' } } }
}

/** Each trace as its text, and back. */
function throughJaegerV1(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const traceIds = [...new Set(spans.map(({ span }) => span.traceId))]
  return traceIds.flatMap((id) => {
    const answer = asJaegerV1(spans.filter(({ span }) => span.traceId === id))
    const decoded = decodeJaegerV1Json(parseJson(stringifyJson(answer)))
    expect(decoded.problems).toEqual([])
    return decoded.spans
  })
}
