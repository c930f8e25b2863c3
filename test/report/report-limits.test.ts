import { expect, it } from 'vitest'
import { withinReport } from '../../src/report/report-limits.js'
import { largeView, shopView } from './views.js'

it('a run of 100,000 chunks goes into a report whole', () => {
  const view = largeView(100_000)
  expect(withinReport(view)).toBe(view)
})

it('a larger run keeps what failed and what took longest, and says what is left out', () => {
  const view = largeView(3000)
  const shown = withinReport(view, 100)
  expect(shown.attempts).toHaveLength(100)
  expect(shown.attempts.filter(({ failed }) => failed)).toEqual(
    view.attempts.filter(({ failed }) => failed),
  )
  expect(shown.attempts.some(({ longest }) => longest)).toBe(true)
  const left = view.attempts.filter((attempt) => !shown.attempts.includes(attempt))
  const shortest = Math.min(
    ...shown.attempts.flatMap(({ failed, longest, duration_ms }) =>
      failed || longest ? [] : [duration_ms ?? 0],
    ),
  )
  expect(Math.max(...left.map(({ duration_ms }) => duration_ms ?? 0))).toBeLessThanOrEqual(shortest)
  expect(shown.attempts.map(({ chunk }) => Number(chunk))).toEqual(
    shown.attempts.map(({ chunk }) => Number(chunk)).sort((a, b) => a - b),
  )
  expect(shown.incomplete).toEqual([
    'this report has 100 of the 3,000 attempts at chunks: those that failed and the slowest',
    'this report has 100 of the 3,000 files: the first',
  ])
})

it('what is wrong with the run stays said before what the report leaves out', () => {
  const view = { ...shopView('orders'), incomplete: ['entry 3 is missing'] }
  expect(withinReport(view, 2).incomplete?.[0]).toBe('entry 3 is missing')
})
