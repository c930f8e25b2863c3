import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { decodeUtf8 } from '../../src/json/lines.js'
import { parseJson } from '../../src/json/lossless.js'
import {
  decodeOtlpJson,
  encodeResourceSpansJson,
  joinJsonRequest,
} from '../../src/trace/otlp-json.js'
import { readOtlpText } from '../../src/trace/otlp-json-text.js'
import type { Span, Trace } from '../../src/trace/trace.js'
import { anyTrace, bareSpan, chunkId, received, rootId } from './sample-traces.js'

// Thousands of cases take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

function requestOf(...traces: readonly Trace[]): string {
  return joinJsonRequest(traces.map(encodeResourceSpansJson))
}

/** What the general way makes of a request; `undefined` where anything is wrong with it. */
function decoded(bytes: Uint8Array) {
  try {
    const { spans, problems } = decodeOtlpJson(parseJson(decodeUtf8(bytes) ?? ''))
    return problems.length === 0 ? spans : undefined
  } catch {
    return undefined
  }
}

function chunk(i: number, more: Partial<Span> = {}): Span {
  const usual = { 'rivet.run.id': 'orders_20261121T085339.134_11188', 'rivet.chunk.index': i }
  return {
    ...bareSpan,
    parentSpanId: rootId,
    spanId: (0x1000 + i).toString(16).padStart(16, '0'),
    name: 'chunk',
    attributes: { ...usual, 'rivet.file.name': `orders_20261121_chunk${i}.parquet` },
    ...more,
  }
}

const event = (i: number) => ({
  name: 'rivet.file_written',
  timeUnixNano: 1_795_251_219_134_436_857n + BigInt(i),
  attributes: { 'rivet.entry.index': i, 'rivet.file.name': `données ${i}` },
})

/** As the spans of a run are: most alike, some not. */
const usualTrace: Trace = {
  resource: { 'service.name': 'rivet' },
  scope: { name: 'rivet-otel', version: '1' },
  spans: [
    bareSpan,
    ...[0, 1, 2, 3].map((i) => chunk(i)),
    chunk(4, { status: { code: 2, message: 'no "disk"' } }),
    chunk(5, { attributes: { 'rivet.chunk.rows': 9_223_372_036_854_775_807n, negative: -7 } }),
    chunk(6, { attributes: { 'rivet.chunk.rows': 0, negative: -1 } }),
    chunk(7, { attributes: { 'rivet.chunk.rows': 12, negative: -700 } }),
    chunk(8, { links: [{ traceId: bareSpan.traceId, spanId: chunkId, attributes: { page: 0 } }] }),
    chunk(9, { name: 'entries', attributes: { a: 'x' }, events: [event(1), event(2)] }),
    chunk(10, { name: 'entries', attributes: { a: 'é' }, events: [event(3), event(4), event(5)] }),
  ],
}

const usual = requestOf(usualTrace)

test('a request of this project is read as it was written', () => {
  for (let i = 0; i < 3; i++)
    expect(readOtlpText(Buffer.from(usual))).toStrictEqual(received(usualTrace))
})

test('a status that says nothing, as the collector writes it, is none', () => {
  const collected = usual.replaceAll('}}]},{"traceId"', '}}],"status":{}},{"traceId"')
  expect(collected).not.toBe(usual)
  for (let i = 0; i < 2; i++)
    expect(readOtlpText(Buffer.from(collected))).toStrictEqual(received(usualTrace))
})

test('texts that differ from one span to the next stay apart', () => {
  const [, , first, second] = readOtlpText(Buffer.from(usual)) ?? []
  expect(first?.span.attributes['rivet.file.name']).toBe('orders_20261121_chunk1.parquet')
  expect(second?.span.attributes['rivet.file.name']).toBe('orders_20261121_chunk2.parquet')
})

test('a request of another spelling is left to the general way', () => {
  for (const text of [
    usual.replace('{"resourceSpans"', '{ "resourceSpans"'),
    `${usual} `,
    requestOf(usualTrace, usualTrace),
    requestOf({ ...usualTrace, spans: [] }),
    usual.replace('"version":"1"', '"version":1'),
    usual.replace('"0000000000001002"', '"0000000000000000"'),
    usual.replace('orders_20261121_chunk2', 'orders_20261121\tchunk2'),
    usual.replace('},{"traceId"', '}]}]},{"scopeSpans":[{"spans":[{"traceId"'),
    usual.replace('},{"traceId"', '}]},{"scope":{},"spans":[{"traceId"'),
    usual.slice(0, -1),
    `${usual}}`,
    '',
  ]) {
    expect(readOtlpText(Buffer.from(text)), text).toBeUndefined()
  }
  expect(readOtlpText(Buffer.from(usual).fill(0xff, 900, 901))).toBeUndefined()
})

/** What may stand in place of something else, or between. */
const PIECES = [
  ...['"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', ' ', 'é', '\ud800', '\\"', '\\u0041'],
  ...['null', '1', '00', '1e3', '99999999999999999999', '"spans":[', '{"traceId":"', '"},{"'],
  ...['"kind":2,', ',"flags":256', '"status":{},', '{"key":"a","value":{"intValue":"7"}},'],
  ...['{"key":"a"},', '"stringValue"', '"intValue"', '"boolValue"', '"key"', '"__proto__"'],
]

test('whatever is changed in a request, it is read as the general way reads it, or not at all', () => {
  const change = fc.record({
    at: fc.nat(usual.length),
    without: fc.oneof(fc.nat(4), fc.nat(400)),
    piece: fc.oneof(
      fc.constantFrom('', ...PIECES),
      fc.tuple(fc.nat(usual.length), fc.nat(500)).map(([at, n]) => usual.slice(at, at + n)),
    ),
  })
  let read = 0
  fc.assert(
    fc.property(change, ({ at, without, piece }) => {
      const bytes = Buffer.from(usual.slice(0, at) + piece + usual.slice(at + without))
      const spans = readOtlpText(bytes)
      if (spans === undefined) return
      read++
      expect(isDeepStrictEqual(spans, decoded(bytes))).toBe(true)
    }),
    { numRuns: 5000 },
  )
  expect(read).toBeGreaterThan(100)
})

test('any trace is read as the general way reads it, or not at all', () => {
  fc.assert(
    fc.property(fc.array(anyTrace, { maxLength: 2 }), (traces) => {
      const bytes = Buffer.from(requestOf(...traces))
      for (let i = 0; i < 2; i++) {
        const spans = readOtlpText(bytes)
        if (spans !== undefined) expect(isDeepStrictEqual(spans, decoded(bytes))).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})
