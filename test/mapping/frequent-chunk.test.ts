import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHUNK_SPAN_NAME, spanToEnd, spanToStart } from '../../src/mapping/chunk-span.js'
import { frequentChunk } from '../../src/mapping/frequent-chunk.js'
import type { AttributeValue, Span } from '../../src/trace/trace.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { at, completed, journalOf, started } from '../journal/example-journals.js'
import { exported } from './both-ways.js'

const NANOS = 123_456_789n

function chunkSpan(fileName?: string): Span {
  const journal = journalOf([at(0n, started(7)), at(NANOS, completed(7, fileName))])
  const span = exported(journal).find(({ span }) => span.name === CHUNK_SPAN_NAME)?.span
  if (span === undefined) throw new Error('there is no chunk span')
  return span
}

const NAMES = [
  'rivet.chunk.index',
  'rivet.chunk.start_key',
  'rivet.chunk.end_key',
  'rivet.chunk.rows',
  'rivet.chunk.attempt',
  'rivet.file.name',
  'rivet.entry.start',
  'rivet.entry.end',
].flatMap((name) => [
  name,
  ...['parts', 'part_2', 'index', 'time', 'time.parts', 'nanos'].map((end) => `${name}.${end}`),
  ...['unknown_fields', 'unknown_members'].flatMap((end) => [
    `${name}.${end}`,
    `${name}.${end}.parts`,
  ]),
])

const values: fc.Arbitrary<AttributeValue | undefined> = fc.oneof(
  fc.constantFrom<(AttributeValue | undefined)[]>(
    undefined,
    null,
    0,
    -0,
    1,
    -1,
    1.5,
    789,
    2n ** 63n - 1n,
    '0',
    '789',
    'a text',
    '{"host":"db"}',
    '2026-11-21T08:53:39.1Z',
    '2026-11-21T08:53:39.100Z',
    '2026-11-21T08:53:60Z',
  ),
  fc.integer({ min: 0, max: 1100 }),
)

describe('a chunk span that is read by the short way', () => {
  it('is a usual one', () => {
    expect(frequentChunk(chunkSpan('orders_1.parquet'))).toHaveLength(2)
    expect(frequentChunk(chunkSpan())).toHaveLength(2)
  })

  it('gives what the general way gives, whatever its attributes are', () => {
    let short = 0
    fc.assert(
      fc.property(
        fc.constantFrom(chunkSpan('orders_1.parquet'), chunkSpan()),
        fc.array(fc.tuple(fc.constantFrom(...NAMES), values), { maxLength: 3 }),
        fc.constantFrom(0n, 1n, 2n ** 64n - 1n, 2n ** 64n, -1n, 1795251219134436000n, undefined),
        (usual, changes, time) => {
          const attributes: Record<string, AttributeValue> = { ...usual.attributes }
          for (const [name, value] of changes) {
            if (value === undefined) delete attributes[name]
            else attributes[name] = value
          }
          const span = {
            ...usual,
            attributes,
            ...(time !== undefined && { endTimeUnixNano: time }),
          }
          const read = frequentChunk(span)
          if (read === undefined) return
          short++
          expect(read).toStrictEqual([spanToStart(span), spanToEnd(span)])
        },
      ),
      { numRuns: propertyCases(3000) },
    )
    expect(short).toBeGreaterThan(0)
  })
})
