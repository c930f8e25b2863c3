import { describe, expect, it } from 'vitest'
import { lookedAt } from '../../../src/bridge/correlation/time-window.js'
import { RivetOtelError } from '../../../src/problem.js'
import {
  at,
  completed,
  failed,
  journalOf,
  MS,
  shopJournals,
  started,
  T0,
} from '../../journal/example-journals.js'

describe('the time that is looked at', () => {
  it('is that of the longest chunk that did not fail, for real runs', () => {
    let measured = 0
    for (const journal of shopJournals()) {
      const longest = journal.longestChunkMs()
      if (longest === undefined) {
        expect(() => lookedAt(journal, 'longest')).toThrow(RivetOtelError)
        continue
      }
      measured++
      const { startUnixNano, endUnixNano, chunk } = lookedAt(journal, 'longest')
      expect(Number((endUnixNano - startUnixNano) / MS)).toBe(longest)
      const run = lookedAt(journal)
      expect(run.startUnixNano).toBeLessThanOrEqual(startUnixNano)
      expect(run.endUnixNano).toBeGreaterThanOrEqual(endUnixNano)
      expect(lookedAt(journal, { index: String(chunk?.index) })).toEqual(
        lookedAt(journal, 'longest'),
      )
    }
    expect(measured).toBeGreaterThan(2)
  })

  const journal = journalOf([
    at(0n, started(0)),
    at(5n * MS, completed(0)),
    at(5n * MS, started(1)),
    at(90n * MS, failed(1)),
    at(90n * MS, started(1)),
    at(93n * MS, completed(1)),
    at(93n * MS, started(2)),
    at(99n * MS, failed(2)),
    at(99n * MS, started(3)),
    at(100n * MS, completed(4)),
  ])

  it.each([
    ['longest', 0, 0n, 5n, false],
    ['1', 1, 90n, 93n, false],
    ['2', 2, 93n, 99n, true],
  ] as const)('of chunk %s is that of its attempt', (choice, index, from, to, isFailed) => {
    const which = choice === 'longest' ? choice : { index: choice }
    expect(lookedAt(journal, which)).toEqual({
      chunk: { index, isFailed },
      startUnixNano: T0 + from * MS,
      endUnixNano: T0 + to * MS,
    })
  })

  it.each(['3', '4', '7'])('is refused for chunk %s, which was not measured', (index) => {
    expect(() => lookedAt(journal, { index })).toThrow(
      `--chunk ${index}: the run has no such chunk`,
    )
  })

  it('is refused for a run that has no chunk of the kind, or no entries', () => {
    expect(() => lookedAt(journalOf([at(0n, completed(4))]), 'longest')).toThrow(/parallel run/)
    expect(() => lookedAt(journalOf([at(0n, started(1)), at(1n, failed(1))]), 'longest')).toThrow(
      /that did not fail/,
    )
    expect(() => lookedAt(journalOf([]))).toThrow(/no entries/)
  })

  it('is never empty', () => {
    const { startUnixNano, endUnixNano } = lookedAt(journalOf([at(0n, completed(4))]))
    expect(endUnixNano - startUnixNano).toBe(1n)
  })
})
