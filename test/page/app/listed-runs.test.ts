import { describe, expect, it } from 'vitest'
import { exportsOf, listedRuns, statusesOf } from '../../../src/page/app/listed-runs.js'
import { ALL_RUNS, type Listing } from '../../../src/page/app/route.js'
import type { RunSummary } from '../../../src/view/run-view.js'
import { runViewOf } from '../../../src/view/run-view-of.js'
import { shopJournals } from '../../journal/example-journals.js'

const SHOP = shopJournals().map(
  (journal) => runViewOf({ item: { kind: 'journal', journal } }).summary,
)
const listed = (listing: Partial<Listing>, runs: readonly RunSummary[] = SHOP) =>
  listedRuns(runs, { ...ALL_RUNS, ...listing })
const one = (run: Partial<RunSummary>): RunSummary => ({ ...(SHOP[0] as RunSummary), ...run })

describe('the list of runs', () => {
  it('has all of them, the newest first', () => {
    const times = listed({}).map(({ started_at }) => Date.parse(started_at ?? ''))
    expect(times).toHaveLength(SHOP.length)
    expect(times).toEqual(times.toSorted((a, b) => b - a))
  })

  it('orders times exactly, whatever number of digits they are written with', () => {
    const runs = [
      '2026-11-21T08:00:00Z',
      '2026-11-21T08:00:00.5Z',
      '2026-11-21T08:00:00.100000001Z',
    ]
    const times = listed(
      { isDescending: false },
      runs.map((at) => one({ started_at: at })),
    )
    expect(times.map(({ started_at }) => started_at)).toEqual([runs[0], runs[2], runs[1]])
  })

  it.each([[true], [false]])(
    'has what is not known at the end (descending: %s)',
    (isDescending) => {
      const runs = [one({ rows: 5 }), one({ rows: null }), one({ rows: '9223372036854775807' })]
      expect(listed({ sort: 'rows', isDescending }, runs).at(-1)?.rows).toBeNull()
    },
  )

  it('can be of one export, of one status, and of all words of a search, in any case', () => {
    expect(listed({ exportName: 'orders' }).map(({ export_name }) => export_name)).toEqual([
      'orders',
    ])
    const failed = listed({ status: 'failed' })
    expect(failed.length).toBeGreaterThan(0)
    expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(['failed']))
    expect(listed({ search: 'BOOM fail' }).map(({ export_name }) => export_name)).toEqual([
      'chunk_boom',
    ])
    expect(listed({ search: 'boom success' })).toEqual([])
  })

  it('counts the exports and statuses there are', () => {
    const count = (choices: readonly { readonly count: number }[]) =>
      choices.reduce((sum, choice) => sum + choice.count, 0)
    expect(count(exportsOf(SHOP))).toBe(SHOP.length)
    expect(statusesOf([one({ status: null })])).toEqual([{ name: 'unknown', count: 1 }])
  })
})
