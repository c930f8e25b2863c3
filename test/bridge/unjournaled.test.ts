import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nextRun } from '../../src/bridge/next-run.js'
import { openRuns, type RunItem, type RunReader } from '../../src/bridge/run-reader.js'
import type { RunSelection } from '../../src/bridge/run-selection.js'
import { placeOf, placeOfJournal, withUnjournaled } from '../../src/bridge/with-unjournaled.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { oldestFirst } from '../../src/sources/selection.js'
import type { SourceItem } from '../../src/sources/source.js'
import type { UnjournaledRun } from '../../src/state/unjournaled-run.js'
import { interruptedRun } from '../cli/view/unjournaled-runs.js'
import { NEWEST, type TableRow } from '../contracts/rivet-tables.js'
import { journal, nano, status } from '../contracts/state-rows.js'
import { recordsDatabase } from '../sources/sqlite-records-place.js'

async function reader(rows: readonly TableRow[], version = NEWEST): Promise<RunReader> {
  const path = recordsDatabase({ version, rows, changes: [] })
  const stdin = (async function* () {})()
  const opened = await openRuns(
    { kind: 'path', path },
    { stdin, server: { env: {}, version: '0' } },
  )
  onTestFinished(() => opened.close())
  return opened
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

function nameOf(item: RunItem): string {
  if (item.kind === 'journal') return item.journal.run_id
  return item.kind === 'unjournaled' ? `${item.run.runId} (${item.run.state})` : item.kind
}

const names = async (from: RunReader, selection: RunSelection = {}) =>
  (await collect(from.read(selection))).map(nameOf)

/** Runs of one export, one after the other: two of them were killed, one runs. */
const HISTORY = [
  ...[status('a', 'success', 0, 5), journal('a', 5)],
  status('b', 'interrupted', 10, 20),
  ...[status('c', 'failed', 20, 25), journal('c', 25)],
  status('d', 'success', 30, 35, { export_name: 'events' }),
  status('e', 'interrupted', 40, 50),
  ...[status('f', 'success', 50, 55), journal('f', 55)],
  status('g', 'running', 45, undefined, { export_name: 'events' }),
]
const ALL = ['a', 'b (interrupted)', 'c', 'd (unrecorded)', 'e (interrupted)', 'f', 'g (running)']

describe('the runs of a state database', () => {
  it('come in one order, with a journal and without, those that run last', async () => {
    expect(await names(await reader(HISTORY))).toEqual(ALL)
  })

  const selections: readonly (readonly [string, RunSelection, readonly string[]])[] = [
    ['the last 3', { last: 3 }, ['e (interrupted)', 'f', 'g (running)']],
    ['more than there are', { last: 100 }, ALL],
    ['interrupted', { statuses: ['interrupted'] }, ['b (interrupted)', 'e (interrupted)']],
    ['the last interrupted', { statuses: ['interrupted'], last: 1 }, ['e (interrupted)']],
    ['running', { statuses: ['running'] }, ['g (running)']],
    ['success', { statuses: ['success'] }, ['a', 'c', 'd (unrecorded)', 'f']],
    [
      'the last of two statuses',
      { statuses: ['success', 'interrupted'], last: 2 },
      ['e (interrupted)', 'f'],
    ],
    ['an export', { exports: ['events'] }, ['d (unrecorded)', 'g (running)']],
    ['the last of an export', { exports: ['events'], last: 1 }, ['g (running)']],
    ['run_ids', { runIds: ['f', 'b', 'nobody'] }, ['b (interrupted)', 'f']],
    ['since', { sinceUnixNano: nano(35) }, ALL.slice(3)],
    ['until', { untilUnixNano: nano(25) }, ALL.slice(0, 2)],
    ['both', { sinceUnixNano: nano(20), untilUnixNano: nano(50) }, ALL.slice(1, 4)],
    [
      'both, and the last 2',
      { sinceUnixNano: nano(20), untilUnixNano: nano(36), last: 2 },
      ['c', 'd (unrecorded)'],
    ],
  ]
  it.each(selections)('are selected together: %s', async (_, selection, runs) => {
    expect(await names(await reader(HISTORY), selection)).toEqual(runs)
  })

  it('are all listed for suggestions, and say where they stood', async () => {
    const from = await reader(HISTORY)
    const listed = await collect(from.list())
    expect(listed.map(({ runId }) => runId).sort()).toEqual([...'abcdefg'])
    const [item] = await collect(from.read({ runIds: ['b'] }))
    expect(item).toMatchObject({ kind: 'unjournaled', where: 'run_status row b' })
  })

  it('are the journals alone where rivet did not write down anything else yet', async () => {
    const from = await reader([journal('a', 5), journal('c', 25)], 7)
    expect(await names(from)).toEqual(['a', 'c'])
    expect(await names(from, { last: 1 })).toEqual(['c'])
    expect(await from.record({ runId: 'a', exportName: 'orders' })).toBeUndefined()
  })

  it('bring what is known beside a journal only when that is asked for', async () => {
    const from = await reader([
      status('a', 'success', 0, 5, { source: 'postgres://db:5432/shop' }),
      journal('a', 5),
    ])
    expect(await from.record({ runId: 'a', exportName: 'orders' })).toMatchObject({
      status: { source: 'postgres://db:5432/shop' },
    })
    expect(await from.record({ runId: 'nobody', exportName: 'orders' })).toBeUndefined()
  })
})

describe('withUnjournaled', () => {
  const journalAt = (index: number, second: number): SourceItem => {
    const entries = [{ recorded_at: formatTimestamp(nano(second)), event: 'Paused' }]
    const read = new RunJournal(`j${index}`, 'orders', entries)
    return { kind: 'journal', journal: read, where: '' }
  }
  const runAt = (index: number, second: number | undefined): UnjournaledRun => {
    const { endedUnixNano: _, ...run } = interruptedRun({ runId: `u${index}` })
    return second === undefined
      ? { ...run, state: 'running', startedUnixNano: nano(index) }
      : { ...run, endedUnixNano: nano(second) }
  }
  async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
    yield* items
  }

  it('gives every run once, in order, whatever comes from where', async () => {
    const seconds = fc.array(fc.nat({ max: 20 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(seconds, seconds, fc.nat({ max: 3 }), async (with_, without, running) => {
        const journals = with_.sort((a, b) => a - b).map((second, i) => journalAt(i + 100, second))
        const others = [
          ...without.sort((a, b) => a - b).map((second, i) => runAt(i + 100, second)),
          ...Array.from({ length: running }, (_, i) => runAt(i + 500, undefined)),
        ]
        const merged = await collect(withUnjournaled(each(journals), each(others)))
        const places = merged.flatMap((item) => {
          if (item.kind === 'unreadable') return []
          return item.kind === 'journal' ? [placeOfJournal(item.journal)] : [placeOf(item.run)]
        })
        expect(places).toHaveLength(journals.length + others.length)
        expect(places).toEqual([...places].sort(oldestFirst))
      }),
    )
  })

  it('takes the journal of a run that ended while it was read', async () => {
    const running = { ...runAt(1, undefined), runId: 'j1' }
    const merged = await collect(withUnjournaled(each([journalAt(1, 5)]), each([running])))
    expect(merged.map(({ kind }) => kind)).toEqual(['journal'])
  })

  it('hands on what cannot be read, of both', async () => {
    const unreadable = (runId: string) =>
      ({ kind: 'unreadable', where: '', runId, problem: 'bent' }) as const
    const merged = await collect(
      withUnjournaled(
        each([unreadable('a'), journalAt(1, 5)]),
        each([unreadable('b'), runAt(1, 9)]),
      ),
    )
    expect(merged.map(({ kind }) => kind).sort()).toEqual([
      'journal',
      'unjournaled',
      'unreadable',
      'unreadable',
    ])
  })
})

describe('nextRun', () => {
  const nextAfter = async (rows: readonly TableRow[], runId: string) => {
    const from = await reader(rows)
    const [item] = await collect(from.read({ runIds: [runId] }))
    return item?.kind === 'unjournaled' ? nextRun(from, item.run) : item?.kind
  }

  it('is the run that went on with an interrupted one', async () => {
    const rows = [
      status('a', 'success', 0, 18),
      ...[status('b', 'success', 10, 19), journal('b', 17)],
    ]
    expect(await nextAfter(rows, 'a')).toEqual({ runId: 'b', wentOn: true, status: 'success' })
  })

  it('is the next of the export where none went on with it, and may be killed or running too', async () => {
    expect(await nextAfter(HISTORY, 'b')).toEqual({ runId: 'c', wentOn: false, status: 'success' })
    const killed = [status('a', 'interrupted', 0, 10), status('b', 'interrupted', 10, 20)]
    expect(await nextAfter(killed, 'a')).toEqual({
      runId: 'b',
      wentOn: false,
      status: 'interrupted',
    })
    const running = [status('a', 'interrupted', 0, 10), status('b', 'running', 10)]
    expect(await nextAfter(running, 'a')).toEqual({ runId: 'b', wentOn: false, status: 'running' })
  })

  it('is none of another source, of another export, or from before', async () => {
    const here = { source: 'postgres://a:5432/shop' }
    const rows = [
      ...[status('z', 'success', -9, -5, here), journal('z', -5)],
      status('a', 'interrupted', 0, 10, here),
      ...[status('b', 'success', 11, 12, { source: 'postgres://b:5432/shop' }), journal('b', 12)],
      ...[status('c', 'success', 11, 13, { export_name: 'events' }), journal('c', 13, 'events')],
    ]
    expect(await nextAfter(rows, 'a')).toBeUndefined()
    const later = [...rows, status('d', 'success', 20, 21, here), journal('d', 21)]
    expect(await nextAfter(later, 'a')).toMatchObject({ runId: 'd' })
  })

  it('is not looked for after a run that was not interrupted', async () => {
    expect(await nextAfter(HISTORY, 'd')).toBeUndefined()
    expect(await nextAfter(HISTORY, 'g')).toBeUndefined()
  })
})
