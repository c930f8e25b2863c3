import { describe, expect, it } from 'vitest'
import { RecentRows } from '../../src/sources/sqlite-recent-rows.js'

const NOW = Date.parse('2026-11-21T09:00:00Z')

/** So many rows, each so many milliseconds after the one before. */
function filled(count: number, stepMs: number, startMs = NOW - count * stepMs): RecentRows {
  const recent = new RecentRows()
  for (let i = 1; i <= count; i++) {
    recent.add({ row: BigInt(i), stamp: new Date(startMs + i * stepMs).toISOString() })
    if (recent.isFull) recent.advance(NOW)
  }
  recent.advance(NOW)
  return recent
}

describe('the rows that were handed out lately', () => {
  it('are all of them, up to a thousand', () => {
    const recent = filled(1000, 60_000)
    expect(recent.from).toBe('')
    expect(recent.lastFirst().length).toBe(1000)
  })

  it('are those of the last minute where they are more, and the last hundred', () => {
    const recent = filled(5000, 20)
    expect(recent.from).toBe('2026-11-21T08:59:00')
    expect(recent.lastFirst().length).toBe(3001)
    expect(filled(5000, 60_000).lastFirst().length).toBe(100)
  })

  it('stay those of the last minute where one says that it ended in the future', () => {
    const recent = filled(5000, 20)
    recent.add({ row: 5001n, stamp: '9999-01-01T00:00:00Z' })
    recent.advance(NOW)
    expect(recent.from).toBe('2026-11-21T08:59:00')
    expect(recent.knows({ row: 5001n, stamp: '9999-01-01T00:00:00Z' })).toBe(true)
    expect(recent.knows({ row: 5001n, stamp: '9999-01-01T00:00:01Z' })).toBe(false)
  })

  it('are never more than 20,000, however many end at one time or in the future', () => {
    for (const step of [0, 1, 1000]) {
      const recent = filled(50_000, step, NOW)
      expect(recent.isFull).toBe(false)
      expect(recent.lastFirst().length).toBeLessThanOrEqual(10_100)
      expect(recent.lastFirst().slice(0, 2)).toEqual([50_000n, 49_999n])
    }
  })
})
