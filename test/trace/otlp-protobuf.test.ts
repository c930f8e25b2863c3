import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test, vi } from 'vitest'
import { decodeOtlpProtobuf, encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import type { Attributes, AttributeValue, ReceivedSpan, Trace } from '../../src/trace/trace.js'
import {
  anyTrace,
  bareSpan,
  chunkId,
  fullTrace,
  received,
  rootId,
  traceId,
} from './sample-traces.js'

// Hundreds of cases take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** protobufjs with a description of OTLP of its own: it shares nothing with what it checks. */
const { root } = protobuf.parse(
  readFileSync(new URL('../fixtures/otlp/trace.proto', import.meta.url), 'utf8'),
)
const ExportTraceServiceRequest = root.lookupType('otlp.ExportTraceServiceRequest')

interface AnyValue {
  value?: string
  stringValue?: string
  boolValue?: boolean
  intValue?: string
  doubleValue?: number
  arrayValue?: { values?: AnyValue[] }
  kvlistValue?: { values?: KeyValue[] }
  bytesValue?: Uint8Array
}

interface KeyValue {
  key?: string
  value?: AnyValue
}

interface Request {
  resourceSpans?: {
    resource?: { attributes?: KeyValue[] }
    scopeSpans?: {
      scope?: { name?: string; version?: string }
      spans?: {
        traceId: Uint8Array
        spanId: Uint8Array
        parentSpanId?: Uint8Array
        name?: string
        kind?: number
        startTimeUnixNano?: string
        endTimeUnixNano?: string
        attributes?: KeyValue[]
        events?: { timeUnixNano?: string; name?: string; attributes?: KeyValue[] }[]
        links?: { traceId: Uint8Array; spanId: Uint8Array; attributes?: KeyValue[] }[]
        status?: { code?: number; message?: string }
      }[]
    }[]
  }[]
}

function readByProtobufjs(bytes: Uint8Array): Request {
  return ExportTraceServiceRequest.toObject(ExportTraceServiceRequest.decode(bytes), {
    longs: String,
    oneofs: true,
  })
}

function writtenByProtobufjs(request: object): Uint8Array {
  return ExportTraceServiceRequest.encode(ExportTraceServiceRequest.fromObject(request)).finish()
}

describe('what is encoded', () => {
  test('is read by protobufjs as the same trace', () => {
    expect(spansOf(readByProtobufjs(encodeResourceSpansProtobuf(fullTrace)))).toEqual(
      received(fullTrace),
    )
  })

  test('is read by protobufjs as the same trace, whatever it holds', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        expect(spansOf(readByProtobufjs(encodeResourceSpansProtobuf(trace)))).toEqual(
          received(trace),
        )
      }),
      { numRuns: 300 },
    )
  })

  test('is read by protobufjs with its texts, of whatever length and letters', () => {
    const texts = ['a', 'é', '注', '🦀', '\ud800', 'aé'].flatMap((letters) =>
      Array.from({ length: 140 }, (_, length) => letters.repeat(length)),
    )
    const spans = texts.map((text) => ({ ...bareSpan, attributes: { text } }))
    const bytes = encodeResourceSpansProtobuf({ ...fullTrace, spans })
    const read = spansOf(readByProtobufjs(bytes)).map(({ span }) => span.attributes.text)
    expect(read).toEqual(texts.map((text) => text.toWellFormed()))
  })

  test('can be put together with others to one request', () => {
    const other: Trace = { resource: { a: 1 }, scope: { name: '', version: '' }, spans: [bareSpan] }
    const bytes = Buffer.concat([fullTrace, other].map(encodeResourceSpansProtobuf))
    expect(readByProtobufjs(bytes).resourceSpans?.length).toBe(2)
    expect(spansOf(readByProtobufjs(bytes))).toEqual([...received(fullTrace), ...received(other)])
  })

  test('has its fields in ascending order and no defaults, as protobuf libraries write it', () => {
    const attributes = { 'rivet.chunk.index': 0, 'rivet.run.id': 'orders_1', ok: true, none: null }
    const trace: Trace = {
      resource: { 'service.name': 'rivet' },
      scope: { name: 'rivet-otel', version: '1' },
      spans: [
        {
          ...bareSpan,
          attributes,
          events: [{ name: 'e', timeUnixNano: 5n, attributes: { a: [1, 0.5], b: { c: '' } } }],
          links: [{ traceId, spanId: rootId, attributes: { d: -1 } }],
          status: { code: 2, message: 'failed' },
        },
        { ...bareSpan, spanId: chunkId, parentSpanId: rootId, name: '', kind: 0 },
      ],
    }
    const bytes = encodeResourceSpansProtobuf(trace)
    const same = writtenByProtobufjs(readByProtobufjs(bytes))
    expect(Buffer.from(bytes).toString('hex')).toBe(Buffer.from(same).toString('hex'))
  })
})

describe('what protobufjs writes', () => {
  test('is decoded as the same trace', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const request = readByProtobufjs(encodeResourceSpansProtobuf(trace))
        expect(decodeOtlpProtobuf(writtenByProtobufjs(request))).toEqual({
          spans: received(trace),
          problems: [],
        })
      }),
      { numRuns: 300 },
    )
  })

  test('may lack the resource, the scope and everything of a span but its ids', () => {
    const [trace, span] = [Buffer.from(traceId, 'hex'), Buffer.from(rootId, 'hex')]
    const bytes = writtenByProtobufjs({
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: trace, spanId: span }] }, {}] }, {}],
    })
    expect(decodeOtlpProtobuf(bytes)).toEqual({
      spans: [
        {
          resource: {},
          scope: { name: '', version: '' },
          span: { ...bareSpan, name: '', kind: 0, startTimeUnixNano: 0n, endTimeUnixNano: 0n },
        },
      ],
      problems: [],
    })
  })

  test('costs only the spans, links and attributes that are not usable', () => {
    const ids = { traceId: Buffer.from(traceId, 'hex'), spanId: Buffer.from(rootId, 'hex') }
    let deep: object = { stringValue: 'at the bottom' }
    for (let level = 0; level < 33; level++) {
      deep =
        level % 2 === 0
          ? { arrayValue: { values: [deep, { intValue: 1 }] } }
          : { kvlistValue: { values: [{ key: 'a', value: deep }] } }
    }
    const bytes = writtenByProtobufjs({
      resourceSpans: [
        {},
        {
          scopeSpans: [
            {},
            {
              spans: [
                { ...ids, traceId: Buffer.alloc(15, 1) },
                { ...ids, traceId: Buffer.alloc(16) },
                { traceId: ids.traceId },
                { ...ids, parentSpanId: Buffer.alloc(3, 1) },
                { ...ids, parentSpanId: Buffer.alloc(8), name: 'a root' },
                { ...ids, links: [{ ...ids, spanId: Buffer.alloc(9, 1) }, ids] },
                {
                  ...ids,
                  attributes: [
                    { key: 'too "deep"', value: deep },
                    { key: 'usable', value: { stringValue: 'yes' } },
                  ],
                },
              ],
            },
          ],
        },
      ],
    })
    const { spans, problems } = decodeOtlpProtobuf(bytes)
    const place = 'resourceSpans[1].scopeSpans[1]'
    expect(problems).toEqual([
      `${place}.spans[0].traceId: expected 16 bytes, got 15`,
      `${place}.spans[1].traceId: expected 16 bytes, got only zeros`,
      `${place}.spans[2].spanId: expected 8 bytes, got nothing`,
      `${place}.spans[3].parentSpanId: expected 8 bytes, got 3`,
      `${place}.spans[5].links[0].spanId: expected 8 bytes, got 9`,
      `${place}.spans[6].attributes["too \\"deep\\""]: expected at most 32 levels of lists and objects, got more`,
    ])
    expect(spans.map(({ span }) => [span.name, span.links.length, span.attributes])).toEqual([
      ['a root', 0, {}],
      ['', 1, {}],
      ['', 0, { usable: 'yes' }],
    ])
    expect(spans[0]?.span).not.toHaveProperty('parentSpanId')
  })
})

describe('bytes by hand', () => {
  test('of nothing are a request without spans', () => {
    expect(decodeOtlpProtobuf(new Uint8Array())).toEqual({ spans: [], problems: [] })
  })

  test('with unknown fields of every wire type are read past them', () => {
    const unknown = [
      ...varint(99, 5),
      ...field(98, 1, 1, 2, 3, 4, 5, 6, 7, 8),
      ...message(97, [1]),
      ...field(96, 5, 1, 2, 3, 4),
    ]
    const span = message(2, [
      ...unknown,
      ...message(1, [...Buffer.from(traceId, 'hex')]),
      ...unknown,
      ...message(2, [...Buffer.from(rootId, 'hex')]),
      ...message(9, [
        ...message(1, [0x61]),
        ...unknown,
        ...message(2, [...unknown, ...varint(3, 7)]),
      ]),
    ])
    const bytes = [...unknown, ...message(1, [...message(2, [...span, ...unknown]), ...unknown])]
    const { spans, problems } = decodeOtlpProtobuf(Uint8Array.from(bytes))
    expect(problems).toEqual([])
    expect(spans[0]?.span.attributes).toEqual({ a: 7 })
  })

  test('may have a scope and a resource behind their spans', () => {
    const span = message(2, [
      ...message(1, [...Buffer.from(traceId, 'hex')]),
      ...message(2, [...Buffer.from(rootId, 'hex')]),
    ])
    const scope = message(1, message(1, [0x73]))
    const resource = message(1, message(1, [...message(1, [0x72]), ...message(2, varint(2, 1))]))
    const bytes = message(1, [...message(2, [...span, ...scope]), ...resource])
    const [first] = decodeOtlpProtobuf(Uint8Array.from(bytes)).spans
    expect(first).toMatchObject({ resource: { r: true }, scope: { name: 's', version: '' } })
  })

  test('of OTLP before 0.15 have their spans in field 1000', () => {
    const span = message(2, [
      ...message(1, [...Buffer.from(traceId, 'hex')]),
      ...message(2, [...Buffer.from(rootId, 'hex')]),
    ])
    const { spans } = decodeOtlpProtobuf(Uint8Array.from(message(1, message(1000, span))))
    expect(spans.map((found) => found.span.spanId)).toEqual([rootId])
  })

  test('may stand anywhere in a larger buffer', () => {
    const bytes = encodeResourceSpansProtobuf(fullTrace)
    const larger = new Uint8Array(bytes.length + 20).fill(0xff)
    larger.set(bytes, 11)
    const { spans } = decodeOtlpProtobuf(larger.subarray(11, 11 + bytes.length))
    expect(spans).toStrictEqual(received(fullTrace))
  })

  const inSpan = (...bytes: number[]) => message(1, message(2, message(2, bytes)))
  test.each([
    ['a field with the number 0', [0x02, 0x00], 'byte 0: a field has the number 0'],
    [
      'an unknown wire type',
      [0x7e],
      'byte 0: field 15 is the unknown wire type 6, which OTLP does not have',
    ],
    ['a group', [0x7b], 'byte 0: field 15 is a group, which OTLP does not have'],
    [
      'the end of a group',
      [0x0c],
      'byte 0: resource_spans: expected a length-delimited field, got the end of a group',
    ],
    [
      'HTML',
      [...Buffer.from('<html>')],
      'byte 0: field 7 is the end of a group, which OTLP does not have',
    ],
    [
      'JSON',
      [...Buffer.from('{"resourceSpans":[]}')],
      'byte 0: field 15 is a group, which OTLP does not have',
    ],
    [
      'a request of a wrong wire type',
      varint(1, 5),
      'byte 0: resource_spans: expected a length-delimited field, got a varint',
    ],
    [
      'a time of a wrong wire type',
      inSpan(...varint(7, 5)),
      'byte 6: span.start_time_unix_nano: expected 8 bytes, got a varint',
    ],
    [
      'a kind of a wrong wire type',
      inSpan(...field(6, 5, 0, 0, 0, 0)),
      'byte 6: span.kind: expected a varint, got 4 bytes',
    ],
    [
      'a name that is no UTF-8',
      inSpan(...message(5, [0x61, 0xc3, 0x28])),
      'byte 8: span.name: expected UTF-8, got other bytes',
    ],
    [
      'half of a surrogate pair',
      inSpan(...message(5, [0xed, 0xa0, 0x80])),
      'byte 8: span.name: expected UTF-8, got other bytes',
    ],
    [
      'a name that is longer than its span',
      inSpan(0x2a, 0x02, 0x61),
      'byte 8: field 5 needs 2 bytes, but its message has only 1 left',
    ],
    [
      'a length beyond 32 bits',
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      'byte 1: resource_spans: expected at most 32 bits, got more',
    ],
    [
      'an integer without an end',
      inSpan(0x30, 0xff, 0xff),
      'byte 7: an integer goes on past its message',
    ],
    [
      'an integer of 11 bytes',
      inSpan(0x30, ...new Array(10).fill(0xff), 0x01),
      'byte 7: an integer is longer than 64 bits',
    ],
    [
      'an integer of 65 bits',
      inSpan(0x30, ...new Array(9).fill(0xff), 0x02),
      'byte 7: an integer is longer than 64 bits',
    ],
  ])('with %s are refused, and the byte is named', (_, bytes, problem) => {
    expect(() => decodeOtlpProtobuf(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({
        code: 'INVALID_TRACE',
        message: `not OTLP in protobuf, ${problem}`,
      }),
    )
  })

  test('that nest 100,000 levels deep overflow no stack', () => {
    const levels = 100_000
    const bytes = Buffer.alloc(10 * levels)
    let start = bytes.length
    const write = (tag: number) => {
      const length = [...uint(bytes.length - start)]
      start -= length.length + 1
      bytes.set([tag, ...length], start)
    }
    for (let level = 0; level < levels; level++) {
      write(0x0a)
      write(0x2a)
    }
    for (const tag of [0x12, 0x4a, 0x12, 0x12, 0x0a]) write(tag)
    const { spans, problems } = decodeOtlpProtobuf(bytes.subarray(start))
    expect(spans).toEqual([])
    expect(problems).toEqual([
      'resourceSpans[0].scopeSpans[0].spans[0].attributes[""]: expected at most 32 levels of lists and objects, got more',
      'resourceSpans[0].scopeSpans[0].spans[0].traceId: expected 16 bytes, got nothing',
    ])
  })
})

function uint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...uint(value >>> 7)]
}

function field(number: number, wireType: number, ...bytes: number[]): number[] {
  return [...uint((number << 3) | wireType), ...bytes]
}

function varint(number: number, value: number): number[] {
  return field(number, 0, ...uint(value))
}

function message(number: number, bytes: readonly number[]): number[] {
  return field(number, 2, ...uint(bytes.length), ...bytes)
}

function spansOf({ resourceSpans = [] }: Request): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        resource: attributesOf(resource?.attributes),
        scope: { name: scope?.name ?? '', version: scope?.version ?? '' },
        span: {
          traceId: hex(span.traceId),
          spanId: hex(span.spanId),
          ...(span.parentSpanId && { parentSpanId: hex(span.parentSpanId) }),
          name: span.name ?? '',
          kind: span.kind ?? 0,
          startTimeUnixNano: BigInt(span.startTimeUnixNano ?? 0),
          endTimeUnixNano: BigInt(span.endTimeUnixNano ?? 0),
          attributes: attributesOf(span.attributes),
          events: (span.events ?? []).map((event) => ({
            name: event.name ?? '',
            timeUnixNano: BigInt(event.timeUnixNano ?? 0),
            attributes: attributesOf(event.attributes),
          })),
          links: (span.links ?? []).map((link) => ({
            traceId: hex(link.traceId),
            spanId: hex(link.spanId),
            attributes: attributesOf(link.attributes),
          })),
          ...(span.status && {
            status: {
              code: span.status.code ?? 0,
              ...(span.status.message && { message: span.status.message }),
            },
          }),
        },
      })),
    ),
  )
}

function attributesOf(list: readonly KeyValue[] = []): Attributes {
  return Object.fromEntries(list.map(({ key = '', value = {} }) => [key, anyValueOf(value)]))
}

function anyValueOf(any: AnyValue): AttributeValue {
  switch (any.value) {
    case 'intValue': {
      const int = BigInt(any.intValue ?? 0)
      return Number.isSafeInteger(Number(int)) ? Number(int) : int
    }
    case 'arrayValue':
      return (any.arrayValue?.values ?? []).map(anyValueOf)
    case 'kvlistValue':
      return attributesOf(any.kvlistValue?.values)
    case 'bytesValue':
      return new Uint8Array(any.bytesValue ?? [])
    default:
      return any.stringValue ?? any.boolValue ?? any.doubleValue ?? null
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
