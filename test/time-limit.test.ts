import { describe, expect, it } from 'vitest'
import { within } from '../src/time-limit.js'

describe('within', () => {
  it('gives what the work comes to', () => {
    expect(within(1000, () => 7)).toBe(7)
  })

  it('stops work that takes too long, and is of use afterwards', () => {
    expect(within(20, () => /(a+)+$/.test(`${'a'.repeat(60)}!`))).toBeUndefined()
    expect(within(1000, () => 'next')).toBe('next')
  })

  it('hands on what the work throws', () => {
    expect(() =>
      within(1000, () => {
        throw new RangeError('no')
      }),
    ).toThrow(RangeError)
  })
})
