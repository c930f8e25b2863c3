import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodedSpanIds, encodeResourceSpansJsonBytes } from '../../src/trace/otlp-json.js'
import type { Trace } from '../../src/trace/trace.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { anyTrace, bareSpan, chunkId, fullTrace, rootId, traceId } from './sample-traces.js'

function expectSameIds(trace: Trace): void {
  const encoded = encodeResourceSpansJsonBytes(trace)
  for (const traceId of new Set(trace.spans.map((span) => span.traceId))) {
    const spans = trace.spans.filter((span) => span.traceId === traceId)
    expect(encodedSpanIds(encoded, traceId)).toEqual(spans.map(({ spanId }) => spanId))
  }
}

describe('the span ids in encoded spans', () => {
  it('are those of the spans, whatever they have', () => {
    expectSameIds(fullTrace)
    fc.assert(fc.property(anyTrace, expectSameIds), { numRuns: propertyCases(300) })
  })

  it('are not what a text or a name says, nor those of links', () => {
    const spanJson = `{"traceId":"${traceId}","spanId":"${chunkId}","name":"`
    for (const text of [
      'spanId',
      spanJson.slice(0, -10),
      spanJson,
      `\\${spanJson}`,
      `${spanJson}\\`,
    ]) {
      const attributes = { [text]: text, list: [text, { [text]: text }], spanId: chunkId }
      const link = { traceId, spanId: chunkId, attributes }
      const event = { name: text, timeUnixNano: 1n, attributes }
      expectSameIds({
        resource: attributes,
        scope: { name: text, version: text },
        spans: [
          { ...bareSpan, name: text, attributes, events: [event], links: [link] },
          {
            ...bareSpan,
            spanId: chunkId,
            parentSpanId: rootId,
            links: [{ ...link, attributes: {} }],
          },
        ],
      })
    }
  })
})
