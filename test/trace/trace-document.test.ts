import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../../src/json/lossless.js'
import { decodeTraceDocument, isTraceDocument } from '../../src/trace/trace-document.js'
import { shopJournal } from '../journal/example-journals.js'
import { expectExact, exported, imported } from '../mapping/both-ways.js'

const journal = shopJournal('customers_quality')
/** Answers of the real ones to `GET` of the trace of {@link journal}. */
const ANSWERS = ['jaeger-v3', 'jaeger-v1', 'tempo-v2', 'tempo-v1'] as const

function answer(name: (typeof ANSWERS)[number]): JsonObject {
  const file = new URL(`../fixtures/trace-documents/${name}.json`, import.meta.url)
  const value = parseJson(readFileSync(file, 'utf8'))
  if (!isJsonObject(value)) throw new Error(`${name} is no object`)
  return value
}

function inside(name: (typeof ANSWERS)[number], member: string): JsonObject {
  const value = answer(name)[member]
  if (!isJsonObject(value)) throw new Error(`${name} has no ${member}`)
  return value
}

describe('a journal comes back to the letter', () => {
  it.each(ANSWERS)('from an answer of %s', (name) => {
    expect(isTraceDocument(answer(name))).toBe(true)
    const { spans, problems } = decodeTraceDocument(answer(name))
    expect(problems).toEqual([])
    expectExact(imported(spans)[0], journal)
  })

  it.each<[string, JsonValue]>([
    ['OTLP without what Jaeger puts around it', inside('jaeger-v3', 'result')],
    ['OTLP without what Tempo puts around it', inside('tempo-v2', 'trace')],
    ['an older Tempo, with batches inside', { trace: answer('tempo-v1') }],
    ["Jaeger's list of traces", answer('jaeger-v1').data ?? null],
  ])('from %s', (_, document) => {
    expect(isTraceDocument(document)).toBe(true)
    const { spans, problems } = decodeTraceDocument(document)
    expect(problems).toEqual([])
    expectExact(imported(spans)[0], journal)
  })

  it('with nanoseconds from all but the older JSON of Jaeger', () => {
    const sent = exported(journal).map(({ span }) => span.startTimeUnixNano)
    const came = ANSWERS.map((name) =>
      decodeTraceDocument(answer(name)).spans.map(({ span }) => span.startTimeUnixNano),
    )
    expect(came).toEqual([sent, sent.map((time) => time - (time % 1000n)), sent, sent])
  })
})

describe('a document without spans', () => {
  it.each<[JsonValue]>([
    [{ resourceSpans: [] }],
    [{ result: {} }],
    [{ result: { resourceSpans: [] } }],
    [{ result: { resourceSpans: [{ scopeSpans: [{ scope: { name: 'rivet-otel' } }] }] } }],
    [{ error: { httpCode: 404, message: 'No traces found' } }],
    [
      {
        error: { grpcCode: 5, httpCode: 404, message: 'trace not found', httpStatus: 'Not Found' },
      },
    ],
    [{ data: [] }],
    [{ data: [], total: 0, limit: 0, offset: 0, errors: null }],
    [
      {
        data: null,
        total: 0,
        limit: 0,
        offset: 0,
        errors: [{ code: 404, msg: 'trace not found' }],
      },
    ],
    [{ trace: {} }],
    [{ trace: {}, metrics: {} }],
    [{ trace: { resourceSpans: [] }, status: 'COMPLETE' }],
    [{ batches: [] }],
  ])('is no problem: %o', (document) => {
    expect(isTraceDocument(document)).toBe(true)
    expect(decodeTraceDocument(document, 'line 1')).toEqual({ spans: [], problems: [] })
  })
})

describe('what a server says of itself', () => {
  it.each<[string, JsonValue, string]>([
    [
      'that Tempo left out a part',
      { trace: {}, status: 'PARTIAL', message: 'Trace exceeds maximum size of 100 bytes' },
      'the server left out a part of the trace, "Trace exceeds maximum size of 100 bytes"',
    ],
    ['the same by its number', { trace: {}, status: 1 }, 'the server left out a part of the trace'],
    [
      'a status that is none',
      { trace: {}, status: 'HALF' },
      'status: expected a number or one of COMPLETE, PARTIAL, got "HALF"',
    ],
    [
      'an error of Jaeger',
      { error: { httpCode: 400, message: 'malformed parameter trace_id' } },
      'error: the server answered with error 400, "malformed parameter trace_id"',
    ],
    [
      'an error of Jaeger beside a result',
      { result: { resourceSpans: [] }, error: { message: 'no storage' } },
      'error: the server answered with an error, "no storage"',
    ],
    [
      'an error of the older API of Jaeger',
      { data: null, errors: [{ code: 500, msg: 'unsupported value: +Inf' }] },
      'errors[0]: the server answered with error 500, "unsupported value: +Inf"',
    ],
  ])('is a problem: %s', (_, document, problem) => {
    expect(isTraceDocument(document)).toBe(true)
    expect(decodeTraceDocument(document, 'line 1')).toEqual({
      spans: [],
      problems: [`line 1: ${problem}`],
    })
  })

  it('does not cost the spans that came', () => {
    const partial = { ...answer('tempo-v2'), status: 'PARTIAL', message: 'too large' }
    const { spans, problems } = decodeTraceDocument(partial)
    expect(spans).toHaveLength(exported(journal).length)
    expect(problems).toEqual(['the server left out a part of the trace, "too large"'])
  })
})

describe('a problem', () => {
  const damaged = [{ scopeSpans: [{ spans: [{ traceId: 'x' }] }] }]
  it.each<[JsonValue, string]>([
    [{ resourceSpans: damaged }, 'resourceSpans[0].'],
    [{ result: { resourceSpans: damaged } }, 'result.resourceSpans[0].'],
    [{ trace: { resourceSpans: damaged } }, 'trace.resourceSpans[0].'],
    [{ trace: { batches: damaged } }, 'trace.batches[0].'],
    [{ batches: damaged }, 'batches[0].'],
    [{ data: [{ spans: [{ traceID: 'x' }] }] }, 'data[0].spans[0].traceID'],
  ])('names its place in %o', (document, place) => {
    const { spans, problems } = decodeTraceDocument(document, 'line 1')
    expect(spans).toEqual([])
    expect(problems[0]).toContain(`line 1: ${place}`)
  })

  it.each<[JsonValue, string]>([
    [null, 'null'],
    ['trace', '"trace"'],
    [[], 'a list of 0'],
    [{ traces: [] }, 'an object with "traces"'],
    [{ result: [] }, 'an object with "result"'],
    [{ data: 'rivet' }, 'an object with "data"'],
    [{ run_id: 'a', entries: [] }, 'an object with "run_id", "entries"'],
  ])('is a document of no such shape: %o', (document, shown) => {
    expect(isTraceDocument(document)).toBe(false)
    expect(decodeTraceDocument(document)).toEqual({
      spans: [],
      problems: [`expected OTLP JSON with resourceSpans, or JSON of Jaeger or Tempo, got ${shown}`],
    })
  })
})

describe('a document of nothing but faults', () => {
  it.each([
    ['OTLP', (many: string) => `{"resourceSpans":[${many}]}`],
    ['Jaeger', (many: string) => `{"data":[{"spans":[${many}]}]}`],
    ['Tempo', (many: string) => `{"trace":{"resourceSpans":[${many}]}}`],
  ])('of %s has the first thousand named and the others counted', (_, around) => {
    const { problems } = decodeTraceDocument(
      parseJson(around(Array(5000).fill('7').join(','))),
      'x',
    )
    expect(problems).toHaveLength(1001)
    expect(problems[0]).toContain('expected an object, got 7')
    expect(problems[1000]).toBe('x: and 4000 more problems')
  })
})
