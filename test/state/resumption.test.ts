import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { possibleResumptions, type RunLife, settleResumptions } from '../../src/state/resumption.js'
import { type History, histories } from './histories.js'

const found = ({
  lives,
  journals,
}: Pick<History, 'lives'> & { journals: ReadonlyMap<string, bigint | undefined> }) =>
  settleResumptions(possibleResumptions(lives), journals).sort((a, b) =>
    a.runId < b.runId ? -1 : 1,
  )

describe('which run went on with which', () => {
  it('is told of any history of runs that were killed, failed and were resumed', () => {
    fc.assert(
      fc.property(histories, (history) => {
        expect(found(history)).toEqual(history.resumptions)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is told in any order of the rows', () => {
    const shuffled = histories.chain((history) =>
      fc.record({
        history: fc.constant(history),
        lives: fc.shuffledSubarray([...history.lives], { minLength: history.lives.length }),
      }),
    )
    fc.assert(
      fc.property(shuffled, ({ history, lives }) => {
        expect(found({ ...history, lives })).toEqual(history.resumptions)
      }),
    )
  })

  it('is no question of how many runs there are', () => {
    const lives = Array.from({ length: 50_000 }, (_, i): RunLife => {
      const times = { startedUnixNano: BigInt(i) * 10n, finishedUnixNano: BigInt(i) * 10n + 5n }
      return { runId: `run ${i}`, exportName: 'orders', status: 'success', ...times }
    })
    expect(possibleResumptions(lives)).toEqual([])
  })

  it('is the newest one where several fit', () => {
    const row = (runId: string, startedUnixNano: bigint, finishedUnixNano: bigint): RunLife => ({
      ...{ runId, exportName: 'orders', status: 'success', startedUnixNano, finishedUnixNano },
    })
    const lives = [row('a', 0n, 20n), row('b', 5n, 19n), row('c', 10n, 21n)]
    expect(found({ lives, journals: new Map() })).toEqual([
      { runId: 'c', resumedRunId: 'b', hasJournal: false, interruptedUnixNano: 10n },
    ])
    expect(found({ lives, journals: new Map([['b', 15n]]) })).toMatchObject([{ resumedRunId: 'a' }])
  })

  it('is not told by rows without times', () => {
    const row = { exportName: 'orders', status: 'success' }
    const b = { ...row, runId: 'b', startedUnixNano: 10n, finishedUnixNano: 21n }
    const lives = [{ ...row, runId: 'a', finishedUnixNano: 20n }, { ...row, runId: 'c' }, b]
    expect(found({ lives, journals: new Map() })).toEqual([])
    const a = { ...row, runId: 'a', startedUnixNano: 0n, finishedUnixNano: 20n }
    expect(
      found({ lives: [a, b], journals: new Map<string, bigint | undefined>([['a', undefined]]) }),
    ).toEqual([])
    expect(found({ lives: [a, b], journals: new Map() })).toHaveLength(1)
  })
})
