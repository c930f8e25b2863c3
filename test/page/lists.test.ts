import { describe, expect, it } from 'vitest'
import { filesShown } from '../../src/page/file-order.js'
import { trendPoints } from '../../src/page/trend/trend-points.js'
import { eventGroups } from '../../src/page/waterfall/event-groups.js'
import { anEvent, aSummary } from './a-view.js'

describe('the files of a run', () => {
  const files = [
    { name: 'b', rows: '9223372036854775807', bytes: null },
    { name: 'a', rows: 5, bytes: 10 },
    { name: 'c\u202e', rows: null, bytes: 20 },
  ]
  const names = (by: 'written' | 'name' | 'rows' | 'bytes', descending: boolean, find?: string) =>
    filesShown(files, { by, descending }, find).map(({ name }) => name.charAt(0))

  it('are sorted either way, with what is not known last', () => {
    expect(names('written', false)).toEqual(['b', 'a', 'c'])
    expect(names('name', false)).toEqual(['a', 'b', 'c'])
    expect(names('rows', true)).toEqual(['b', 'a', 'c'])
    expect(names('rows', false)).toEqual(['a', 'b', 'c'])
    expect(names('bytes', true)).toEqual(['c', 'a', 'b'])
  })

  it('are found by their names as these are shown', () => {
    expect(names('written', false, 'u+202e')).toEqual(['c'])
  })
})

describe('events on the time line', () => {
  it('that lie close share a mark, which has the worst of their levels', () => {
    const events = [
      anEvent({ entry: 0, at_ms: 50 }),
      anEvent({ entry: 1, at_ms: 50.5, level: 'bad' }),
      anEvent({ entry: 2, at_ms: 80 }),
      anEvent({ entry: 3, at_ms: 300 }),
    ]
    const groups = eventGroups(events, { start: 0, end: 100 }, 0.02)
    expect(groups.map(({ level, events: { length } }) => [level, length])).toEqual([
      ['bad', 2],
      ['info', 1],
    ])
  })

  it('have marks that stay whole at both ends', () => {
    const ends = [anEvent({ at_ms: 0 }), anEvent({ at_ms: 100 })]
    const places = eventGroups(ends, { start: 0, end: 100 }, 0.2).map(({ at }) => at)
    expect(places).toEqual([0.1, 0.9])
  })
})

describe('the trend of an export', () => {
  it('has the highest run at 1, an unknown one at nothing, and this run last', () => {
    const before = [aSummary({ duration_ms: 400 }), aSummary({ duration_ms: null })]
    const points = trendPoints(before, aSummary({ duration_ms: 200 }), (run) => run.duration_ms)
    expect(points.map(({ height, current }) => [height, current])).toEqual([
      [1, false],
      [null, false],
      [0.5, true],
    ])
  })
})
