import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Newest, oldestFirst, type RunPlace, wantsRun } from '../../src/sources/selection.js'

const place = fc.record({
  runId: fc.option(fc.constantFrom('a', 'b', 'B', 'ä', '😀', '\uffff'), { nil: undefined }),
  endedUnixNano: fc.option(fc.bigInt({ min: -3n, max: 3n }), { nil: undefined }),
})

describe('a selection', () => {
  it('does not exclude what is not known', () => {
    expect(wantsRun({ runIds: ['a'], exports: ['x'] }, undefined, undefined)).toBe(true)
    expect(wantsRun({ runIds: ['a'], exports: ['x'] }, undefined, 'y')).toBe(false)
    expect(wantsRun({ runIds: ['a'] }, 'a', 'y')).toBe(true)
    expect(wantsRun({ runIds: [] }, 'a', 'y')).toBe(false)
  })

  it('orders by time, then by the code units of run_id, unknown times first', () => {
    const places: RunPlace[] = [
      { runId: '\uffff', endedUnixNano: 1n },
      { runId: '😀', endedUnixNano: 1n },
      { runId: 'z', endedUnixNano: undefined },
      { runId: 'a', endedUnixNano: -5n },
    ]
    expect(places.sort(oldestFirst).map(({ runId }) => runId)).toEqual(['z', 'a', '😀', '\uffff'])
  })

  it('keeps the same newest ones, however many pass', () => {
    fc.assert(
      fc.property(fc.array(place), fc.integer({ min: 0, max: 8 }), (places, count) => {
        const newest = new Newest<RunPlace>(count)
        for (const one of places) newest.add(one)
        const sorted = [...places].sort(oldestFirst)
        expect(newest.oldestFirst()).toEqual(sorted.slice(Math.max(0, sorted.length - count)))
      }),
    )
  })
})
