import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseJournal } from '../../src/journal/codec.js'
import { runKey } from '../../src/page/app/listed-runs.js'
import { afterTold, type Telling } from '../../src/page/app/told-runs.js'
import { ORIGINS, type Origin, RunIndex } from '../../src/serve/run-index.js'
import { type ListedRun, listedRun } from '../../src/serve/run-summary.js'
import type { IndexNews } from '../../src/serve/told.js'
import type { RunSummary } from '../../src/view/run-view.js'
import { smallRun } from '../e2e/small-runs.js'

const base = listedRun({ kind: 'journal', journal: parseJournal(smallRun('a')), where: '' })

const aRun = fc
  .record({
    run_id: fc.constantFrom('a', 'b', 'c', 'd'),
    namespace: fc.constantFrom(null, 'eu', 'us'),
    rows: fc.integer({ min: 0, max: 2 }),
    ended: fc.integer({ min: 0, max: 9 }),
  })
  .map(
    ({ ended, ...more }): ListedRun => ({
      ...base,
      summary: { ...base.summary, ...more },
      endedUnixNano: BigInt(ended),
    }),
  )
const someRuns = fc.array(aRun, { maxLength: 4 })
const anOrigin = fc.constantFrom<Origin>(...ORIGINS)
const change = (does: (index: RunIndex) => void) => does

const aChange = fc.oneof(
  fc.tuple(anOrigin, someRuns).map(([to, runs]) => change((index) => index.put(to, runs))),
  fc.tuple(anOrigin, someRuns).map(([to, runs]) => change((index) => index.replace(to, runs))),
  fc.tuple(anOrigin, someRuns).map(([to, runs]) =>
    change((index) =>
      index.remove(
        to,
        runs.map(({ summary }) => summary),
      ),
    ),
  ),
  fc
    .tuple(anOrigin, fc.constantFrom('journals', 'traces'))
    .map(([of, what]) => change((index) => index.holds(of, what))),
  fc
    .tuple(anOrigin, fc.constantFrom(undefined, 'it is away'))
    .map(([of, problem]) => change((index) => index.standing(of, problem))),
  anOrigin.map((of) => change((index) => index.unreadable(of, 'line 3', 'no JSON'))),
  anOrigin.map((of) => change((index) => index.readable(of, 'line 3'))),
  fc.constant(change((index) => index.tell())),
)

it('tells all that a list that was asked for needs to become what a later one says', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(aChange, { maxLength: 20 }),
      fc.array(aChange, { maxLength: 20 }),
      (most, before, after) => {
        const index = new RunIndex(most)
        for (const does of before) does(index)
        const asked = { runs: index.runs(), problems: index.problems() }
        const told: Telling[] = []
        index.onNews((news) => told.push(asTold(news)))
        for (const does of after) does(index)
        index.tell()
        const shown = afterTold(asked, told)
        expect(byKey(shown.runs)).toEqual(byKey(index.runs()))
        expect(shown.problems).toEqual(index.problems())
      },
    ),
    { numRuns: 2000 },
  )
})

/** As it goes through the stream. */
function asTold(news: IndexNews): Telling {
  if (news.kind === 'problems') return { event: 'problems', data: { problems: news.problems } }
  return news.kind === 'run' ? { event: 'run', data: news.run } : { event: 'gone', data: news.run }
}

function byKey(runs: readonly RunSummary[]): Map<string, RunSummary> {
  return new Map([...runs].map((run): [string, RunSummary] => [runKey(run), run]).sort())
}
