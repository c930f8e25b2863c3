import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ALL_RUNS,
  fragmentOf,
  type Route,
  readRoute,
  SORT_COLUMNS,
} from '../../../src/page/app/route.js'

const text = fc.string({ unit: 'grapheme' })
const name = fc.string({ unit: 'grapheme', minLength: 1 })
const place = fc.record({ runId: name, namespace: text })
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record({
    kind: fc.constant('runs' as const),
    exportName: text,
    status: text,
    search: text,
    sort: fc.constantFrom(...SORT_COLUMNS),
    isDescending: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('run' as const), runId: name, namespace: text }),
  fc.record({ kind: fc.constant('diff' as const), a: place, b: place }),
)

describe('the fragment of the address', () => {
  it('says everything that is shown', () => {
    fc.assert(
      fc.property(route, (shown) => {
        expect(readRoute(fragmentOf(shown))).toEqual(shown)
      }),
    )
  })

  it('is short where nothing is out of the ordinary', () => {
    expect(fragmentOf({ kind: 'runs', ...ALL_RUNS })).toBe('#/runs')
    expect(fragmentOf({ kind: 'run', runId: 'orders_1', namespace: '' })).toBe(
      '#/run?run_id=orders_1',
    )
  })

  it.each([
    [''],
    ['#'],
    ['#/'],
    ['#/nothing'],
    ['#/run'],
    ['#/diff?a=orders_1'],
    ['#/runs?sort=x'],
  ])('%j leads to all runs', (hash) =>
    expect(readRoute(hash)).toEqual({ kind: 'runs', ...ALL_RUNS }),
  )
})
