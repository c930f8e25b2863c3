import { describe, expect, it } from 'vitest'
import { Stillness } from '../../src/sources/stillness.js'

describe('files lie still', () => {
  it('when they were read after a second look that was the same, a tick later', () => {
    const files = new Stillness()
    const first = files.see('a', 0)
    files.settle(first)
    expect(files.isSettled(files.see('a', 40))).toBe(false)
    const second = files.see('a', 60)
    expect(files.isSettled(second)).toBe(false)
    files.settle(second)
    expect(files.isSettled(files.see('a', 61))).toBe(true)
  })

  it('not when they have changed, nor at once when they are as they were again', () => {
    const files = new Stillness()
    files.see('a', 0)
    const before = files.see('a', 100)
    expect(files.isSettled(files.see('b', 200))).toBe(false)
    files.settle(before)
    const later = files.see('b', 210)
    expect(files.isSettled(later)).toBe(false)
    files.settle(later)
    expect(files.isSettled(files.see('b', 220))).toBe(false)
  })
})
