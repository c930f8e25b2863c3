import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatTimestamp,
  isPlain,
  parseTimestamp,
  plainNanos,
  plainSeconds,
  readTimestamp,
} from '../../src/journal/timestamp.js'
import { RivetOtelError } from '../../src/problem.js'
import { propertyCases } from './arbitrary-journal.js'

const NANOS_PER_SECOND = 1_000_000_000n

/** The first and the last second that chrono's `DateTime<Utc>` can say. */
const FIRST = BigInt(Date.UTC(-262_142, 0, 1)) * 1_000_000n
const LAST = BigInt(Date.UTC(262_142, 11, 31, 23, 59, 59)) * 1_000_000n

describe('a timestamp', () => {
  it.each([
    ['2026-11-21T08:53:39Z', 1_795_251_219_000_000_000n],
    ['2026-11-21T08:53:39.134Z', 1_795_251_219_134_000_000n],
    ['2026-11-21T08:53:39.134436Z', 1_795_251_219_134_436_000n],
    ['2026-11-21T08:53:39.134436857Z', 1_795_251_219_134_436_857n],
    ['2026-11-21T08:53:39.000000001Z', 1_795_251_219_000_000_001n],
    ['1970-01-01T00:00:00Z', 0n],
    ['1969-12-31T23:59:59.999999999Z', -1n],
    ['0000-02-29T00:00:00Z', -62_162_121_600_000_000_000n],
    ['0099-12-31T00:00:00Z', -59_011_545_600_000_000_000n],
    ['-0044-03-15T12:00:00Z', -63_549_316_800_000_000_000n],
    ['+12026-11-21T08:53:39Z', 317_364_771_219_000_000_000n],
    ['+262142-12-31T23:59:59.999999999Z', LAST + 999_999_999n],
    ['-262142-01-01T00:00:00Z', FIRST],
  ])('in chrono’s spelling, %s, is its own canonical form', (text, unixNano) => {
    expect(parseTimestamp(text)).toEqual({ unixNano, canonical: text })
    expect(formatTimestamp(unixNano)).toBe(text)
  })

  it.each([
    ['2026-11-21T08:53:39.1Z', '2026-11-21T08:53:39.100Z'],
    ['2026-11-21T08:53:39.10000Z', '2026-11-21T08:53:39.100Z'],
    ['2026-11-21T08:53:39.1344Z', '2026-11-21T08:53:39.134400Z'],
    ['2026-11-21T08:53:39.1344368Z', '2026-11-21T08:53:39.134436800Z'],
    ['2026-11-21T08:53:39.000000000Z', '2026-11-21T08:53:39Z'],
    ['2026-11-21T08:53:39.1344368579999Z', '2026-11-21T08:53:39.134436857Z'],
    ['2026-11-21T08:53:39.0000000009Z', '2026-11-21T08:53:39Z'],
    ['2026-11-21t08:53:39z', '2026-11-21T08:53:39Z'],
    ['2026-11-21 08:53:39Z', '2026-11-21T08:53:39Z'],
    ['2026-11-21T08:53:39+00:00', '2026-11-21T08:53:39Z'],
    ['2026-11-21T08:53:39-00:00', '2026-11-21T08:53:39Z'],
    ['2026-11-21T10:53:39.5+02:00', '2026-11-21T08:53:39.500Z'],
    ['2026-11-21T03:23:39-05:30', '2026-11-21T08:53:39Z'],
    ['2026-12-31T23:59:59-00:01', '2027-01-01T00:00:59Z'],
    ['0000-01-01T00:00:00+01:00', '-0001-12-31T23:00:00Z'],
    ['9999-12-31T23:59:59-01:00', '+10000-01-01T00:59:59Z'],
  ])('spelled %s means %s', (text, canonical) => {
    expect(parseTimestamp(text)).toEqual({
      unixNano: parseTimestamp(canonical).unixNano,
      canonical,
    })
  })

  it('may say a leap second, which keeps its spelling and is the next second', () => {
    const leap = parseTimestamp('2016-12-31T23:59:60.5Z')
    expect(leap.canonical).toBe('2016-12-31T23:59:60.500Z')
    expect(leap.unixNano).toBe(parseTimestamp('2017-01-01T00:00:00.5Z').unixNano)
    expect(parseTimestamp('2017-01-01T01:59:60+02:00').canonical).toBe('2016-12-31T23:59:60Z')
  })

  it.each([
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T23:60:00Z',
    '2026-01-01T23:59:61Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+01:60',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00,5Z',
    '2026-01-01',
    '2026-1-1T0:0:0Z',
    '12026-01-01T00:00:00Z',
    '+2026-01-01T00:00:00Z',
    '+999999-01-01T00:00:00Z',
    '-271821-04-19T00:00:00Z',
    '+275760-09-13T00:00:01Z',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z\n',
    '٢٠٢٦-01-01T00:00:00Z',
    'yesterday',
    '',
  ])('that does not exist or is none, %j, is refused', (text) => {
    expect(readTimestamp(text)).toBeUndefined()
    expect(() => parseTimestamp(text)).toThrow(RivetOtelError)
  })

  it('is refused with a short sentence that says what was expected', () => {
    expect(() => parseTimestamp('x'.repeat(10_000))).toThrow(
      /^"x{80}" is not a timestamp; expected one like 2026-11-21T08:53:39.134436857Z$/,
    )
  })

  it('exists on the leap days of the Gregorian calendar only', () => {
    for (const year of ['2000', '2024', '0004', '-0004', '0000']) {
      expect(readTimestamp(`${year}-02-29T00:00:00Z`)).toBeDefined()
    }
    for (const year of ['2100', '2026', '-0001', '-0100']) {
      expect(readTimestamp(`${year}-02-29T00:00:00Z`)).toBeUndefined()
    }
  })
})

describe('parseTimestamp and formatTimestamp', () => {
  const instant = fc.bigInt({ min: FIRST, max: LAST })
  const nearby = fc.bigInt({ min: -(10n ** 18n), max: 5n * 10n ** 18n })
  const round = fc
    .tuple(
      fc.bigInt({ min: -(10n ** 10n), max: 10n ** 10n }),
      fc.constantFrom(1n, 1000n, 10n ** 6n),
    )
    .map(([seconds, unit]) => seconds * NANOS_PER_SECOND + 123n * unit)
  const anyInstant = fc.oneof(instant, nearby, round)

  it('are inverse over the whole range', () => {
    fc.assert(
      fc.property(anyInstant, (unixNano) => {
        const text = formatTimestamp(unixNano)
        expect(parseTimestamp(text)).toEqual({ unixNano, canonical: text })
      }),
      { numRuns: propertyCases(1000) },
    )
  })

  it('say the same as the plain seconds and nanoseconds of a text that has them', () => {
    const plain = fc.bigInt({
      min: -62_167_219_200_000_000_000n,
      max: 253_402_300_799_999_999_999n,
    })
    fc.assert(
      fc.property(fc.oneof(plain, round), (unixNano) => {
        const text = formatTimestamp(unixNano)
        expect(isPlain(text)).toBe(true)
        expect(BigInt(plainSeconds(text)) * NANOS_PER_SECOND + BigInt(plainNanos(text))).toBe(
          unixNano,
        )
      }),
      { numRuns: propertyCases(1000) },
    )
  })

  it('agree with Date to the millisecond', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        const text = formatTimestamp(BigInt(date.getTime()) * 1_000_000n)
        const iso = date.toISOString()
        const inIsoSpelling = text
          .replace(/^([+-])(\d{5})-/, '$10$2-')
          .replace(/^-(\d{4})-/, '-00$1-')
          .replace(/:(\d\d)Z$/, ':$1.000Z')
        expect(inIsoSpelling).toBe(iso)
      }),
      { numRuns: propertyCases(300) },
    )
  })

  it('give the same instant for every offset it is told in', () => {
    fc.assert(
      fc.property(nearby, fc.integer({ min: -1439, max: 1439 }), (unixNano, offset) => {
        const local = formatTimestamp(unixNano + BigInt(offset) * 60n * NANOS_PER_SECOND)
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
        const two = (n: number) => String(n).padStart(2, '0')
        const text = local.replace('Z', `${offset < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`)
        expect(parseTimestamp(text)).toEqual({ unixNano, canonical: formatTimestamp(unixNano) })
      }),
      { numRuns: propertyCases(300) },
    )
  })

  it('order as their instants do', () => {
    fc.assert(
      fc.property(anyInstant, anyInstant, (a, b) => {
        const [one, other] = [formatTimestamp(a), formatTimestamp(b)].map(parseTimestamp)
        expect((one?.unixNano ?? 0n) < (other?.unixNano ?? 0n)).toBe(a < b)
      }),
      { numRuns: propertyCases(100) },
    )
  })
})
