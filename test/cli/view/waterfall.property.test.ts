import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { displayWidth } from '../../../src/cli/view/terminal-text.js'
import { waterfall } from '../../../src/cli/view/waterfall.js'
import type { RunEvent } from '../../../src/journal/events.js'
import type { RunJournal } from '../../../src/journal/run-journal.js'
import { arbitraryJournal, propertyCases } from '../../journal/arbitrary-journal.js'
import { madeUp } from './journals.js'

const key = fc.oneof(
  fc.nat().map(String),
  fc.constantFrom(
    '',
    '日本語の鍵',
    '👩‍👩‍👧‍👦',
    'e\u0301\u0301\u0301',
    'مفتاح',
    'שלום 12',
    '\u0301',
    'x'.repeat(300),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const span = fc.record({
  chunk_index: fc.oneof(fc.nat(2000), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  start: fc.oneof(fc.nat(3_600_000), fc.nat(40 * 86_400_000)),
  took: fc.oneof(fc.nat(5000), fc.nat(86_400_000)),
  rows: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  keys: fc.tuple(key, key),
  has: fc.constantFrom('both', 'both', 'both', 'end', 'start', 'failure'),
})

/** Runs of few or very many chunks, one after the other or together, of which any may have failed. */
const chunkRun: fc.Arbitrary<RunJournal> = fc
  .array(span, { minLength: 1, maxLength: 120 })
  .map((spans) => {
    const events: [number, RunEvent][] = []
    for (const { chunk_index: index, start, took, rows, keys, has } of spans) {
      const chunk_index = Number.isSafeInteger(Number(index)) ? Number(index) : index
      const [start_key, end_key] = keys
      if (has !== 'end') events.push([start, { ChunkStarted: { chunk_index, start_key, end_key } }])
      if (has === 'failure')
        events.push([start + took, { ChunkFailed: { chunk_index, error: 'x', attempt: 2 } }])
      else if (has !== 'start')
        events.push([start + took, { ChunkCompleted: { chunk_index, rows, file_name: null } }])
    }
    return madeUp(events.sort(([a], [b]) => a - b))
  })

describe('a waterfall', () => {
  it('passes no width from 40 on and says the same in every colour, whatever the journal holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(arbitraryJournal(), chunkRun),
        fc.integer({ min: 40, max: 300 }),
        fc.boolean(),
        fc.constantFrom(0, 2),
        (journal, width, unicode, indent) => {
          const plain = waterfall(journal, { width, color: false, unicode, indent })
          const colored = waterfall(journal, { width, color: true, unicode, indent })
          expect(colored.map((line) => stripVTControlCharacters(line))).toEqual(plain)
          for (const line of plain) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width)
            expect(line).toBe(line.trimEnd())
            expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
          }
          expect(plain.length).toBeLessThanOrEqual(60)
        },
      ),
      { numRuns: propertyCases(300) },
    )
  }, 60_000)

  it('draws nothing but ASCII of its own where the terminal shows no more', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { minLength: 1, maxLength: 120 }), (times) => {
        const events: [number, RunEvent][] = times.flatMap((took, chunk_index) => [
          [chunk_index, { ChunkStarted: { chunk_index, start_key: 'a', end_key: 'b' } }],
          [
            chunk_index + took,
            took % 7 === 0
              ? { ChunkFailed: { chunk_index, error: 'x', attempt: 1 } }
              : { ChunkCompleted: { chunk_index, rows: 5, file_name: null } },
          ],
        ])
        const journal = madeUp(events.sort(([a], [b]) => a - b))
        for (const width of [60, 100, 200])
          for (const line of waterfall(journal, { width, color: false, unicode: false }))
            expect(line).toMatch(/^[\x20-\x7e]*$/)
      }),
      { numRuns: propertyCases(100) },
    )
  }, 60_000)
})
