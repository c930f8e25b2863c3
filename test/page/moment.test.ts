import { describe, expect, it } from 'vitest'
import { clockText, offsetText, timeText } from '../../src/page/parts/moment.js'

describe('a moment of a run', () => {
  it.each([
    [0, 50, '0'],
    [150, 50, '150 ms'],
    [0.25, 0.05, '0.25 ms'],
    [1234.5, 100, '1.2 s'],
    [30_000, 10_000, '30 s'],
    [90_000, 30_000, '1:30'],
    [188_500, 500, '3:08.5'],
    [3_725_000, 60_000, '1:02:05'],
  ])('%s ms, in steps of %s ms, is %s', (ms, step, text) => {
    expect(offsetText(ms, step)).toBe(text)
  })

  it('by the clock is of UTC, to the millisecond', () => {
    expect(clockText('2026-11-21T08:53:39.134436857Z', 1000)).toBe('2026-11-21 08:53:40.134Z')
    expect(clockText('never', 1000)).toBe('–')
    expect(timeText(null)).toBe('–')
  })
})
