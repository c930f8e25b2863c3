import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { readOtlpResponse } from '../../src/trace/otlp-response.js'

const Response = protobuf
  .parse(readFileSync(new URL('../fixtures/otlp/trace.proto', import.meta.url), 'utf8'))
  .root.lookupType('otlp.ExportTraceServiceResponse')

function inProtobuf(answer: object): Uint8Array {
  return Response.encode(Response.fromObject(answer)).finish()
}

const takenAll = { ok: true, rejectedSpans: 0, errorMessage: '' }

describe('an answer in JSON', () => {
  test.each(['', ' \n', '{}', '{"partialSuccess":{}}', '{"partialSuccess":null}'])(
    'that is %j says that everything was taken',
    (text) => {
      expect(readOtlpResponse(Buffer.from(text), 'json')).toEqual(takenAll)
    },
  )

  test.each<[string, number | bigint]>([
    ['"2"', 2],
    ['2', 2],
    ['"9223372036854775807"', 9223372036854775807n],
    ['9223372036854775807', 9223372036854775807n],
  ])('tells %s rejected spans, and why', (count, rejectedSpans) => {
    const text = `{"partialSuccess":{"rejectedSpans":${count},"errorMessage":"too old"}}`
    expect(readOtlpResponse(Buffer.from(text), 'json')).toEqual({
      ok: true,
      rejectedSpans,
      errorMessage: 'too old',
    })
  })

  test.each([
    ['[]', 'a list of 0'],
    ['"ok"', '"ok"'],
    ['{"status":"ok"}', 'an object with "status"'],
    ['{"partialSuccess":7}', 'partialSuccess: 7'],
    ['{"partialSuccess":{"rejectedSpans":"many"}}', 'rejectedSpans: "many"'],
    ['{"partialSuccess":{"rejectedSpans":-1}}', 'rejectedSpans: -1'],
    ['{"partialSuccess":{"errorMessage":{}}}', 'errorMessage: an object without members'],
  ])('is not %s', (text, got) => {
    expect(readOtlpResponse(Buffer.from(text), 'json')).toEqual({
      ok: false,
      problem: `expected the answer of an OTLP receiver in JSON, such as {"partialSuccess":{}}, got ${got}`,
    })
  })

  test('is not HTML', () => {
    const page = `<html>${'<p>Please sign in</p>'.repeat(1000)}</html>`
    const response = readOtlpResponse(Buffer.from(page), 'json')
    expect(response).toEqual({
      ok: false,
      problem: expect.stringContaining('got "<html><p>Please sign in</p>'),
    })
    expect(JSON.stringify(response).length).toBeLessThan(500)
  })
})

describe('an answer in protobuf', () => {
  test.each([
    ['nothing', new Uint8Array()],
    ['an empty partial success', inProtobuf({ partialSuccess: {} })],
  ])('that is %s says that everything was taken', (_, body) => {
    expect(readOtlpResponse(body, 'protobuf')).toEqual(takenAll)
  })

  test.each([
    ['2', 2],
    ['9223372036854775807', 9223372036854775807n],
  ])('tells %s rejected spans, and why', (count, rejectedSpans) => {
    const body = inProtobuf({ partialSuccess: { rejectedSpans: count, errorMessage: 'too old' } })
    expect(readOtlpResponse(body, 'protobuf')).toEqual({
      ok: true,
      rejectedSpans,
      errorMessage: 'too old',
    })
  })

  test.each([
    '<html><body>Please sign in</body></html>',
    '{"partialSuccess":{}}',
    'OK',
    'accepted',
  ])('is not the text %j', (text) => {
    expect(readOtlpResponse(Buffer.from(text), 'protobuf')).toEqual({
      ok: false,
      problem: expect.stringContaining(
        `expected the answer of an OTLP receiver in protobuf, got ${JSON.stringify(text)}`,
      ),
    })
  })

  test('is not some other message', () => {
    expect(readOtlpResponse(Uint8Array.of(0x10, 0x01), 'protobuf')).toMatchObject({ ok: false })
  })

  test('does not tell a negative number of spans', () => {
    const body = inProtobuf({ partialSuccess: { rejectedSpans: '-1' } })
    expect(readOtlpResponse(body, 'protobuf')).toEqual({
      ok: false,
      problem: 'expected the answer of an OTLP receiver in protobuf, got rejected_spans: -1',
    })
  })
})
