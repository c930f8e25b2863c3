import { describe, expect, it } from 'vitest'
import { parseJournal } from '../../src/journal/codec.js'
import { RunIndex } from '../../src/serve/run-index.js'
import { type ListedRun, listedRun } from '../../src/serve/run-summary.js'
import type { IndexNews } from '../../src/serve/told.js'
import { smallRun } from '../e2e/small-runs.js'

/** A run that ended so many ns after 1970. */
function run(runId: string, ended: number, more: Partial<ListedRun['summary']> = {}): ListedRun {
  const one = listedRun({ kind: 'journal', journal: parseJournal(smallRun(runId)), where: '' })
  return { ...one, summary: { ...one.summary, ...more }, endedUnixNano: BigInt(ended) }
}

const running = (runId: string): ListedRun => ({
  ...run(runId, 0, { journal: false, status: 'running' }),
  endedUnixNano: undefined,
  isRunning: true,
})

const idsOf = (index: RunIndex) => index.runs().map(({ run_id }) => run_id)

const wordsOf = (news: IndexNews) =>
  news.kind === 'problems'
    ? `problems ${news.problems.join(', ')}`
    : news.kind === 'gone'
      ? `gone ${news.run.run_id}`
      : `run ${news.run.run_id} ${news.run.rows}`

function listening(index: RunIndex): IndexNews[] {
  const news: IndexNews[] = []
  index.onNews((one) => news.push(one))
  return news
}

describe('the index of runs', () => {
  it('lists the newest last, and what is running after all others', () => {
    const index = new RunIndex(10)
    index.put('from', [running('r'), run('c', 3), run('a', 1)])
    index.put('received', [run('b', 2)])
    expect(idsOf(index)).toEqual(['a', 'b', 'c', 'r'])
  })

  it('lists a run once that was read and received, as it was read, and tells so', () => {
    const index = new RunIndex(10)
    index.holds('from', 'journals')
    const news = listening(index)
    index.put('received', [run('a', 1, { rows: 1 }), run('b', 2, { namespace: 'eu' })])
    index.put('from', [run('a', 1, { rows: 2 }), run('b', 2)])
    expect(index.runs().map(({ run_id, rows }) => [run_id, rows])).toEqual([
      ['a', 2],
      ['b', 50_000],
    ])
    expect(news.map(wordsOf)).toEqual(['run a 2', 'run b 50000'])
    index.put('received', [run('a', 1, { rows: 3 }), run('c', 3, { namespace: 'eu', rows: 3 })])
    index.tell()
    index.put('from', [run('c', 3, { rows: 4 })])
    index.tell()
    expect(news.slice(2).map(wordsOf)).toEqual(['run c 3', 'gone c', 'run c 4'])
    expect(index.originOf('a', '')).toBe('from')
    expect(index.originOf('b', 'eu')).toBe('received')
    expect(index.originOf('d', '')).toBeUndefined()
  })

  it('keeps runs of one name and several namespaces apart', () => {
    const index = new RunIndex(10)
    index.put('from', [run('a', 1, { namespace: 'eu' }), run('a', 1, { namespace: 'us' })])
    index.put('received', [run('a', 1, { namespace: 'eu' }), run('a', 1, { namespace: 'asia' })])
    expect(
      index
        .runs()
        .map(({ namespace }) => namespace)
        .sort(),
    ).toEqual(['asia', 'eu', 'us'])
  })

  it('hides no run of another namespace behind one of a place that holds traces', () => {
    const index = new RunIndex(10)
    index.holds('from', 'traces')
    index.put('from', [run('a', 1)])
    index.put('received', [run('a', 1, { namespace: 'eu' })])
    expect(index.runs().map(({ namespace }) => namespace)).toEqual([null, 'eu'])
  })

  it('tells what is new or changed, and nothing else', () => {
    const index = new RunIndex(10)
    const news = listening(index)
    const told = (change: () => void) => {
      change()
      index.tell()
    }
    for (const rows of [1, 1, 2]) told(() => index.put('from', [run('a', 1, { rows })]))
    told(() => index.standing('from', 'it is away'))
    told(() => index.standing('from', 'it is away'))
    told(() => index.unreadable('from', 'line 3', 'no JSON'))
    told(() => index.unreadable('from', 'line 3', 'no JSON'))
    told(() => index.remove('from', [run('a', 1).summary]))
    expect(news.map(wordsOf)).toEqual([
      'run a 1',
      'run a 2',
      'problems it is away',
      'problems it is away, line 3: no JSON',
      'gone a',
    ])
    expect(index.problems()).toEqual(['it is away', 'line 3: no JSON'])
    index.standing('from', undefined)
    index.readable('from', 'line 3')
    expect(index.problems()).toEqual([])
    index.tell()
    expect(news.at(-1)).toEqual({ kind: 'problems', problems: [] })
  })

  it('keeps the newest, and says that it left out others', () => {
    const index = new RunIndex(5)
    const news = listening(index)
    for (let i = 0; i < 100; i++) {
      index.put('from', [run(`r${i}`, i)])
      index.tell()
    }
    index.put('from', [run('old', -1)])
    expect(idsOf(index)).toEqual(['r95', 'r96', 'r97', 'r98', 'r99'])
    expect([...index.known('from')].length).toBeLessThan(8)
    expect(index.problems()).toEqual([expect.stringContaining('the newest 5 are listed')])
    expect(news.filter(({ kind }) => kind === 'run')).toHaveLength(100)
    expect(news.filter(({ kind }) => kind === 'gone')).toHaveLength(95)
  })

  it('keeps some problems, and counts the others', () => {
    const index = new RunIndex(5)
    for (let i = 0; i < 1000; i++) index.unreadable('received', `line ${i}`, 'no JSON')
    expect(index.problems()).toHaveLength(51)
    expect(index.problems().at(-1)).toBe('and 950 more that cannot be read')
  })

  it('drops what is gone from a place that was read anew', () => {
    const index = new RunIndex(5)
    index.put('received', [run('a', 1), run('b', 2)])
    index.replace('received', [run('b', 2), run('c', 3)])
    expect(idsOf(index)).toEqual(['b', 'c'])
    index.remove('received', [run('b', 2).summary])
    expect(idsOf(index)).toEqual(['c'])
  })
})
