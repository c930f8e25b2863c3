import { existsSync, readFileSync } from 'node:fs'
import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeResourceSpansJson, joinJsonRequest } from '../../../src/trace/otlp-json.js'
import { encodeResourceSpansProtobuf } from '../../../src/trace/otlp-protobuf.js'
import { readOtlpResponse } from '../../../src/trace/otlp-response.js'
import { encodeRequest } from '../../receiver/otlp-messages.js'
import { anyTrace, fullTrace, received } from '../../trace/sample-traces.js'
import {
  ask,
  JSON_HEADERS,
  keptIn,
  PROTOBUF_HEADERS,
  type RunningReceiver,
  startReceiver,
} from './running-receiver.js'
import { EVERY_FIELD, requestOf, TRACE, wireSpan } from './sent-values.js'

let running: RunningReceiver
beforeEach(async () => {
  running = await startReceiver()
})
afterEach(async () => {
  await running.stop()
})

function linesOf(file: string): unknown[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('what is kept', () => {
  it('is every field that OTLP has, from JSON', async () => {
    const { status, body } = await running.post(JSON.stringify(EVERY_FIELD))
    expect([status, body.toString()]).toEqual([200, '{}'])
    expect(linesOf(running.file)).toEqual([EVERY_FIELD])
  })

  it('is every field that OTLP has, from protobuf', async () => {
    const { status, body, headers } = await running.post(
      encodeRequest(EVERY_FIELD),
      PROTOBUF_HEADERS,
    )
    expect([status, body.length]).toEqual([200, 0])
    expect(headers['content-type']).toBe('application/x-protobuf')
    expect(linesOf(running.file)).toEqual([EVERY_FIELD])
  })

  it.each(['json', 'protobuf'] as const)('is any trace that comes in %s', async (encoding) => {
    await fc.assert(
      fc.asyncProperty(anyTrace, async (trace) => {
        const fresh = await startReceiver()
        try {
          const { status } =
            encoding === 'json'
              ? await fresh.post(joinJsonRequest([encodeResourceSpansJson(trace)]))
              : await fresh.post(encodeResourceSpansProtobuf(trace), PROTOBUF_HEADERS)
          expect(status).toBe(200)
          const ids = new Set<string>()
          const first = received(trace).filter(({ span: { traceId, spanId } }) => {
            const isNew = !ids.has(traceId + spanId)
            ids.add(traceId + spanId)
            return isNew
          })
          expect(first.length === 0 ? [] : await keptIn(fresh.file)).toEqual(first)
        } finally {
          await fresh.stop()
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is the same in JSON and in protobuf', async () => {
    await running.post(joinJsonRequest([encodeResourceSpansJson(fullTrace)]))
    const other = await startReceiver()
    await other.post(encodeResourceSpansProtobuf(fullTrace), PROTOBUF_HEADERS)
    expect(await keptIn(other.file)).toEqual(await keptIn(running.file))
    await other.stop()
  })

  it('is one line for a request, and nothing for spans that are there', async () => {
    await running.post(requestOf(wireSpan(1), wireSpan(2), wireSpan(1, { name: 'doubled' })))
    await running.post(requestOf(wireSpan(2, { name: 'again' }), wireSpan(3)))
    await running.post(requestOf(wireSpan(1), wireSpan(3)))
    expect(linesOf(running.file)).toHaveLength(2)
    const names = (await keptIn(running.file)).map(({ span }) => span.name)
    expect(names).toEqual(['span 1', 'span 2', 'span 3'])
  })

  it('knows after a restart what was kept before', async () => {
    await running.post(requestOf(wireSpan(1)))
    const before = readFileSync(running.file)
    await running.stop()
    running = await startReceiver({}, running.file)
    expect((await running.post(requestOf(wireSpan(1)))).status).toBe(200)
    expect(readFileSync(running.file)).toEqual(before)
  })

  it('is told of by run, once', async () => {
    const attributes = [
      { key: 'rivet.run.id', value: { stringValue: 'orders_1' } },
      { key: 'rivet.run.namespace', value: { stringValue: 'eu' } },
    ]
    await running.post(requestOf(wireSpan(1, { attributes }), wireSpan(2, { attributes })))
    await running.post(requestOf(wireSpan(1, { attributes }), wireSpan(9)))
    expect(running.runs).toEqual([{ namespace: 'eu', runId: 'orders_1' }])
  })

  it('is read back through the receiver', async () => {
    await running.post(requestOf(wireSpan(1)))
    const items = []
    for await (const item of running.receiver.spans()) items.push(item)
    expect(items).toHaveLength(1)
  })
})

describe('how it may come', () => {
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['GZIP', gzipSync],
    ['identity', Buffer.from],
  ])('packed as %s', async (encoding, pack) => {
    const { status } = await running.post(pack(requestOf(wireSpan(1))), {
      'content-type': 'application/json; charset=utf-8',
      'content-encoding': encoding,
    })
    expect(status).toBe(200)
    expect(await keptIn(running.file)).toHaveLength(1)
  })

  it.each([
    ['a list of no resources', '{"resourceSpans":[]}'],
    ['an object without members', '{}'],
    ['null', '{"resourceSpans":null}'],
    ['no spans', requestOf()],
  ])('empty: %s', async (_name, body) => {
    const answer = await running.post(body)
    expect([answer.status, answer.body.toString()]).toEqual([200, '{}'])
    expect(existsSync(running.file)).toBe(false)
  })

  it('empty, in protobuf', async () => {
    expect((await running.post('', PROTOBUF_HEADERS)).status).toBe(200)
  })

  it('with integers as numbers, ids in upper case, enums by name, and members nobody knows', async () => {
    const span = `{"traceId":"${TRACE.toUpperCase()}","spanId":"00000000000000AB","parentSpanId":"",
      "kind":"SPAN_KIND_SERVER","startTimeUnixNano":1795251219134436857,"endTimeUnixNano":"7",
      "someday":{"a":[1]},"attributes":[{"key":"i","value":{"intValue":9223372036854775807}}]}`
    const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}],"new":1}`
    expect((await running.post(body)).body.toString()).toBe('{}')
    const [kept] = await keptIn(running.file)
    expect(kept?.span).toMatchObject({
      traceId: TRACE,
      spanId: '00000000000000ab',
      kind: 2,
      startTimeUnixNano: 1795251219134436857n,
      attributes: { i: 9223372036854775807n },
    })
    expect(readFileSync(running.file, 'utf8')).not.toContain('someday')
  })
})

describe('what cannot be kept', () => {
  const bad: readonly [string, unknown][] = [
    ['without a trace id', wireSpan(2, { traceId: '' })],
    ['with a trace id of zeros', wireSpan(2, { traceId: '0'.repeat(32) })],
    ['with a short span id', wireSpan(2, { spanId: 'abc' })],
    ['with a broken parent', wireSpan(2, { parentSpanId: 'zz' })],
    ['with a time before 1970', wireSpan(2, { startTimeUnixNano: '-1' })],
    ['with a name that is a number', wireSpan(2, { name: 7 })],
    [
      'with an attribute of two values',
      wireSpan(2, { attributes: [{ key: 'a', value: { intValue: 1, boolValue: true } }] }),
    ],
    [
      'with an integer of 65 bits',
      wireSpan(2, { attributes: [{ key: 'a', value: { intValue: '9223372036854775808' } }] }),
    ],
    ['that is a text', 'span'],
    ['in the names of protobuf', { trace_id: TRACE, span_id: '0000000000000002' }],
  ]

  it.each(bad)('is a span %s; the others are kept', async (_name, span) => {
    const { status, body } = await running.post(requestOf(wireSpan(1), span, wireSpan(3)))
    expect(status).toBe(200)
    const answer = readOtlpResponse(body, 'json')
    expect(answer).toMatchObject({ ok: true, rejectedSpans: 1 })
    expect(body.toString()).toContain('resourceSpans[0].scopeSpans[0].spans[1]')
    const names = (await keptIn(running.file)).map(({ span }) => span.name)
    expect(names).toEqual(['span 1', 'span 3'])
  })

  it('is a span with a short id in protobuf', async () => {
    const body = encodeRequest({
      resourceSpans: [
        { scopeSpans: [{ spans: [wireSpan(1), { ...wireSpan(2), spanId: 'abcd' }] }] },
      ],
    })
    const answer = await running.post(body, PROTOBUF_HEADERS)
    expect(readOtlpResponse(answer.body, 'protobuf')).toEqual({
      ok: true,
      rejectedSpans: 1,
      errorMessage: 'resourceSpans[0].scopeSpans[0].spans[1]: spanId: expected 8 bytes, got 2',
    })
    expect(await keptIn(running.file)).toHaveLength(1)
  })

  it('is every span of a resource that cannot be kept, and none of the next', async () => {
    const body = JSON.stringify({
      resourceSpans: [
        { resource: { attributes: 7 }, scopeSpans: [{ spans: [wireSpan(1), wireSpan(2)] }] },
        { scopeSpans: [{ spans: [wireSpan(3)] }] },
      ],
    })
    const answer = await running.post(body)
    expect(readOtlpResponse(answer.body, 'json')).toMatchObject({ rejectedSpans: 2 })
    expect(await keptIn(running.file)).toHaveLength(1)
  })

  it('is a link to nowhere, which costs no span and is said', async () => {
    const links = [
      { traceId: '', spanId: '' },
      { traceId: TRACE, spanId: '00000000000000ab' },
    ]
    const { body } = await running.post(requestOf(wireSpan(1, { links })))
    expect(readOtlpResponse(body, 'json')).toMatchObject({
      rejectedSpans: 0,
      errorMessage: expect.stringContaining('links without a trace id'),
    })
    const [kept] = await keptIn(running.file)
    expect(kept?.span.links).toHaveLength(1)
  })

  it('is a value that nests too deep, in either encoding', async () => {
    let value: unknown = { stringValue: 'deep' }
    for (let i = 0; i < 33; i++) value = { arrayValue: { values: [value] } }
    const span = wireSpan(1, { attributes: [{ key: 'deep', value }] })
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [span, wireSpan(2)] }] }] }
    const asJson = await running.post(JSON.stringify(request))
    const asProtobuf = await running.post(encodeRequest(request), PROTOBUF_HEADERS)
    expect(readOtlpResponse(asJson.body, 'json')).toMatchObject({ rejectedSpans: 1 })
    expect(readOtlpResponse(asProtobuf.body, 'protobuf')).toMatchObject({ rejectedSpans: 1 })
    expect(await keptIn(running.file)).toHaveLength(1)
  })

  it('is a request in other names, which is said although it counts as empty', async () => {
    const { status, body } = await running.post('{"resource_spans":[{}]}')
    expect(status).toBe(200)
    expect(body.toString()).toContain('expected \\"resourceSpans\\"')
  })

  it.each([
    ['no JSON', 'hello', JSON_HEADERS],
    ['nothing', '', JSON_HEADERS],
    ['a list', '[]', JSON_HEADERS],
    ['resourceSpans that are a text', '{"resourceSpans":"x"}', JSON_HEADERS],
    ['not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), JSON_HEADERS],
    ['no protobuf', Uint8Array.of(0x0a, 0xff), PROTOBUF_HEADERS],
    ['JSON under the name of protobuf', requestOf(wireSpan(1)), PROTOBUF_HEADERS],
    ['no gzip', 'plain', { ...JSON_HEADERS, 'content-encoding': 'gzip' }],
    [
      'half of a gzip',
      gzipSync(requestOf(wireSpan(1))).subarray(0, 40),
      { ...JSON_HEADERS, 'content-encoding': 'gzip' },
    ],
  ])('is a body of %s: 400', async (_name, body, headers) => {
    const answer = await running.post(body, headers)
    expect(answer.status).toBe(400)
    expect(answer.headers['retry-after']).toBeUndefined()
    expect(answer.headers['content-type']).toBe(headers['content-type'])
    if (headers['content-type'] === 'application/json') {
      expect(JSON.parse(answer.body.toString())).toMatchObject({
        code: 3,
        message: expect.stringMatching(/\w/),
      })
    }
    expect(existsSync(running.file)).toBe(false)
  })
})

describe('what is asked for in vain', () => {
  const asked: readonly [string, number, Parameters<typeof ask>[0] | object][] = [
    ['metrics', 404, { path: '/v1/metrics', headers: JSON_HEADERS }],
    ['logs', 404, { path: '/v1/logs', headers: PROTOBUF_HEADERS }],
    ['another method', 405, { method: 'GET' }],
    ['a form', 415, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['no type', 415, {}],
    ['brotli', 415, { headers: { ...JSON_HEADERS, 'content-encoding': 'br' } }],
    ['two packings', 415, { headers: { ...JSON_HEADERS, 'content-encoding': 'gzip, gzip' } }],
  ]

  it.each(asked)('%s: %d', async (_name, status, what) => {
    const answer = await ask({ port: running.port, ...what })
    expect(answer.status).toBe(status)
    expect(answer.body.toString()).toContain('expected')
    if (status === 405) expect(answer.headers.allow).toBe('POST')
  })
})
