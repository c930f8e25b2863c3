import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { describe, expect, it } from 'vitest'
import { toReadableSpans } from '../../src/delivery/readable-span.js'
import { deliverThrough } from '../../src/delivery/span-exporter.js'
import type { Attributes, Span, Trace } from '../../src/trace/trace.js'
import { manyPages, send } from '../contracts/delivery-contract.js'

const span: Span = {
  traceId: 'c3bde0ddc359ac2423e3095a715b3412',
  spanId: 'b36d1caeb2e67c87',
  parentSpanId: '00000000000000ff',
  name: 'chunk',
  kind: 1,
  startTimeUnixNano: 1_795_251_219_134_436_857n,
  endTimeUnixNano: 1_795_251_221_000_000_001n,
  attributes: {},
  events: [{ name: 'rivet.warning', timeUnixNano: 999_999_999n, attributes: { a: 1 } }],
  links: [{ traceId: `${'0'.repeat(31)}1`, spanId: `${'0'.repeat(15)}2`, attributes: { b: true } }],
  status: { code: 2, message: 'it broke' },
}

function readable(changes: Partial<Span> = {}): ReadableSpan {
  const trace: Trace = {
    resource: { 'service.name': 'rivet', big: 2n ** 60n },
    scope: { name: 'rivet-otel', version: '1' },
    spans: [{ ...span, ...changes }],
  }
  const [only] = toReadableSpans(trace)
  if (only === undefined) throw new Error('a span was expected')
  return only
}

describe("a span as the SDK's", () => {
  it('has exact times, as seconds and nanoseconds', () => {
    const { startTime, endTime, duration, events } = readable()
    expect(startTime).toEqual([1_795_251_219, 134_436_857])
    expect(endTime).toEqual([1_795_251_221, 1])
    expect(duration).toEqual([1, 865_563_144])
    expect(events[0]?.time).toEqual([0, 999_999_999])
  })

  it('has its ids, parent, links, status, resource and scope', () => {
    const one = readable()
    const { traceId } = span
    expect(one.spanContext()).toEqual({ traceId, spanId: span.spanId, traceFlags: 1 })
    expect(one.parentSpanContext).toMatchObject({ traceId, spanId: span.parentSpanId })
    expect(one.links[0]?.context).toMatchObject({ spanId: '0000000000000002' })
    expect(one.links[0]?.attributes).toEqual({ b: true })
    expect(one.status).toEqual(span.status)
    expect(one.instrumentationScope).toEqual({ name: 'rivet-otel', version: '1' })
    expect(one.resource.attributes).toEqual({ 'service.name': 'rivet', big: '1152921504606846976' })
    expect(one.ended).toBe(true)
  })

  it('has a resource that the SDK can merge', () => {
    const { resource } = readable()
    const other = { ...resource, attributes: { 'service.name': 'other', a: 1 } }
    expect(resource.merge(other).attributes).toMatchObject({ 'service.name': 'other', a: 1 })
    expect(resource.merge(null).getRawAttributes()).toContainEqual(['service.name', 'rivet'])
  })

  it('has the kinds as the SDK counts them', () => {
    expect([0, 1, 2, 3, 4, 5].map((kind) => readable({ kind }).kind)).toEqual([0, 0, 1, 2, 3, 4])
  })

  it('has no parent and no status where there is none', () => {
    const { parentSpanId: _, status: __, ...root } = span
    const [one] = toReadableSpans({ resource: {}, scope: { name: '', version: '' }, spans: [root] })
    expect(one).not.toHaveProperty('parentSpanContext')
    expect(one?.status).toEqual({ code: 0 })
  })

  it.each<[string, Attributes[string], unknown]>([
    ['a text', 'é', 'é'],
    ['a boolean', false, false],
    ['an integer', 7, 7],
    ['a double', 0.5, 0.5],
    ['a small bigint', -7n, -7],
    ['the largest safe integer', 2n ** 53n - 1n, 9_007_199_254_740_991],
    ['a larger one', 2n ** 53n, '9007199254740992'],
    ['the largest i64', 2n ** 63n - 1n, '9223372036854775807'],
    ['the smallest i64', -(2n ** 63n), '-9223372036854775808'],
    ['a list of texts', ['a', ''], ['a', '']],
    ['an empty list', [], []],
    ['a list of booleans', [true], [true]],
    ['a list of integers', [1, 2n], [1, 2]],
    ['a list with a large integer', [1, 2n ** 53n], ['1', '9007199254740992']],
    ['a mixed list', [1, 'a', null, 2n ** 53n], '[1,"a",null,9007199254740992]'],
    ['an object', { a: [Uint8Array.of(255)], b: { c: 0.5 } }, '{"a":["/w=="],"b":{"c":0.5}}'],
    ['bytes', Uint8Array.of(1, 2), 'AQI='],
    ['null', null, 'null'],
  ])('has %s as an attribute', (_, value, expected) => {
    expect(readable({ attributes: { key: value } }).attributes).toEqual({ key: expected })
  })

  it('goes through an exporter of the SDK', async () => {
    const exporter = new InMemorySpanExporter()
    const pages = manyPages(2)
    const delivery = deliverThrough(exporter)
    expect(delivery.location).toBe('exporter InMemorySpanExporter')
    await send(delivery, pages)
    expect(exporter.getFinishedSpans().map((each) => each.spanContext().spanId)).toEqual(
      pages.flatMap(({ trace }) => trace.spans.map(({ spanId }) => spanId)),
    )
    await delivery.close()
    expect(exporter.getFinishedSpans()).toEqual([])
  })
})
