import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findResumed, possiblyResumed, type RunLife } from '../../src/state/resumption.js'
import { type History, histories } from './histories.js'

const found = ({
  lives,
  journals,
}: Pick<History, 'lives'> & { journals: ReadonlyMap<string, bigint | undefined> }) =>
  findResumed(lives, new Map([...journals].filter(isAmong(possiblyResumed(lives))))).sort((a, b) =>
    a.runId < b.runId ? -1 : 1,
  )

/** Only the journals of these runs are known: nobody asks for the others. */
const isAmong = (runIds: readonly string[]) => {
  const known = new Set(runIds)
  return ([runId]: readonly [string, unknown]) => known.has(runId)
}

/** Lives that no rivet leaves: they overlap and begin and end together as they like. */
const anyLives = fc
  .array(
    fc.record(
      {
        exportName: fc.constantFrom('orders', 'orders', 'orders', 'customers'),
        source: fc.constantFrom('postgres://db:5432/shop', 'mysql://db:3306/shop'),
        status: fc.constantFrom('success', 'success', 'success', 'failed', 'running'),
        startedUnixNano: fc.bigInt(0n, 9n),
        finishedUnixNano: fc.bigInt(0n, 9n),
        journal: fc.record({ ended: fc.bigInt(0n, 9n) }, { requiredKeys: [] }),
      },
      { requiredKeys: ['exportName', 'status'] },
    ),
    { minLength: 2, maxLength: 14 },
  )
  .map((rows) => ({
    lives: rows.map(({ journal: _, ...life }, i): RunLife => ({ ...life, runId: `run ${i}` })),
    journals: new Map(
      rows.flatMap(({ journal }, i): [string, bigint | undefined][] =>
        journal === undefined ? [] : [[`run ${i}`, journal.ended]],
      ),
    ),
  }))

/** The same by the words alone: every pair is looked at. */
function foundByWords({ lives, journals }: Pick<History, 'lives'> & { journals: Journals }) {
  const started = lives
    .filter(({ startedUnixNano }) => startedUnixNano !== undefined)
    .map((life) => ({ ...life, start: life.startedUnixNano ?? 0n, end: life.finishedUnixNano }))
    .sort((a, b) =>
      a.start === b.start ? (a.runId < b.runId ? -1 : 1) : a.start < b.start ? -1 : 1,
    )
  return started
    .flatMap((by) => {
      const older = started.findLast((a) => {
        if (a.end === undefined || by.end === undefined || a.status === 'running') return false
        if (a.exportName !== by.exportName || a.status !== by.status) return false
        if (a.source !== undefined && a.source !== by.source) return false
        const ended = journals.has(a.runId) ? journals.get(a.runId) : -1n
        if (ended === undefined || ended > by.start) return false
        return a.start < by.start && by.start < a.end && a.end <= by.end
      })
      if (older === undefined) return []
      const next = started.find(
        ({ exportName, source, start }) =>
          exportName === older.exportName &&
          start > older.start &&
          (older.source === undefined || source === older.source),
      )
      return {
        runId: by.runId,
        resumedRunId: older.runId,
        hasJournal: journals.has(older.runId),
        interruptedUnixNano: next?.start,
      }
    })
    .sort((a, b) => (a.runId < b.runId ? -1 : 1))
}

type Journals = ReadonlyMap<string, bigint | undefined>

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

  it('is told of lives that overlap in any way, as the words say', () => {
    fc.assert(
      fc.property(anyLives, (all) => {
        expect(found(all)).toEqual(foundByWords(all))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each<[string, (i: number, count: number) => readonly [number, number]]>([
    ['one after the other', (i) => [10 * i, 10 * i + 5]],
    ['all at one time', () => [0, 10]],
    ['beginning together', (i) => [0, 10 + i]],
    ['ending together', (i, count) => [i, count]],
    ['each within the one before', (i, count) => [i, 2 * count - i]],
    ['each begun before the one before ended', (i, count) => [i, i + count]],
  ])('looks at each row a few times, however many there are, %s', (_, timesOf) => {
    const looks = (count: number) => {
      let looked = 0
      const lives = Array.from({ length: count }, (_, i): RunLife => {
        const [started, finished] = timesOf(i, count).map(BigInt)
        return {
          ...{ runId: `run ${i}`, exportName: 'orders', status: 'success' },
          get startedUnixNano() {
            looked++
            return started ?? 0n
          },
          get finishedUnixNano() {
            looked++
            return finished ?? 0n
          },
        }
      })
      found({ lives, journals: new Map(lives.map(({ runId }, i) => [runId, BigInt(count + i)])) })
      return looked / count
    }
    // Sorting looks at each row once more where there are twice as many.
    const more = looks(16_384) - looks(1_024)
    expect(more).toBeLessThan(4 * 6 * Math.log2(16))
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
