import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  counted,
  formatBytes,
  formatCount,
  formatDuration,
  formatTime,
} from '../../src/view/quantities.js'

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [837, '837 ms'],
    [999, '999 ms'],
    [1000, '1.00 s'],
    [2918, '2.92 s'],
    [9994, '9.99 s'],
    [9995, '10.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1 m 00 s'],
    [59_999, '1 m 00 s'],
    [74_000, '1 m 14 s'],
    [3_599_499, '59 m 59 s'],
    [3_599_500, '1 h 00 m'],
    [7_500_000, '2 h 05 m'],
    [360_000_000_000, '100,000 h 00 m'],
    [9_223_372_036_854_775_807n, '2,562,047,788,015 h 13 m'],
    [-837, '-837 ms'],
    [-9_223_372_036_854_775_808n, '-2,562,047,788,015 h 13 m'],
  ])('shows %s ms as %s', (ms, shown) => {
    expect(formatDuration(ms)).toBe(shown)
  })

  it('never shows a part that belongs into the next unit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10_000_000n }), (ms) => {
        expect(formatDuration(ms)).toMatch(
          /^(\d{1,3} ms|\d\.\d\d s|[1-5]\d\.\d s|[1-5]?\d m [0-5]\d s|\d h [0-5]\d m)$/,
        )
      }),
    )
  })

  it('never shows a longer duration as a shorter one', () => {
    const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
    const shown = (ms: bigint) =>
      [...formatDuration(ms).matchAll(/([\d.]+) (ms|s|m|h)/g)].reduce(
        (sum, [, digits, name]) => sum + Number(digits) * unit[name as keyof typeof unit],
        0,
      )
    fc.assert(
      fc.property(fc.bigInt(0n, 10_000_000n), fc.bigInt(0n, 100_000n), (ms, more) => {
        expect(shown(ms + more)).toBeGreaterThanOrEqual(shown(ms))
      }),
    )
  })
})

describe('formatCount', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [400_000, '400,000'],
    [-1234, '-1,234'],
    [-123, '-123'],
    [9_223_372_036_854_775_807n, '9,223,372,036,854,775,807'],
  ])('shows %s as %s', (count, shown) => {
    expect(formatCount(count)).toBe(shown)
  })
})

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [474_159, '474 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [9_995_000, '10.0 MB'],
    [20_888_213, '20.9 MB'],
    [99_950_000, '100 MB'],
    [18_446_744_073_709_551_615n, '18.4 EB'],
    [12_345_000_000_000_000_000_000n, '12,345 EB'],
  ])('shows %s bytes as %s', (bytes, shown) => {
    expect(formatBytes(bytes)).toBe(shown)
  })

  it('shows three digits that count, whatever the size', () => {
    fc.assert(
      fc.property(fc.bigInt(1000n, 2n ** 64n), (bytes) => {
        expect(formatBytes(bytes)).toMatch(/^(\d\.\d\d|\d\d\.\d|\d{3}) [kMGTPE]?B$/)
      }),
    )
  })
})

describe('formatTime', () => {
  it.each([
    [1_795_251_222_129_440_541n, '2026-11-21 08:53:42Z'],
    [1_795_251_222_999_999_999n, '2026-11-21 08:53:42Z'],
    [-1n, '1969-12-31 23:59:59Z'],
    [253_402_300_799_999_999_999n, '9999-12-31 23:59:59Z'],
    [253_402_300_800_000_000_000n, '–'],
    [-(2n ** 80n), '–'],
  ])('shows %s ns as %s', (unixNano, shown) => {
    expect(formatTime(unixNano)).toBe(shown)
  })
})

describe('counted', () => {
  it.each([
    [1, '1 warning'],
    [0, '0 warnings'],
    [1200, '1,200 warnings'],
  ])('counts %i', (count, shown) => {
    expect(counted(count, 'warning')).toBe(shown)
  })
})
