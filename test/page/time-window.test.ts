import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeTicks } from '../../src/page/waterfall/time-ticks.js'
import {
  isWhole,
  moved,
  type TimeWindow,
  wholeWindow,
  windowBetween,
  zoomed,
} from '../../src/page/waterfall/time-window.js'

describe('the part of the time that is looked at', () => {
  it('zooms around a moment that stays where it is', () => {
    expect(zoomed({ start: 0, end: 100 }, 2, 50, 100)).toEqual({ start: 25, end: 75 })
    expect(zoomed({ start: 0, end: 100 }, 2, 0, 100)).toEqual({ start: 0, end: 50 })
  })

  it('is the whole again after zooming out far enough', () => {
    expect(isWhole(zoomed({ start: 25, end: 75 }, 1 / 8, 70, 100), 100)).toBe(true)
  })

  it('is never empty and never beyond the run, whatever is done', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true })
    const step = fc.oneof(
      fc.record({ zoom: fc.double({ min: 0.01, max: 100, noNaN: true }), at: part }),
      fc.record({ by: fc.double({ min: -2, max: 2, noNaN: true }) }),
      fc.record({ from: part, to: part }),
    )
    // A run has no time at all, or at least a nanosecond.
    const runLength = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e9, noNaN: true }))
    fc.assert(
      fc.property(runLength, fc.array(step), (duration, steps) => {
        const whole = wholeWindow(duration)
        let window: TimeWindow = whole
        for (const one of steps) {
          if ('zoom' in one) {
            const around = window.start + one.at * (window.end - window.start)
            window = zoomed(window, one.zoom, around, duration)
          } else if ('by' in one) window = moved(window, one.by, duration)
          else window = windowBetween(one.from * duration, one.to * duration, duration)
          expect(window.start).toBeGreaterThanOrEqual(0)
          expect(window.end).toBeLessThanOrEqual(whole.end)
          expect(window.end).toBeGreaterThan(window.start)
        }
      }),
    )
  })

  it('has ticks at round times', () => {
    const labels = (start: number, end: number) =>
      timeTicks({ start, end }, 4).map(({ label }) => label)
    expect(labels(0, 205)).toEqual(['0', '50 ms', '100 ms', '150 ms', '200 ms'])
    expect(labels(0, 300_000)).toEqual(['0', '1:00', '2:00', '3:00', '4:00', '5:00'])
    expect(new Set(labels(1000.1, 1000.2)).size).toBe(labels(1000.1, 1000.2).length)
  })
})
