import { describe, expect, it } from 'vitest'
import { keyOutcome } from '../../src/page/waterfall/grid-keys.js'

describe('a key in the waterfall', () => {
  const whole = { start: 0, end: 100 }
  const place = { active: 5, count: 8, page: 4, window: whole, duration: 100 }

  it.each([
    ['ArrowDown', 6],
    ['ArrowUp', 4],
    ['PageDown', 7],
    ['PageUp', 1],
    ['Home', 0],
    ['End', 7],
  ])('%s goes from row 5 to row %s', (key, position) => {
    expect(keyOutcome(key, place)).toEqual({ kind: 'row', position })
  })

  it('starts at the first row', () => {
    expect(keyOutcome('ArrowDown', { ...place, active: -1 })).toEqual({ kind: 'row', position: 0 })
  })

  it('zooms, moves what is zoomed, and goes back to the whole', () => {
    const window = { start: 25, end: 75 }
    expect(keyOutcome('+', place)).toEqual({ kind: 'window', window })
    expect(keyOutcome('ArrowLeft', { ...place, window })).toEqual({
      kind: 'window',
      window: { start: 12.5, end: 62.5 },
    })
    expect(keyOutcome('0', { ...place, window })).toEqual({ kind: 'window', window: whole })
  })

  it('leaves the keys that are not its own to the browser', () => {
    expect(keyOutcome('Tab', place)).toBeUndefined()
    expect(keyOutcome('ArrowLeft', place)).toBeUndefined()
  })
})
