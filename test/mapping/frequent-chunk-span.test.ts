import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../src/journal/run-journal.js'
import { attemptToSpan, CHUNK_SPAN_NAME } from '../../src/mapping/chunk-span.js'
import { runAttributes } from '../../src/mapping/run-attributes.js'
import { RunToMap } from '../../src/mapping/run-to-map.js'
import { sizeOfSpan } from '../../src/mapping/size.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { at, failed, journalOf } from '../journal/example-journals.js'

const texts = fc.constantFrom(
  '',
  '7',
  'orders_7.parquet',
  'é',
  'a text '.repeat(90),
  'ö'.repeat(2000),
)
const counts = fc.constantFrom(0, 7, 2 ** 40, 2n ** 63n - 1n, 2n ** 64n - 1n)
const fileNames = fc.oneof(texts, fc.constantFrom(null, undefined))
const unknown = fc.option(fc.constant({ host: 'db' }), { nil: undefined, freq: 8 })

/** Two entries of an attempt, from usual to odd, and how many ns they take. */
const attempts = fc.record({
  startKey: texts,
  endKey: texts,
  rows: counts,
  fileName: fileNames,
  isFailed: fc.boolean(),
  field: unknown,
  member: unknown,
  nanos: fc.constantFrom(0n, 1n, 957n, 1000n, 123_000n, 123_456_789n),
  pause: fc.constantFrom(0n, 43n, 1_000n, 1_000_000n),
})

type Attempt = typeof attempts extends fc.Arbitrary<infer T> ? T : never

function entriesOf(many: readonly Attempt[]): JournalEntry[] {
  const entries: JournalEntry[] = []
  let time = 0n
  many.forEach((one, chunk_index) => {
    const { startKey, endKey, rows, fileName, field, member } = one
    time += one.pause
    const start = { chunk_index, start_key: startKey, end_key: endKey, ...field }
    entries.push(at(time, { ChunkStarted: start }))
    time += one.nanos
    const completion =
      fileName === undefined ? { chunk_index, rows } : { chunk_index, rows, file_name: fileName }
    const event = one.isFailed && rows === 0 ? failed(chunk_index) : { ChunkCompleted: completion }
    const entry = at(time, event)
    entries.push(member === undefined ? entry : { ...entry, extra: member })
  })
  return entries
}

describe('the span of a frequent attempt', () => {
  it('is what the general way makes of it, whatever stood before it, and never larger than it says', () => {
    fc.assert(
      fc.property(
        fc.array(attempts, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('', 'warehouse'),
        (many, namespace) => {
          const journal = journalOf(entriesOf(many))
          const run = new RunToMap(journal, { namespace })
          const { spans, times } = run.layout
          spans.forEach(({ attempt }, place) => {
            const span = run.child(0, place)
            expect(run.mostOfLastChild).toBeGreaterThanOrEqual(sizeOfSpan(span))
            if (attempt === undefined) return
            const parts = attemptToSpan(
              attempt,
              journal.entries,
              times,
              runAttributes(journal, run),
            )
            expect(span).toMatchObject({ ...parts, name: CHUNK_SPAN_NAME })
            expect(Object.entries(span.attributes)).toEqual(Object.entries(parts.attributes))
            expect(span.status).toEqual(parts.status)
          })
        },
      ),
      { numRuns: propertyCases(300) },
    )
  })
})
