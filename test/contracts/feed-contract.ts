/**
 * The battery that every feed runs: the contract of `RunFeed`, point by point, and a random life of a
 * database that ends with everything handed out.
 */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { ArrivedRun, RunFeed, StateDatabase } from '../../src/sources/run-feed.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { type ContractRow, run } from './source-contract.js'

/** How many lives are lived where a property is asked for many cases. */
const MOST_LIVES = 60

/** A state database that somebody writes while a feed looks on. */
export interface FeedPlace {
  readonly source: StateDatabase
  /** Puts rows in, or over those with their run_id, all at one moment. */
  put(rows: readonly ContractRow[]): Promise<void>
  remove(runId: string): Promise<void>
  /** Lets go of the place. */
  close(): Promise<void>
  /** Puts a row in, to be seen when the answer is called; absent where others would have to wait. */
  putLater?(row: ContractRow): Promise<() => Promise<void>>
  /** What else may happen to the database; no row comes or goes by it. */
  readonly events: readonly PlaceEvent[]
}

/** Something that happens to a database. */
export interface PlaceEvent {
  readonly name: string
  /** Whether everything may be handed out once more. */
  readonly isRebuild: boolean
  happen(): Promise<void>
}

/**
 * Runs the battery.
 *
 * @param fill makes a place with these rows, in this order.
 */
export function describeFeed(
  name: string,
  fill: (rows: readonly ContractRow[]) => Promise<FeedPlace>,
): void {
  describe(`${name} keeps the contract of a feed`, () => {
    const open: FeedPlace[] = []
    const placeWith = async (rows: readonly ContractRow[]) => {
      const place = await fill(rows)
      open.push(place)
      return { ...place, feed: place.source.follow() }
    }

    afterEach(async () => {
      for (const place of open.splice(0)) await place.close()
    })

    it('hands out first what is there, in about the order in which it came', async () => {
      const { feed } = await placeWith([FIRST, SECOND, THIRD])
      expect(await feed.next(10)).toEqual([
        arrived(FIRST, 1_795_251_600_000_000_001n),
        arrived(SECOND, 1_795_251_600_000_000_002n),
        arrived(THIRD, 1_795_251_600_000_000_003n),
      ])
      expect(await feed.next(10)).toEqual([])
    })

    it('hands out what comes later, once', async () => {
      const { feed, put } = await placeWith([FIRST])
      await drain(feed)
      await put([SECOND])
      expect(runIds(await drain(feed))).toEqual(['b'])
      await put([THIRD])
      expect(runIds(await drain(feed))).toEqual(['c'])
      expect(await drain(feed)).toEqual([])
    })

    it('hands out what is there in an empty database as soon as it comes', async () => {
      const { feed, put } = await placeWith([])
      expect(await drain(feed)).toEqual([])
      await put([FIRST])
      expect(runIds(await drain(feed))).toEqual(['a'])
    })

    it('hands out a run again that is written again, and no other', async () => {
      const { feed, put } = await placeWith([FIRST, SECOND, THIRD])
      await drain(feed)
      const again = { ...SECOND, finished_at: '2026-11-21T09:00:01+00:00' }
      await put([again])
      expect(stamps(await drain(feed))).toEqual([['b', again.finished_at]])
      await put([{ ...THIRD, finished_at: '2026-11-21T09:00:02+00:00' }])
      await put([{ ...THIRD, finished_at: '2026-11-21T09:00:03+00:00' }])
      expect(stamps(await drain(feed))).toEqual([['c', '2026-11-21T09:00:03+00:00']])
    })

    it('hands out what is committed late, with a time long ago', async () => {
      const { feed, put } = await placeWith([FIRST])
      await drain(feed)
      await put([run('late', 'orders', '2020-01-01T00:00:00+00:00')])
      expect(runIds(await drain(feed))).toEqual(['late'])
    })

    it('hands out every row once, whatever its time says', async () => {
      const odd = ['9999-01-01T00:00:00Z', 'yesterday', '', '2026-11-21T23:00:00+14:00', '😀']
      const rows = odd.map((time, i) => ({ ...run(`odd_${i}`, 'orders', AT), finished_at: time }))
      const { feed, put } = await placeWith(rows.slice(0, 3))
      const first = await drain(feed)
      await put(rows.slice(3))
      await put([FIRST])
      const found = [...first, ...(await drain(feed))]
      expect(runIds(found).sort()).toEqual(['a', ...rows.map(({ run_id }) => run_id)].sort())
      const times = new Map(found.map((one) => [one.runId, one.endedUnixNano]))
      expect(times.get('odd_1')).toBeUndefined()
      expect(times.get('odd_3')).toBe(1_795_251_600_000_000_000n)
      await put([SECOND])
      expect(runIds(await drain(feed))).toEqual(['b'])
    })

    it('hands out at most as many as it is asked for, and goes on after them', async () => {
      const rows = Array.from({ length: 25 }, (_, i) => run(`run_${i + 10}`, 'orders', AT))
      const { feed } = await placeWith(rows)
      const pages: string[][] = []
      for (let page = await feed.next(10); page.length > 0; page = await feed.next(10))
        pages.push(runIds(page as ArrivedRun[]))
      expect(pages.map(({ length }) => length)).toEqual([10, 10, 5])
      expect(pages.flat()).toEqual(rows.map(({ run_id }) => run_id))
    })

    it('counts what is still to come', async () => {
      const { feed, put } = await placeWith([FIRST, SECOND, THIRD])
      expect(await feed.behind()).toBe(3)
      await feed.next(1)
      expect(await feed.behind()).toBe(2)
      await drain(feed)
      expect(await feed.behind()).toBe(0)
      await put([{ ...FIRST, finished_at: '2026-11-21T09:00:01+00:00' }, run('d', 'orders', AT)])
      expect(await feed.behind()).toBe(2)
      expect((await drain(feed)).length).toBe(2)
      expect(await feed.behind()).toBe(0)
    })

    it('counts as handed out what it skips, and hands out what comes or changes afterwards', async () => {
      const { feed, put } = await placeWith([FIRST, SECOND])
      await feed.skip()
      expect(await feed.behind()).toBe(0)
      expect(await drain(feed)).toEqual([])
      await put([run('old', 'orders', '2020-01-01T00:00:00+00:00')])
      await put([{ ...FIRST, finished_at: '2026-11-21T09:00:01+00:00' }])
      expect(runIds(await drain(feed)).sort()).toEqual(['a', 'old'])
    })

    it('skips what had not been handed out yet', async () => {
      const { feed, put } = await placeWith([FIRST, SECOND, THIRD])
      await feed.next(1)
      await feed.skip()
      await put([run('d', 'orders', AT)])
      expect(runIds(await drain(feed))).toEqual(['d'])
    })

    it('hands out nothing for rows that are removed, and what takes their place', async () => {
      const { feed, put, remove } = await placeWith([FIRST, SECOND, THIRD])
      await drain(feed)
      await remove('c')
      await remove('b')
      expect(await drain(feed)).toEqual([])
      await put([run('d', 'orders', '2020-01-01T00:00:00+00:00')])
      expect(runIds(await drain(feed))).toEqual(['d'])
      await remove('d')
      await put([run('e', 'orders', '2020-01-01T00:00:00.5+00:00')])
      expect(runIds(await drain(feed))).toEqual(['e'])
    })

    it('is one of several, each with a beginning of its own', async () => {
      const { feed, source, put } = await placeWith([FIRST])
      await drain(feed)
      await put([SECOND])
      expect(runIds(await drain(source.follow()))).toEqual(['a', 'b'])
      expect(runIds(await drain(feed))).toEqual(['b'])
    })

    it('goes on while journals are read from the same source', async () => {
      const { feed, source, put } = await placeWith([FIRST, SECOND])
      const items = source.read({})[Symbol.asyncIterator]()
      await items.next()
      await put([THIRD])
      expect(runIds(await drain(feed))).toEqual(['a', 'b', 'c'])
      expect((await items.next()).value).toMatchObject({ kind: 'journal' })
    })

    it('has handed out every row as it is, at the end of any life of the database', async () => {
      const step = fc.record({
        kind: fc.constantFrom<Step['kind']>(...KINDS),
        number: fc.nat(1_000_000),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
          const place = await fill([])
          try {
            await live(place, steps)
          } finally {
            await place.close()
          }
        }),
        // A life is lived with a real database and a real writer, and takes a second or more.
        { numRuns: Math.min(propertyCases(4), MOST_LIVES), endOnFailure: true },
      )
    }, 600_000)
  })
}

/** Everything that a feed has now; a row that names no run is an error. */
export async function drain(feed: RunFeed, most = 200): Promise<ArrivedRun[]> {
  const all: ArrivedRun[] = []
  for (;;) {
    const page = await feed.next(most)
    expect(page.length).toBeLessThanOrEqual(most)
    if (page.length === 0) return all
    for (const one of page) {
      if (one.kind === 'unreadable') throw new Error(one.problem)
      all.push(one)
    }
  }
}

/** The run_ids of arrivals, in their order. */
export function runIds(arrivals: readonly ArrivedRun[]): string[] {
  return arrivals.map(({ runId }) => runId)
}

const AT = '2026-11-21T09:00:00+00:00'
const FIRST = run('a', 'orders', '2026-11-21T09:00:00.000000001+00:00')
const SECOND = run('b', 'customers', '2026-11-21T09:00:00.000000002+00:00')
const THIRD = run('c', 'orders', '2026-11-21T09:00:00.000000003+00:00')

interface Step {
  readonly kind: 'put' | 'again' | 'remove' | 'look' | 'event' | 'later' | 'commit' | 'pause'
  readonly number: number
}
const KINDS: readonly Step['kind'][] = [
  'put',
  'put',
  'again',
  'again',
  'remove',
  'look',
  'look',
  'event',
  'later',
  'commit',
  'pause',
]

/** Lives through the steps, and checks what the feed handed out. */
async function live(place: FeedPlace, steps: readonly Step[]): Promise<void> {
  const feed = place.source.follow()
  const there = new Map<string, string>()
  const handedOut: [runId: string, stamp: string][] = []
  const waiting: { row: ContractRow; commit: () => Promise<void> }[] = []
  let count = 0
  let isRebuilt = false
  const rowOf = (runId: string, number: number) => {
    // Each time is another one, and as early or late as it likes.
    const nanos = String(++count).padStart(9, '0')
    const minute = String(number % 60).padStart(2, '0')
    return run(
      runId,
      `export_${number % 7}`,
      `2026-11-2${number % 3}T09:${minute}:00.${nanos}+00:00`,
    )
  }
  const put = async (rows: ContractRow[]) => {
    await place.put(rows)
    for (const { run_id, finished_at } of rows) there.set(run_id, finished_at)
  }
  for (const { kind, number } of steps) {
    const known = [...there.keys()]
    const one = known[number % Math.max(1, known.length)]
    if (kind === 'put')
      await put(
        Array.from({ length: 1 + (number % 9) }, (_, i) => rowOf(`new_${count}_${i}`, number)),
      )
    if (kind === 'again' && one !== undefined) await put([rowOf(one, number)])
    if (kind === 'remove' && one !== undefined) {
      // Often the last rows: their places may be given again.
      const runId = number % 2 === 0 ? one : (known.at(-1) ?? one)
      await place.remove(runId)
      there.delete(runId)
    }
    if (kind === 'look') {
      for (const page of [await feed.next(1 + (number % 12))])
        for (const arrival of page)
          if (arrival.kind === 'run') handedOut.push([arrival.runId, arrival.stamp])
    }
    if (kind === 'event' && place.events.length > 0) {
      const event = place.events[number % place.events.length]
      // Whoever puts another table in its place waits for those who are writing to it.
      if (event?.isRebuild === true && waiting.length > 0) continue
      await event?.happen()
      if (event?.isRebuild === true) isRebuilt = true
    }
    if (kind === 'later' && place.putLater !== undefined) {
      const row = rowOf(`later_${count}`, number)
      waiting.push({ row, commit: await place.putLater(row) })
    }
    if (kind === 'commit') {
      for (const { row, commit } of waiting.splice(number % 2, 1)) {
        await commit()
        there.set(row.run_id, row.finished_at)
      }
    }
    if (kind === 'pause') await new Promise((resolve) => setTimeout(resolve, 60))
  }
  for (const { row, commit } of waiting) {
    await commit()
    there.set(row.run_id, row.finished_at)
  }
  for (const { runId, stamp } of await drain(feed, 7)) handedOut.push([runId, stamp])
  const last = new Map(handedOut)
  expect(Object.fromEntries([...there].map(([runId]) => [runId, last.get(runId)]))).toEqual(
    Object.fromEntries(there),
  )
  if (!isRebuilt) expect(handedOut.length).toBe(new Set(handedOut.map((one) => one.join(' '))).size)
  expect(await feed.behind()).toBe(0)
}

function arrived(
  { run_id, export_name, finished_at }: ContractRow,
  endedUnixNano: bigint,
): ArrivedRun {
  return { kind: 'run', runId: run_id, exportName: export_name, endedUnixNano, stamp: finished_at }
}

function stamps(arrivals: readonly ArrivedRun[]): [string, string][] {
  return arrivals.map(({ runId, stamp }) => [runId, stamp])
}
