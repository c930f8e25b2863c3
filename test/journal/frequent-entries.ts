/** Entries of the kinds that large journals are made of, plain and with all that may be odd about them. */
import fc from 'fast-check'
import type { JsonObject } from '../../src/json/lossless.js'

const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.nat().map(String) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '"', 'C:\\data', 'a\u007fb', 'é', '🦀', '\u2028', 'a\nb', '\0'),
  },
)
const integer = fc.oneof(
  { weight: 6, arbitrary: fc.nat() },
  {
    weight: 1,
    arbitrary: fc.constantFrom<number | bigint>(0, 999_999_999_999_999, 2 ** 53 - 1, 2n ** 62n),
  },
)
const signed = fc.oneof(
  { weight: 6, arbitrary: integer },
  { weight: 1, arbitrary: fc.constantFrom<number | bigint>(-1, -(2 ** 53) + 1, -(2n ** 62n)) },
)

const plain = fc.oneof(
  fc
    .record({ chunk_index: signed, start_key: text, end_key: text })
    .map((fields) => ({ ChunkStarted: fields })),
  fc
    .record(
      { chunk_index: signed, rows: signed, file_name: fc.option(text, { freq: 4 }) },
      { requiredKeys: ['chunk_index', 'rows'] },
    )
    .map((fields) => ({ ChunkCompleted: fields })),
  fc
    .record({ file_name: text, rows: signed, bytes: integer, part_index: integer })
    .map((fields) => ({ FileWritten: fields })),
) as fc.Arbitrary<{ readonly [kind: string]: JsonObject }>

/** Its members in another order, or one more. */
const odd = fc
  .tuple(
    plain,
    fc.boolean(),
    fc.option(fc.constantFrom<JsonObject>({ host: 'db' }, { host: null })),
  )
  .map(([event, isReversed, more]) => {
    const [kind = '', fields = {}] = Object.entries(event)[0] ?? []
    const members = Object.entries({ ...fields, ...more })
    return { [kind]: Object.fromEntries(isReversed ? members.toReversed() : members) }
  })

const recordedAt = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().replace('.000Z', 'Z')),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '2026-11-21T08:53:39.134436857Z',
      '2026-11-21T08:53:39.134436Z',
      '2026-11-21T08:53:39.100000Z',
      '2024-02-29T08:53:39.134436857Z',
      '2026-12-31T10:53:39+02:00',
    ),
  },
)

/** One such entry, as its JSON value. */
export const frequentEntry: fc.Arbitrary<JsonObject & { readonly recorded_at: string }> = fc
  .tuple(recordedAt, fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: odd }))
  .map(([recorded_at, event]) => ({ recorded_at, event }))
