import { describe, expect, it } from 'vitest'
import { attemptBar } from '../../src/page/waterfall/attempt-bar.js'
import { attemptsShown, filterCounts } from '../../src/page/waterfall/attempt-order.js'
import { attemptStates } from '../../src/page/waterfall/attempt-words.js'
import { OVERVIEW, overviewPath } from '../../src/page/waterfall/overview-path.js'
import { printedAttempts } from '../../src/page/waterfall/printed-attempts.js'
import { anAttempt } from './a-view.js'

const many = Array.from({ length: 10_000 }, (_, chunk) =>
  anAttempt({
    chunk,
    start_ms: chunk * 10,
    duration_ms: chunk === 6123 ? 4000 : 5,
    failed: chunk % 2500 === 1234,
    longest: chunk === 6123,
  }),
)

describe('the attempts that are shown', () => {
  const attempts = [
    anAttempt({ chunk: 10, start_ms: 0, duration_ms: 5 }),
    anAttempt({ chunk: 9, start_ms: 1, duration_ms: null, timing: 'end_only', failed: true }),
    anAttempt({ chunk: 9, start_ms: 2, duration_ms: 30, again: true, files: ['Part-A.csv'] }),
    anAttempt({ chunk: '9223372036854775807', start_ms: 3, duration_ms: 20 }),
  ]
  const all = { order: 'time', filter: 'all', find: '' } as const

  it('are sorted by time, by duration with the slowest first, or by chunk', () => {
    expect(attemptsShown(attempts, all)).toEqual([0, 1, 2, 3])
    expect(attemptsShown(attempts, { ...all, order: 'duration' })).toEqual([2, 3, 0, 1])
    expect(attemptsShown(attempts, { ...all, order: 'chunk' })).toEqual([1, 2, 0, 3])
  })

  it('are those of a filter, each of which says how many it leaves', () => {
    expect(attemptsShown(attempts, { ...all, filter: 'failed' })).toEqual([1])
    expect(attemptsShown(attempts, { ...all, filter: 'retried' })).toEqual([1, 2])
    expect(attemptsShown(attempts, { ...all, filter: 'slowest' })).toEqual([0, 2, 3])
    expect(filterCounts(attempts)).toEqual({ all: 4, failed: 1, retried: 2, slowest: 3 })
    expect(filterCounts(many).slowest).toBe(20)
  })

  it('are found by chunk, key, file and error, whatever the case', () => {
    expect(attemptsShown(attempts, { ...all, find: 'part-a' })).toEqual([2])
    expect(attemptsShown(attempts, { ...all, find: '36854' })).toEqual([3])
    expect(attemptsShown(attempts, { ...all, find: 'nothing like it' })).toEqual([])
  })

  it('are told in the words of the terminal', () => {
    expect(attemptStates(anAttempt({ failed: true, attempt: 2 }))).toEqual([
      '✗ failed',
      'attempt 2',
    ])
    expect(attemptStates(anAttempt())).toEqual([])
  })
})

describe('where an attempt is drawn', () => {
  const window = { start: 100, end: 200 }

  it('is the part of it that is in the window', () => {
    const attempt = anAttempt({ start_ms: 50, duration_ms: 75 })
    expect(attemptBar(attempt, window)).toEqual({ kind: 'stretch', from: 0, length: 0.25 })
  })

  it('is a mark where it has no duration, and a side where it is outside', () => {
    const mark = anAttempt({ start_ms: 150, duration_ms: null, timing: 'end_only' })
    expect(attemptBar(mark, window)).toEqual({ kind: 'mark', at: 0.5 })
    expect(attemptBar(anAttempt({ start_ms: 0 }), window)).toEqual({ kind: 'before' })
    expect(attemptBar(anAttempt({ start_ms: 300 }), window)).toEqual({ kind: 'after' })
  })
})

describe('the attempts that stand for all', () => {
  it('on paper are at most 60, in their order, with the failed and the slowest', () => {
    const printed = printedAttempts(many)
    expect(printed).toHaveLength(60)
    expect(printed.filter(({ failed }) => failed)).toHaveLength(4)
    expect(printed.some(({ longest }) => longest)).toBe(true)
    expect([...printed].sort((a, b) => a.start_ms - b.start_ms)).toEqual(printed)
  })

  it('leave room for the slowest where everything failed', () => {
    const failed = many.map((one) => ({ ...one, failed: one.chunk !== 6123 }))
    expect(printedAttempts(failed).some(({ longest }) => longest)).toBe(true)
  })

  it('in the overview are a path that does not grow with their number', () => {
    const path = overviewPath(many, 100_000)
    expect(path.length).toBeLessThan(30_000)
    expect(path.match(/M/g)?.length).toBeGreaterThanOrEqual(OVERVIEW.rows)
    expect(overviewPath(many, 100_000, ({ failed }) => failed).match(/M/g)).toHaveLength(4)
    expect(overviewPath([], 0)).toBe('')
  })
})
