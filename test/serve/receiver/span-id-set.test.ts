import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SpanIdSet } from '../../../src/serve/receiver/span-id-set.js'

describe('a set of span ids', () => {
  it('says what a set of texts says', () => {
    const digits = (length: number) =>
      fc.string({ unit: fc.constantFrom('0', '1', 'f'), minLength: length, maxLength: length })
    const id = fc.tuple(digits(2), digits(2))
    fc.assert(
      fc.property(fc.array(id, { maxLength: 200 }), (ids) => {
        const set = new SpanIdSet()
        const texts = new Set<string>()
        for (const [trace, span] of ids) {
          const [traceId, spanId] = [trace.padEnd(31, '0').padEnd(32, '1'), span.padStart(16, '0')]
          expect(set.has(traceId, spanId)).toBe(texts.has(traceId + spanId))
          expect(set.add(traceId, spanId)).toBe(!texts.has(traceId + spanId))
          texts.add(traceId + spanId)
        }
        expect(set.size).toBe(texts.size)
      }),
    )
  })

  it('keeps a hundred thousand apart, in less than 64 bytes each', () => {
    const set = new SpanIdSet()
    const idOf = (i: number) => [`${i}`.padStart(32, 'a'), `${i}`.padStart(16, '0')] as const
    for (let i = 0; i < 100_000; i++) expect(set.add(...idOf(i))).toBe(true)
    for (let i = 0; i < 100_000; i++) expect(set.has(...idOf(i))).toBe(true)
    for (let i = 100_000; i < 101_000; i++) expect(set.has(...idOf(i))).toBe(false)
    expect(set.bytes / set.size).toBeLessThan(64)
  })
})
