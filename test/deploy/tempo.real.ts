import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { readBack, sendJournal, tempoReader } from '../backends/backend-trip.js'
import { backendsAvailable } from '../backends/build.mjs'
import type { RunningBackend } from '../backends/run-backends.js'
import {
  completed,
  plan,
  runCompleted,
  shopJournals,
  started,
} from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import { asOpened, panels } from './dashboard.js'
import { startDeployedTempo } from './run-deployed.js'
import { searchTempo, type Window } from './tempo-search.js'

const DAY_S = 86_400
/** Longer than Tempo takes until search finds what came. */
const FOUND = { timeout: 60_000, interval: 500 }

const SHOP = shopJournals()
const now = Math.floor(Date.now() / 1000)
const ALL_TIME: Window = { start: now - 3650 * DAY_S, end: now }

describe.skipIf(!backendsAvailable())("docker-compose's tempo.yaml", () => {
  let tempo: RunningBackend
  beforeAll(async () => {
    tempo = await startDeployedTempo()
    for (const journal of SHOP) await sendJournal(journal, tempo.otlpHttp, 'protobuf')
  })
  afterAll(() => tempo?.stop())

  const runsIn = async (window: Window): Promise<(string | undefined)[]> => {
    const query = '{ span.rivet.trace.page = 0 } | select(span.rivet.run.id)'
    const found = await searchTempo(tempo.query, query, window)
    return found.map((span) => span['rivet.run.id']).sort()
  }

  it('finds runs by search soon after they came', async () => {
    await expect
      .poll(() => runsIn(ALL_TIME), FOUND)
      .toEqual(SHOP.map(({ run_id }) => run_id).sort())
  })

  it('gives runs back exactly', async () => {
    for (const journal of SHOP) {
      const pages = [...journalToTrace(journal)].map((page) => ({
        ...page,
        spans: page.trace.spans.length,
      }))
      expectExact(await readBack(pages, tempoReader(tempo.query)), journal)
    }
  })

  describe('answers the dashboard', () => {
    const ROOTS = SHOP.map((journal) => ({ journal, root: rootOf(journal) }))
    const runsOf = (chosen: typeof ROOTS) => chosen.map(({ journal }) => journal.run_id).sort()
    const number = (value: unknown) => Number(value ?? 0)

    const EXPECTED: Readonly<Record<string, () => (string | undefined)[]>> = {
      'Recent runs': () => runsOf(ROOTS),
      'Runs that failed': () =>
        runsOf(ROOTS.filter(({ root }) => root['rivet.run.status'] === 'failed')),
      'Runs that want a look': () =>
        runsOf(
          ROOTS.filter(
            ({ root }) =>
              number(root['rivet.run.retries']) > 0 ||
              number(root['rivet.run.quality_issues']) > 0 ||
              number(root['rivet.run.schema_changes']) > 0 ||
              root['rivet.run.reconciled'] === false ||
              root['rivet.run.validated'] === false,
          ),
        ),
      'Slowest chunks': () =>
        SHOP.flatMap((journal) => chunksOver(journal, 100_000_000n).map(() => journal.run_id)),
    }

    const asked = panels().filter(({ source }) => source === 'tempo')
    it.each(asked.map((panel) => [panel.title, panel] as const))('%s', async (title, { query }) => {
      const expected = EXPECTED[title]?.() ?? []
      expect(expected, 'something to find').not.toEqual([])
      const found = await searchTempo(tempo.query, asOpened(query), ALL_TIME)
      expect(found.map((span) => span['rivet.run.id']).sort()).toEqual(expected.sort())
    })

    it('with every column that some run has a value for', async () => {
      const query = panels().find(({ title }) => title === 'Recent runs')?.query ?? ''
      const found = await searchTempo(tempo.query, asOpened(query), ALL_TIME)
      const columns = [...query.matchAll(/span\.(rivet\.run\.[a-z_.]+)/g)].map(
        ([, name = '']) => name,
      )
      expect(columns).toContain('rivet.run.bytes')
      for (const { journal, root } of ROOTS) {
        const row = found.find((span) => span['rivet.run.id'] === journal.run_id)
        for (const column of columns) {
          const value = root[column]
          expect(row?.[column], `${journal.run_id} ${column}`).toBe(
            value === undefined ? undefined : String(value),
          )
        }
      }
    })

    it('with the message of a failure', async () => {
      const query = panels().find(({ title }) => title === 'Runs that failed')?.query ?? ''
      const found = await searchTempo(tempo.query, asOpened(query), ALL_TIME)
      for (const row of found) expect(Object.keys(row)).toContain('statusMessage')
    })
  })

  describe.each([20, 400, 3000])('finds a run of %i days ago', (days) => {
    const journal = journalOf(days)
    const then = now - days * DAY_S
    beforeAll(async () => {
      await sendJournal(journal, tempo.otlpHttp, 'protobuf')
    })

    it('by a window around its own time', async () => {
      const window = { start: then - 3600, end: then + 3600 }
      await expect.poll(() => runsIn(window), FOUND).toEqual([journal.run_id])
    })

    it('by no window around another time', async () => {
      const before = { start: then - 10 * DAY_S, end: then - 5 * DAY_S }
      expect(await runsIn(before)).toEqual([])
    })
  })

  it('finds them in its blocks too, after a restart', async () => {
    await fetch(`${tempo.query}/flush`)
    await expect.poll(() => metric('tempo_ingester_blocks_flushed_total'), FOUND).toBeGreaterThan(0)
    await tempo.restart()
    for (const days of [20, 400, 3000]) {
      const then = now - days * DAY_S
      const window = { start: then - 3600, end: then + 3600 }
      await expect.poll(() => runsIn(window), FOUND).toEqual([journalOf(days).run_id])
    }
    await expect.poll(async () => (await runsIn(ALL_TIME)).length, FOUND).toBe(SHOP.length + 3)
  })

  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(tempo.metrics)).text()
    return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)`, 'm').exec(text)?.[1] ?? 0)
  }
})

function rootOf(journal: RunJournal) {
  const [page] = journalToTrace(journal)
  const [root] = page?.trace.spans ?? []
  if (root === undefined) throw new Error('no root')
  return root.attributes
}

function chunksOver(journal: RunJournal, nanos: bigint) {
  return [...journalToTrace(journal)]
    .flatMap(({ trace }) => trace.spans)
    .filter(
      ({ attributes, startTimeUnixNano, endTimeUnixNano }) =>
        attributes['rivet.chunk.timing'] === 'measured' &&
        endTimeUnixNano - startTimeUnixNano > nanos,
    )
}

function journalOf(days: number): RunJournal {
  const then = BigInt(now - days * DAY_S) * 1_000_000_000n
  const events = [plan(), started(0), completed(0, 'a.parquet'), runCompleted('success')]
  return new RunJournal(
    `orders_${days}_days_ago`,
    'orders',
    events.map((event, i) => ({ recorded_at: formatTimestamp(then + BigInt(i)), event })),
  )
}
