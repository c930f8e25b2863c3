/**
 * The battery that every source of journals runs: the contract of `JournalSource`, point by point.
 *
 * A source gives a factory that fills a place with rows. What a source cannot do by its nature it
 * lists with the reason, and the battery checks what it does instead.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { parseJournal } from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import type { JournalSource, Selection, SourceItem } from '../../src/sources/source.js'

/** One run as it is put into the place. */
export interface ContractRow {
  readonly run_id: string
  readonly export_name: string
  /** Where the text is a journal, also the time of its last entry. */
  readonly finished_at: string
  readonly text: string
}

/** What a source cannot do by its nature, each with the reason. */
export interface SourceLimits {
  /** It hands the journals over in the order in which they were written, unless asked for the last. */
  readonly keepsOrder?: string
  /** It has no place for a journal with an empty text. */
  readonly noEmptyText?: string
  /** It knows of a broken journal only what its text says. */
  readonly noNamesBeside?: string
}

/**
 * Runs the battery.
 *
 * @param fill makes a place with these rows, in this order, and opens it as a source.
 * @example
 * describeSource('sqlite', (rows) => openSqliteSource(fillDatabase(rows)))
 */
export function describeSource(
  name: string,
  fill: (rows: readonly ContractRow[]) => Promise<JournalSource>,
  limits: SourceLimits = {},
): void {
  describe(`${name} keeps the contract of a source`, () => {
    const open: JournalSource[] = []
    const source = async (rows: readonly ContractRow[]) => {
      const filled = await fill(rows)
      open.push(filled)
      return filled
    }
    const read = async (rows: readonly ContractRow[], selection: Selection = {}) =>
      collect((await source(rows)).read(selection))
    const readNames = async (selection: Selection) => names(await read(RUNS, selection))

    afterEach(async () => {
      for (const one of open.splice(0)) await one.close()
    })

    it('hands over every journal exactly as it was written', async () => {
      const items = await read(RUNS)
      expect(names(items).sort()).toEqual(RUNS.map(({ run_id }) => run_id).sort())
      for (const item of items) {
        if (item.kind !== 'journal') throw new Error(item.problem)
        const row = RUNS.find(({ run_id }) => run_id === item.journal.run_id)
        expect(journalDigest(item.journal)).toBe(journalDigest(parseJournal(row?.text ?? '')))
      }
    })

    it(limits.keepsOrder ?? 'hands them over oldest first, then by run_id', async () => {
      const expected = limits.keepsOrder === undefined ? OLDEST_FIRST : RUNS.map((r) => r.run_id)
      expect(await readNames({})).toEqual(expected)
    })

    it('orders by the instant, not by the spelling of the time', async () => {
      const rows = [
        run('c', 'orders', '2026-11-21T09:30:00+02:00'),
        run('a', 'orders', '2026-11-21T08:00:00.5Z'),
        run('b', 'orders', '2026-11-21T08:00:00.25+00:00'),
      ]
      expect(names(await read(rows, { last: 3 }))).toEqual(['c', 'b', 'a'])
    })

    it('hands over the runs that are named, and nothing for a name that is unknown', async () => {
      const runIds = ['orders_2', 'customers_1', 'nobody']
      expect((await readNames({ runIds })).sort()).toEqual(['customers_1', 'orders_2'])
      expect(await readNames({ runIds: ['nobody'] })).toEqual([])
      expect(await readNames({ runIds: [] })).toEqual([])
    })

    it('hands over the runs of the exports that are named', async () => {
      expect((await readNames({ exports: ['orders'] })).sort()).toEqual(['orders_1', 'orders_2'])
      expect(await readNames({ exports: ['Orders'] })).toEqual([])
      expect((await readNames({ exports: ['orders', 'täglich 😀'] })).length).toBe(3)
    })

    it('hands over the newest, oldest of them first', async () => {
      expect(await readNames({ last: 2 })).toEqual(OLDEST_FIRST.slice(-2))
      expect(await readNames({ last: 100 })).toEqual(OLDEST_FIRST)
      expect(await readNames({ last: 0 })).toEqual([])
    })

    it('hands over what ended at a time or later, to the nanosecond', async () => {
      const since = 1795251222129476775n
      expect((await readNames({ sinceUnixNano: since })).sort()).toEqual(
        OLDEST_FIRST.slice(2).sort(),
      )
      expect((await readNames({ sinceUnixNano: since + 1n })).sort()).toEqual(
        OLDEST_FIRST.slice(3).sort(),
      )
    })

    it('hands over what ended before a time, to the nanosecond', async () => {
      const until = 1795251222129476775n
      expect((await readNames({ untilUnixNano: until })).sort()).toEqual(
        OLDEST_FIRST.slice(0, 2).sort(),
      )
      expect((await readNames({ untilUnixNano: until + 1n })).sort()).toEqual(
        OLDEST_FIRST.slice(0, 3).sort(),
      )
      expect(await readNames({ sinceUnixNano: until, untilUnixNano: until })).toEqual([])
      expect(await readNames({ untilUnixNano: until, last: 1 })).toEqual(OLDEST_FIRST.slice(1, 2))
    })

    it('joins conditions: the newest of those that the others leave', async () => {
      expect(await readNames({ exports: ['orders', 'customers'], last: 1 })).toEqual(['orders_2'])
      expect(await readNames({ runIds: ['orders_1'], exports: ['customers'] })).toEqual([])
    })

    it('keeps every integer exact', async () => {
      const [item] = await read([bigIntegers])
      if (item?.kind !== 'journal') throw new Error('expected a journal')
      expect(item.journal.entries[0]?.event).toEqual({
        FileWritten: {
          file_name: 'big.parquet',
          rows: -9223372036854775808n,
          bytes: 18446744073709551615n,
          part_index: 9007199254740993n,
        },
      })
    })

    for (const [what, text, problem] of BROKEN) {
      if (text === '' && limits.noEmptyText !== undefined) {
        it(`${what}: ${limits.noEmptyText}`, async () => {
          const items = await read([run('a', 'orders', AT), broken(text), run('z', 'orders', AT)])
          expect(names(items)).toEqual(['a', 'z'])
        })
        continue
      }
      it(`says what is wrong with ${what}, and hands over its neighbours`, async () => {
        const items = await read([run('a', 'orders', AT), broken(text), run('z', 'orders', AT)])
        expect(names(items.filter(({ kind }) => kind === 'journal'))).toEqual(['a', 'z'])
        const [bad, ...others] = items.filter(({ kind }) => kind === 'unreadable')
        expect(others).toEqual([])
        if (bad?.kind !== 'unreadable') throw new Error('expected an unreadable item')
        expect(bad.problem).toMatch(problem)
        expect(bad.where).not.toBe('')
        if (limits.noNamesBeside === undefined) expect(bad.runId).toBe('m')
      })
    }

    it('leaves out a broken journal that is known to be of another run', async () => {
      const rows = [run('a', 'orders', AT), broken('{"run_id":"m","export_name":"orders"}')]
      expect(names(await read(rows, { runIds: ['a'] }))).toEqual(['a'])
    })

    it('lists every run that it can name', async () => {
      const listed = await collect((await source([...RUNS, broken('{')])).list())
      const known = RUNS.map(({ run_id, export_name }) => ({
        runId: run_id,
        exportName: export_name,
      }))
      for (const one of known) expect(listed).toContainEqual(one)
      expect(listed.length).toBe(known.length + (limits.noNamesBeside === undefined ? 1 : 0))
    })

    it('names its exports, each once and at most so many, or leaves that to its runs', async () => {
      const opened = await source([...RUNS, run('orders_3', 'orders', AT)])
      if (opened.exports === undefined) return
      const known = ['customers', 'orders', 'tie', 'täglich 😀']
      expect([...(await opened.exports(100))].sort()).toEqual(known)
      expect(known).toEqual(expect.arrayContaining([...(await opened.exports(2))]))
      expect(await opened.exports(2)).toHaveLength(2)
    })

    it('can be read more than once, also after it was listed', async () => {
      const opened = await source(RUNS)
      const first = names(await collect(opened.read({})))
      await collect(opened.list())
      expect(names(await collect(opened.read({})))).toEqual(first)
    })

    it('can be read by two at the same time', async () => {
      const opened = await source(RUNS)
      const [one, two] = await Promise.all([
        collect(opened.read({})),
        collect(opened.read({ last: 100 })),
      ])
      expect(names(one).length).toBe(RUNS.length)
      expect(names(two)).toEqual(OLDEST_FIRST)
    })

    it('can be left in the middle', async () => {
      const opened = await source(RUNS)
      for await (const item of opened.read({})) {
        expect(item.kind).toBe('journal')
        break
      }
      await opened.close()
    })

    it('has no journals where there are none', async () => {
      const unnamed = await read(RUNS, { runIds: ['nobody'], last: 5, sinceUnixNano: 0n })
      expect(unnamed).toEqual([])
    })
  })
}

/**
 * A run whose journal has two entries, the last one at `finished_at`.
 *
 * @example
 * run('orders_1', 'orders', '2026-11-21T08:53:42Z')
 */
export function run(run_id: string, export_name: string, finished_at: string): ContractRow {
  const entries = [
    {
      recorded_at: '2026-01-01T00:00:00Z',
      event: { Warning: { context: 'a "b"', message: '\n😀\u2028' } },
    },
    { recorded_at: finished_at, event: { RunCompleted: { status: 'success', duration_ms: 7 } } },
  ]
  return {
    run_id,
    export_name,
    finished_at,
    text: JSON.stringify({ run_id, export_name, entries }),
  }
}

/** Everything that comes out of an async iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** The run ids of the items, in their order. */
export function names(items: readonly SourceItem[]): string[] {
  return items.map((item) =>
    item.kind === 'journal' ? item.journal.run_id : `unreadable: ${item.problem}`,
  )
}

const AT = '2026-11-21T08:53:42.129476775+00:00'

const RUNS: readonly ContractRow[] = [
  run('orders_2', 'orders', '2026-11-21T09:00:00.000000001+00:00'),
  run('customers_1', 'customers', '2026-11-21T08:53:42.129476775+00:00'),
  run('orders_1', 'orders', '2026-11-21T08:53:42.129476774+00:00'),
  run('täglich 😀 1', 'täglich 😀', '2026-11-21T08:59:59.999999999+00:00'),
  run('z', 'tie', '2026-11-21T08:53:42.129476774+00:00'),
]

const OLDEST_FIRST = ['orders_1', 'z', 'customers_1', 'täglich 😀 1', 'orders_2']

const bigIntegers: ContractRow = {
  ...run('big', 'orders', AT),
  text: `{"run_id":"big","export_name":"orders","entries":[{"recorded_at":"${AT}","event":{"FileWritten":{"file_name":"big.parquet","rows":-9223372036854775808,"bytes":18446744073709551615,"part_index":9007199254740993}}}]}`,
}

function broken(text: string): ContractRow {
  return { run_id: 'm', export_name: 'orders', finished_at: AT, text }
}

const BROKEN: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
  [
    'a journal that was cut',
    '{"run_id":"m","export_name":"orders","entries":[{"recor',
    /not valid JSON/,
  ],
  ['an empty text', '', /empty/],
  ['a list in place of a journal', '[1,2]', /expected a JSON object/],
  [
    'a run_id that is a number',
    '{"run_id":7,"export_name":"orders","entries":[]}',
    /run_id: expected a text, got 7/,
  ],
  [
    'a journal without entries',
    '{"run_id":"m","export_name":"orders"}',
    /entries: expected a list/,
  ],
  [
    'a day that there is not',
    '{"run_id":"m","export_name":"orders","entries":[{"recorded_at":"2026-02-30T00:00:00Z","event":"Paused"}]}',
    /entries\[0\]\.recorded_at: expected a timestamp.*2026-02-30/,
  ],
  [
    'a number where rivet has an integer',
    '{"run_id":"m","export_name":"orders","entries":[{"recorded_at":"2026-02-03T00:00:00Z","event":{"ChunkFailed":{"chunk_index":1.5,"error":"","attempt":1}}}]}',
    /ChunkFailed\.chunk_index: expected an integer/,
  ],
]
