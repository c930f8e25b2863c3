import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WordTable } from '../../src/trace/word-table.js'

describe('a table of numbers', () => {
  it('says what a map of texts says, also after it has grown', () => {
    const word = fc.constantFrom(0, 1, 2, 3, 31, 32, 0x7fffffff, 0x80000000, 0xffffffff)
    const value = fc.integer({ min: 1, max: 0xffffffff })
    const entries = fc.array(fc.tuple(fc.tuple(word, word, word), value), {
      maxLength: 2000,
      size: 'max',
    })
    fc.assert(
      fc.property(entries, (list) => {
        const table = new WordTable(3)
        const map = new Map<string, number>()
        for (const [key, value] of list) {
          const words = Uint32Array.from(key)
          expect(table.get(words)).toBe(map.get(key.join()) ?? 0)
          table.set(words, value)
          map.set(key.join(), value)
        }
        expect(table.size).toBe(map.size)
        for (const [key, value] of map) {
          expect(table.get(Uint32Array.from(key.split(','), Number))).toBe(value)
        }
      }),
      { numRuns: 20 },
    )
  })
})
