import { describe, expect, it } from 'vitest'
import { interruptedIdsOf, loadIdsOf, spanIdsOf, traceIdOf } from '../../src/mapping/ids.js'
import { loadToTrace } from '../../src/mapping/load-to-trace.js'
import { sizeOfSpan } from '../../src/mapping/size.js'
import { SpanKind, StatusCode } from '../../src/trace/trace.js'
import { T0 } from '../journal/example-journals.js'
import { imported } from './both-ways.js'
import { LOAD, onlySpan, receivedOf } from './known-beside.js'

const rootOf = (namespace: string, runId: string) => {
  const key = { namespace, runId, page: 0, revision: 0 }
  return { traceId: traceIdOf(key), spanId: spanIdsOf(key).root }
}

describe('a load', () => {
  it('is one span of 1 ns at its end, with a link to each run', () => {
    const span = onlySpan(loadToTrace(LOAD, { namespace: 'eu' }))
    const { traceId, root } = loadIdsOf({ namespace: 'eu', runId: LOAD.loadId })
    expect(span).toEqual({
      traceId,
      spanId: root,
      name: 'load orders',
      kind: SpanKind.INTERNAL,
      startTimeUnixNano: T0,
      endTimeUnixNano: T0 + 1n,
      attributes: {
        'rivet.export.name': 'orders',
        'rivet.run.namespace': 'eu',
        'rivet.load.id': 'load_1:load:shop.public.orders',
        'rivet.load.target_table': 'shop.public.orders',
        'rivet.load.warehouse': 'bigquery',
        'rivet.load.mode': 'append',
        'rivet.load.status': 'success',
        'rivet.load.runs': 3,
        'rivet.load.rows': 170_000,
      },
      events: [],
      links: ['orders_1', 'orders_2', 'orders_3'].map((runId) => ({
        ...rootOf('eu', runId),
        attributes: { 'rivet.run.id': runId },
      })),
    })
  })

  it('links to the traces of killed runs where they left no journal', () => {
    const { links } = onlySpan(loadToTrace(LOAD, {}, new Set(['orders_2'])))
    const killed = interruptedIdsOf({ namespace: '', runId: 'orders_2' })
    expect(links).toMatchObject([
      rootOf('', 'orders_1'),
      { traceId: killed.traceId, spanId: killed.root },
      rootOf('', 'orders_3'),
    ])
  })

  it.each([
    ['failed', 'the load into shop.public.orders failed'],
    ['refused', 'rivet refused the load into shop.public.orders'],
  ])('that is %s is an error', (status, message) => {
    const span = onlySpan(loadToTrace({ ...LOAD, status }))
    expect(span.status).toEqual({ code: StatusCode.ERROR, message })
    expect(span.attributes['error.type']).toBe('_OTHER')
  })

  it('of many runs has 1,000 links, and says how many runs there were', () => {
    const sourceRunIds = Array.from({ length: 10_000 }, (_, i) => `orders_${i}`)
    const span = onlySpan(loadToTrace({ ...LOAD, sourceRunIds }))
    expect(span.links).toHaveLength(1000)
    expect(span.attributes['rivet.load.runs']).toBe(10_000)
    expect(span.attributes['rivet.trace.left_out']).toBe(9000)
  })

  it('counts the runs that must not be named', () => {
    const span = onlySpan(loadToTrace({ ...LOAD, unnamedRuns: 4 }))
    expect(span.links).toHaveLength(3)
    expect(span.attributes['rivet.load.runs']).toBe(7)
    expect(span.attributes['rivet.trace.left_out']).toBe(4)
  })

  it('of runs with long ids has as many links as a span takes', () => {
    const sourceRunIds = Array.from({ length: 1000 }, (_, i) => `${i}${'x'.repeat(5000)}`)
    const span = onlySpan(loadToTrace({ ...LOAD, sourceRunIds }))
    expect(span.links.length).toBeGreaterThan(100)
    expect(sizeOfSpan(span)).toBeLessThan(1_010_000)
    expect(span.attributes['rivet.trace.left_out']).toBe(1000 - span.links.length)
  })

  it('says no rows where none are known', () => {
    const { rowsLoaded: _, ...load } = LOAD
    expect(onlySpan(loadToTrace(load)).attributes).not.toHaveProperty('rivet.load.rows')
  })

  it('never stands outside 1970 to 2100', () => {
    const startOf = (finishedUnixNano: bigint) =>
      onlySpan(loadToTrace({ ...LOAD, finishedUnixNano })).startTimeUnixNano
    expect(startOf(-1n)).toBe(0n)
    expect(startOf(2n ** 65n)).toBe(4_102_444_799_999_999_998n)
  })

  it('is one page about itself, and no journal', () => {
    const page = loadToTrace(LOAD)
    expect(page).toMatchObject({ subject: 'load', runId: LOAD.loadId, exportName: 'orders' })
    expect(imported(receivedOf([page]))).toEqual([])
  })

  it('that goes on has no trace', () => {
    expect(() => loadToTrace({ ...LOAD, status: 'writing' })).toThrow(RangeError)
  })
})
