import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SpanIdSet } from '../../src/trace/span-id-set.js'

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

  it.each<[string, number, (i: number) => readonly [string, string]]>([
    ['that have a trace each', 100, (i) => [`${i}`.padStart(32, 'a'), `${i}`.padStart(16, '0')]],
    ['200 to a trace', 4, (i) => [`${Math.floor(i / 200)}`.padStart(32, 'a'), everyOther(i)]],
  ])('keeps a hundred thousand apart %s, in less than %d bytes each', (_, most, idOf) => {
    const set = new SpanIdSet()
    const count = (from: number, to: number, is: (...ids: readonly [string, string]) => boolean) =>
      Array.from({ length: to - from }, (_, i) => is(...idOf(from + i))).filter(Boolean).length
    const add = set.add.bind(set)
    const has = set.has.bind(set)
    expect(count(0, 100_000, add)).toBe(100_000)
    expect(count(0, 100_000, add)).toBe(0)
    expect(count(0, 100_000, has)).toBe(100_000)
    expect(count(100_000, 101_000, has)).toBe(0)
    expect(set.size).toBe(100_000)
    expect(set.bytes / set.size).toBeLessThan(most)
  })
})

/** As the ids of chunk spans follow from the entries that open them. */
function everyOther(i: number): string {
  return (0xb36d1caeb2e67c88n + 2n * BigInt(i)).toString(16)
}
