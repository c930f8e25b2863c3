import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { importRuns } from '../../src/bridge/import-runs.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { journalOfChunks } from '../backends/special-journals.js'
import { runCompleted, shopJournals, warning } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import { jaegerWithTraces } from './traces-in-jaeger.js'

const NOW = BigInt(Date.now()) * 1_000_000n
const HOUR = 3_600_000_000_000n

/** A run that ended so many hours ago. */
function run(runId: string, hoursAgo: bigint, status = 'success', exportName = 'orders') {
  const ended = NOW - hoursAgo * HOUR
  return new RunJournal(runId, exportName, [
    { recorded_at: formatTimestamp(ended - 1_000_000n), event: warning(runId) },
    { recorded_at: formatTimestamp(ended), event: runCompleted(status) },
  ])
}

const idsOf = (runs: readonly { readonly runId: string }[]) => runs.map(({ runId }) => runId)

describe('importing from a server', () => {
  it('finds real runs by their run_ids alone', async () => {
    const { backend, keep } = await jaegerWithTraces()
    const journals = shopJournals()
    for (const journal of journals) keep(journal)
    const runIds = journals.map(({ run_id }) => run_id)
    const { runs, problems, unseen } = await importRuns(backend, { selection: { runIds } })
    expect({ problems, unseen }).toEqual({ problems: [], unseen: [] })
    expect(runs).toHaveLength(journals.length)
    for (const journal of journals) {
      expectExact(
        runs.find(({ runId }) => runId === journal.run_id),
        journal,
      )
    }
  })

  it('reads every page of a large run, by its run_id and by the trace of any page', async () => {
    const { backend, keep } = await jaegerWithTraces()
    const journal = journalOfChunks(9000)
    keep(journal)
    const runId = journal.run_id
    const byId = await importRuns(backend, { selection: { runIds: [runId] } })
    expectExact(byId.runs[0], journal)
    expect(byId.runs[0]?.traceIds.length).toBeGreaterThan(2)
    const traceIds = [traceIdOf({ namespace: '', runId, page: 2 })]
    expectExact((await importRuns(backend, { selection: { traceIds } })).runs[0], journal)
  })

  it('looks for a run under its namespace', async () => {
    const { backend, keep } = await jaegerWithTraces()
    const journal = run('orders_1', 1n)
    keep(journal, { namespace: 'eu' })
    const selection = { runIds: ['orders_1'] }
    expect((await importRuns(backend, { selection })).runs).toEqual([])
    expectExact((await importRuns(backend, { selection, namespace: 'eu' })).runs[0], journal)
    const searched = await importRuns(backend, { selection: {} })
    expectExact(searched.runs[0], journal)
    expect((await importRuns(backend, { selection: {}, namespace: 'us' })).runs).toEqual([])
  })

  it('searches by export, status and time, and gives the oldest first', async () => {
    const { backend, keep } = await jaegerWithTraces()
    keep(run('c', 1n))
    keep(run('a', 3n, 'failed'))
    keep(run('b', 2n, 'success', 'customers'))
    keep(run('old', 24n * 30n))
    const find = async (selection: NonNullable<Parameters<typeof importRuns>[1]>['selection']) => {
      const { runs } = await importRuns(backend, selection === undefined ? {} : { selection })
      return idsOf(runs)
    }
    expect(await find({})).toEqual(['a', 'b', 'c'])
    expect(await find({ sinceUnixNano: 0n })).toEqual(['old', 'a', 'b', 'c'])
    expect(await find({ exports: ['customers'] })).toEqual(['b'])
    expect(await find({ statuses: ['failed', 'skipped'] })).toEqual(['a'])
    const ended = NOW - 2n * HOUR
    expect(await find({ sinceUnixNano: ended })).toEqual(['b', 'c'])
    expect(await find({ sinceUnixNano: ended + 1n })).toEqual(['c'])
    expect(await find({ untilUnixNano: ended })).toEqual(['a'])
    expect(await find({ last: 2 })).toEqual(['b', 'c'])
    expect(await find({ last: 1, exports: ['customers'] })).toEqual(['b'])
    expect(await find({ last: 0 })).toEqual([])
  })

  it('says that it did not look for older runs unless it was told how far back', async () => {
    const { backend } = await jaegerWithTraces()
    const { unseen } = await importRuns(backend, {})
    expect(unseen[0]).toEqual(
      expect.stringMatching(
        /^runs that ended before \d{4}-\d\d-\d\d were not searched for; --since/,
      ),
    )
    expect((await importRuns(backend, { selection: { sinceUnixNano: 0n } })).unseen).toEqual([])
  })

  it('takes the newest of the traces that are named, each once', async () => {
    const { backend, keep } = await jaegerWithTraces()
    const traceIds = ['new', 'old', 'new'].map((runId) =>
      traceIdOf({ namespace: '', runId, page: 0 }),
    )
    keep(run('old', 5n))
    keep(run('new', 1n))
    const { runs } = await importRuns(backend, { selection: { traceIds, last: 1 } })
    expect(idsOf(runs)).toEqual(['new'])
    expect((await importRuns(backend, { selection: { traceIds } })).runs).toHaveLength(2)
  })

  it('names what was read, also where the other conditions leave it out', async () => {
    const { backend, keep } = await jaegerWithTraces()
    keep(run('orders_1', 1n))
    const { runs, found } = await importRuns(backend, {
      selection: { runIds: ['orders_1'], statuses: ['failed'] },
    })
    expect({ runs, ids: idsOf(found) }).toEqual({ runs: [], ids: ['orders_1'] })
  })

  it('names a trace that search finds and that is not given by its id', async () => {
    const { backend, keep } = await jaegerWithTraces({
      instead: ({ pathname }) =>
        pathname.startsWith('/api/v3/traces/')
          ? { status: 404, body: '{"error":{"httpCode":404,"message":"No traces found"}}' }
          : undefined,
    })
    keep(run('orders_1', 1n))
    const { runs, problems } = await importRuns(backend)
    expect(runs).toEqual([])
    expect(problems[0]?.problem).toMatch(/trace [0-9a-f]{32}: .*by search|search finds it/)
  })

  it('asks for nothing any more once nobody wants it', async () => {
    const { backend, keep, requests } = await jaegerWithTraces()
    for (let i = 0; i < 30; i++) keep(run(`run_${i}`, BigInt(i) + 1n))
    const before = performance.now()
    const search = { selection: { last: 1 }, waitMs: 600_000 }
    expect((await importRuns(backend, search)).runs).toHaveLength(1)
    await expect(
      importRuns(backend, {
        selection: { runIds: ['nobody'] },
        waitMs: 0,
      }),
    ).resolves.toMatchObject({ runs: [] })
    const asked = requests.length
    await sleep(1000)
    expect(requests.length).toBe(asked)
    expect(performance.now() - before).toBeLessThan(60_000)
  })

  it('reads no more runs than the newest that are wanted', async () => {
    const { backend, keep, requests } = await jaegerWithTraces()
    for (let i = 0; i < 60; i++) keep(run(`run_${i}`, BigInt(i) + 1n))
    const { runs } = await importRuns(backend, { selection: { last: 3 } })
    expect(idsOf(runs)).toEqual(['run_2', 'run_1', 'run_0'])
    const read = requests.filter(({ pathname }) => pathname.startsWith('/api/v3/traces/'))
    expect(read.length).toBeLessThan(12)
  })

  it('waits for a run that comes later, and for the rest of one that is not whole', async () => {
    const { backend, keep } = await jaegerWithTraces()
    const journal = journalOfChunks(5000)
    const selection = { runIds: [journal.run_id] }
    const imported = importRuns(backend, { selection, waitMs: 20_000 })
    await sleep(50)
    keep(journal, { change: (page) => ({ ...page, spans: page.spans.slice(0, 10) }) })
    await sleep(200)
    keep(journal)
    expectExact((await imported).runs[0], journal)
  })

  it('asks once more for a run that is not there, without being told to wait', async () => {
    let isGone = true
    const { backend, keep } = await jaegerWithTraces({
      instead: ({ pathname }) => {
        if (!isGone || !pathname.startsWith('/api/v3/traces/')) return undefined
        isGone = false
        return { status: 404, body: '{"error":{"httpCode":404,"message":"No traces found"}}' }
      },
    })
    const journal = run('orders_1', 1n)
    keep(journal)
    const { runs } = await importRuns(backend, { selection: { runIds: ['orders_1'] } })
    expectExact(runs[0], journal)
    expect(isGone).toBe(false)
  })

  it('gives what there is when the wait is over', async () => {
    const { backend, keep } = await jaegerWithTraces()
    const journal = journalOfChunks(10)
    keep(journal, { change: (page) => ({ ...page, spans: page.spans.slice(0, 5) }) })
    const selection = { runIds: [journal.run_id, 'nobody'] }
    const { runs } = await importRuns(backend, { selection, waitMs: 150 })
    expect(runs.map(({ status }) => status)).toEqual(['incomplete'])
  })

  it('asks for no more pages than a run can have, whatever its root says', async () => {
    const { backend, keep, requests } = await jaegerWithTraces()
    const journal = run('orders_1', 1n)
    keep(journal, {
      change: (page) => ({
        ...page,
        spans: page.spans.map((span) => ({
          ...span,
          attributes: { ...span.attributes, 'rivet.trace.pages': 10 ** 12 },
        })),
      }),
    })
    const { runs, problems } = await importRuns(backend, { selection: { runIds: ['orders_1'] } })
    expect(runs.map(({ status }) => status)).toEqual(['incomplete'])
    expect(problems[0]?.problem).toContain('announces 1000000000000 pages')
    expect(requests.length).toBeLessThan(2 * 2010)
  })

  it('asks for no more runs than a trace can have, and says so', async () => {
    const { backend, keep, requests } = await jaegerWithTraces()
    const journal = run('orders_1', 1n)
    keep(journal, {
      change: (page) => ({
        ...page,
        spans: Array.from({ length: 1200 }, (_, i) =>
          page.spans.map((span) => ({
            ...span,
            spanId: (i + 1).toString(16).padStart(16, '0'),
            attributes: {
              ...span.attributes,
              'rivet.run.id': i === 0 ? journal.run_id : `orders_${i}`,
              'rivet.trace.pages': 10 ** 12,
            },
          })),
        ).flat(),
      }),
    })
    const traceIds = [traceIdOf({ namespace: '', runId: 'orders_1', page: 0 })]
    const { problems } = await importRuns(backend, { selection: { traceIds } })
    expect(problems.map(({ problem }) => problem).join()).toMatch(
      /^trace \w+: it has spans of 1199 runs;/,
    )
    expect(problems).toHaveLength(2)
    expect(requests.length).toBeLessThan(2 * 3100)
  })
})
