import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { importRuns } from '../../src/bridge/import-runs.js'
import { searchRuns } from '../../src/bridge/search-runs.js'
import { verifyRuns } from '../../src/bridge/verify-runs.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import type { Trace } from '../../src/trace/trace.js'
import { sourceOf } from '../backends/product-trip.js'
import { journalOfChunks } from '../backends/special-journals.js'
import { runCompleted, shopJournal, T0, warning } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import { foreignTrace, joinedPages, WRAPPER, wrapperTrace } from './joined-traces.js'
import { SERVERS, serverWithTraces } from './server-with-traces.js'

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
const ownTrace = ({ run_id: runId }: RunJournal) => traceIdOf({ namespace: '', runId, page: 0 })
const tracesOf = (journal: RunJournal, options = {}) =>
  joinedPages(journal, options).map(({ trace }) => trace)
const isSignpost = ({ spans: [span] }: Trace) => span?.name === 'signpost'

describe.each(SERVERS)('joined runs in %s', (name) => {
  /** A server with a job's trace, and with what was joined to it. */
  const start = async (...journals: readonly RunJournal[]) => {
    const server = await serverWithTraces(name)
    server.keep(foreignTrace())
    server.keep(wrapperTrace(journals))
    for (const trace of journals.flatMap((journal) => tracesOf(journal))) server.keep(trace)
    return server
  }

  it('are exact by their run_ids, by both trace ids, and by search', async () => {
    const journals = [run('orders_1', 3n), run('orders_2', 2n), run('refunds_1', 1n)]
    const { backend } = await start(...journals)
    const [first] = journals
    if (first === undefined) throw new Error('no journal')
    for (const selection of [
      { runIds: journals.map(({ run_id }) => run_id) },
      { traceIds: [WRAPPER.traceId] },
      { traceIds: journals.map(ownTrace) },
      {},
    ]) {
      const { runs, problems } = await importRuns(backend, { selection })
      expect({ problems, ids: idsOf(runs) }).toEqual({
        problems: [],
        ids: journals.map(({ run_id }) => run_id),
      })
      for (const [i, journal] of journals.entries()) {
        expectExact(runs[i], journal)
        expect(runs[i]?.traceIds).toEqual([WRAPPER.traceId])
      }
    }
    for (const selection of [{ runIds: [first.run_id] }, { traceIds: [ownTrace(first)] }]) {
      const { runs, found, spans } = await importRuns(backend, { selection })
      expectExact(runs[0], first)
      expect({ found: idsOf(found), journal: spans.journal }).toEqual({
        found: [first.run_id],
        journal: 1,
      })
    }
  })

  it('have their later pages where their run_ids lead', async () => {
    const journal = journalOfChunks(9000)
    const { backend } = await start(journal, run('other', 1n))
    const selections = [
      { runIds: [journal.run_id] },
      { traceIds: [ownTrace(journal)] },
      { traceIds: [traceIdOf({ namespace: '', runId: journal.run_id, page: 2 })] },
    ]
    for (const selection of selections) {
      const { runs } = await importRuns(backend, { selection })
      expect(idsOf(runs)).toEqual([journal.run_id])
      expectExact(runs[0], journal)
      expect(runs[0]?.traceIds).toContain(WRAPPER.traceId)
      expect(runs[0]?.traceIds).not.toContain(ownTrace(journal))
    }
  })

  it('are exact where they lie in their own traces too, and name both', async () => {
    const journal = run('orders_1', 1n)
    const { backend, keep } = await start(journal)
    for (const { trace } of journalToTrace(journal)) keep(trace)
    for (const selection of [
      { runIds: ['orders_1'] },
      { traceIds: [ownTrace(journal)] },
      { traceIds: [WRAPPER.traceId] },
      {},
    ]) {
      const { runs } = await importRuns(backend, { selection })
      expectExact(runs[0], journal)
      expect(runs[0]?.traceIds).toEqual([WRAPPER.traceId, ownTrace(journal)].sort())
    }
  })

  it('give the newest revision, whichever trace it is joined to', async () => {
    const older = run('orders_1', 2n)
    const newer = run('orders_1', 1n)
    const { backend, keep } = await start(older)
    const joined = { traceId: 'aa'.repeat(16), spanId: WRAPPER.spanId }
    for (const trace of tracesOf(newer, { joined, revision: 1 })) keep(trace)
    for (const selection of [
      { runIds: ['orders_1'] },
      { traceIds: [ownTrace(older)] },
      { traceIds: [WRAPPER.traceId] },
      { traceIds: [joined.traceId] },
      {},
    ]) {
      const { runs } = await importRuns(backend, { selection })
      expectExact(runs[0], newer)
      expect(runs[0]?.otherRevisions).toMatchObject([{ revision: 0, status: 'exact' }])
    }
  })

  it('of which there is only the signpost are incomplete, and say where their spans should be', async () => {
    const journal = run('orders_1', 1n)
    const { backend, keep } = await serverWithTraces(name)
    for (const trace of tracesOf(journal).filter(isSignpost)) keep(trace)
    const where = `its spans are in trace ${WRAPPER.traceId}`
    const reasons = async () => {
      const { runs } = await importRuns(backend, { selection: { runIds: ['orders_1'] } })
      expect(runs).toMatchObject([{ status: 'incomplete', exportName: 'orders' }])
      return runs[0]?.status === 'incomplete' ? runs[0].reasons : []
    }
    expect(await reasons()).toEqual([`${where}, which the server does not have`])
    keep(foreignTrace())
    expect(await reasons()).toEqual([`${where}, of which the server has others, and none of these`])
    const { runs } = await importRuns(backend, { selection: { traceIds: [ownTrace(journal)] } })
    expect(runs).toMatchObject([{ status: 'incomplete' }])
  })

  it('are waited for when only the signpost is there', async () => {
    const journal = run('orders_1', 1n)
    const { backend, keep } = await serverWithTraces(name)
    const traces = tracesOf(journal)
    for (const trace of traces.filter(isSignpost)) keep(trace)
    const selection = { runIds: ['orders_1'] }
    const imported = importRuns(backend, { selection, waitMs: 20_000 })
    await sleep(150)
    for (const trace of traces) keep(trace)
    expectExact((await imported).runs[0], journal)
  })

  it('are verified, and incomplete where their trace is gone or a span of it is', async () => {
    const journals = [run('whole', 3n), run('gone', 2n), shopJournal('orders')]
    const [whole, gone, broken] = journals
    if (whole === undefined || gone === undefined || broken === undefined) throw new Error('none')
    const { backend, keep } = await start(whole)
    for (const trace of tracesOf(gone).filter(isSignpost)) keep(trace)
    for (const trace of tracesOf(broken)) keep({ ...trace, spans: trace.spans.slice(0, 5) })
    const source = await sourceOf(journals)
    const verdicts: unknown[] = []
    for await (const item of verifyRuns({ source, selection: {}, traces: backend })) {
      if (item.kind !== 'verdict') throw new Error(item.problem)
      verdicts.push([item.runId, item.result, item.reasons[0]])
    }
    await source.close()
    expect(verdicts).toHaveLength(3)
    expect(verdicts).toEqual(
      expect.arrayContaining([
        ['whole', 'exact', undefined],
        [
          'gone',
          'incomplete',
          `its spans are in trace ${WRAPPER.traceId}, of which the server has others, and none of these`,
        ],
        [broken.run_id, 'incomplete', expect.stringMatching(/^page 0 has 5 of \d+ spans$/)],
      ]),
    )
  })

  it('are looked for in no more than 20 traces, and nowhere that no signpost of theirs leads', async () => {
    const journal = run('orders_1', 1n)
    const { backend, keep, requests } = await start()
    for (let i = 0; i < 100; i++) {
      const joined = { traceId: (i + 1).toString(16).padStart(32, '0'), spanId: WRAPPER.spanId }
      for (const trace of tracesOf(journal, { joined }).filter(isSignpost)) keep(trace)
    }
    const [signpost] = tracesOf(journal).filter(isSignpost)
    if (signpost === undefined) throw new Error('no signpost')
    const changed = (more: object) =>
      keep({
        ...signpost,
        spans: signpost.spans.map((span) => ({
          ...span,
          attributes: { ...span.attributes, ...more },
        })),
      })
    changed({ 'rivet.run.id': 'orders_2' })
    changed({ 'rivet.trace.joined': ownTrace(journal) })
    changed({ 'rivet.trace.joined': '0'.repeat(32) })
    changed({ 'rivet.trace.joined': '../../metrics' })
    const { runs, problems } = await importRuns(backend, { selection: { runIds: ['orders_1'] } })
    expect(runs).toMatchObject([{ status: 'incomplete' }])
    expect(problems[0]?.problem).toContain('signposts to 100 traces; 20 are read')
    const reasons = runs.flatMap((each) => (each.status === 'incomplete' ? each.reasons : []))
    const count = (end: string) => reasons.filter((reason) => reason.endsWith(end)).length
    expect(count(', which the server does not have')).toBe(20)
    expect(count(', which was not read')).toBe(80)
    expect(new Set(requests.map(({ pathname }) => pathname)).size).toBeLessThan(50)
    expect(requests.map(({ pathname }) => pathname).join()).not.toContain('metrics')
  })

  it('are looked for in no more than 2,000 traces altogether, which is said once', async () => {
    const journals = Array.from({ length: 130 }, (_, i) => run(`orders_${i}`, 1n))
    const { backend, keep, requests } = await start()
    for (const [i, journal] of journals.entries()) {
      for (const trace of tracesOf(journal).filter((each) => !isSignpost(each))) {
        const spans = trace.spans.map((span) => ({
          ...span,
          attributes: { ...span.attributes, 'rivet.trace.spans': 9 },
        }))
        keep({ ...trace, spans })
      }
      for (let n = 1; n <= 20; n++) {
        const traceId = (1000 * (i + 1) + n).toString(16).padStart(32, '0')
        const joined = { traceId, spanId: WRAPPER.spanId }
        for (const trace of tracesOf(journal, { joined }).filter(isSignpost)) keep(trace)
      }
    }
    const selection = { traceIds: [WRAPPER.traceId] }
    const { runs, problems } = await importRuns(backend, { selection })
    expect(runs).toHaveLength(130)
    const traces = new Set(requests.map(({ pathname }) => pathname.split('/').at(-1)))
    expect(traces.size).toBeLessThanOrEqual(2000)
    expect(problems.map(({ problem }) => problem)).toEqual([
      'more than 2000 traces would have to be read; the others were not',
    ])
  })

  it('come among the others by when they ended, oldest first', async () => {
    const joined = [run('j8', 8n), run('j2', 2n), run('j6', 6n)]
    const { backend, keep } = await start(...joined)
    const elsewhere = { traceId: 'bb'.repeat(16), spanId: WRAPPER.spanId }
    for (const journal of [run('k7', 7n), run('k1', 1n, 'failed', 'refunds')]) {
      for (const trace of tracesOf(journal, { joined: elsewhere })) keep(trace)
    }
    const own = [run('o5', 5n), run('o3', 3n), run('o9', 9n), run('o4', 4n)]
    for (const journal of own) for (const { trace } of journalToTrace(journal)) keep(trace)
    const find = async (selection: object) => {
      const ids: string[] = []
      for await (const item of searchRuns(backend, { selection }))
        if (item.kind === 'run') ids.push(item.run.runId)
      return ids
    }
    const all = ['o9', 'j8', 'k7', 'j6', 'o5', 'o4', 'o3', 'j2', 'k1']
    expect(await find({})).toEqual(all)
    for (let last = 0; last <= 10; last++) {
      expect(await find({ last })).toEqual(last === 0 ? [] : all.slice(-last))
    }
    const at = (hoursAgo: bigint) => NOW - hoursAgo * HOUR
    expect(await find({ sinceUnixNano: at(6n), untilUnixNano: at(2n) })).toEqual([
      'j6',
      'o5',
      'o4',
      'o3',
    ])
    expect(await find({ untilUnixNano: at(4n), last: 3 })).toEqual(['k7', 'j6', 'o5'])
    expect(await find({ exports: ['refunds'] })).toEqual(['k1'])
    expect(await find({ statuses: ['failed'], last: 3 })).toEqual(['k1'])
    expect(await find({ exports: ['orders'], statuses: ['success'], last: 2 })).toEqual([
      'o3',
      'j2',
    ])
  })

  it('are read no further back than the newest that are wanted', async () => {
    const joined = Array.from({ length: 5 }, (_, i) => run(`j${i}`, BigInt(i) + 1n))
    const { backend, keep, requests } = await start(...joined)
    for (let i = 0; i < 60; i++) {
      for (const { trace } of journalToTrace(run(`o${i}`, BigInt(i) + 3n))) keep(trace)
    }
    const { runs } = await importRuns(backend, { selection: { last: 3 } })
    expect(idsOf(runs)).toEqual(['o0', 'j1', 'j0'].toSorted(byEnd))
    const read = requests.filter(({ pathname }) => /\/traces\/\w+$/.test(pathname))
    expect(read.length).toBeLessThan(20)
  })

  it('are told from one that was interrupted and left no journal', async () => {
    const { backend, keep } = await start(run('orders_1', 1n))
    const page = interruptedRunToTrace({
      kind: 'unjournaled',
      runId: 'killed',
      exportName: 'orders',
      state: 'interrupted',
      status: 'interrupted',
      startedUnixNano: T0,
      endedUnixNano: T0 + HOUR,
      record: { runId: 'killed', exportName: 'orders', harm: [] },
      chunkTasks: [],
      files: [],
    })
    keep(page.trace)
    const traceId = page.trace.spans[0]?.traceId
    const selection = { runIds: ['killed', 'orders_1', 'nobody'] }
    const { runs, interrupted } = await importRuns(backend, { selection })
    expect(idsOf(runs)).toEqual(['orders_1'])
    expect(interrupted).toMatchObject([
      { namespace: '', runId: 'killed', exportName: 'orders', traceId },
    ])
    expect((await importRuns(backend)).runs).toHaveLength(1)
  })
})

/** The oldest of these first. */
function byEnd(a: string, b: string): number {
  const hoursAgo = (id: string) => Number(id.slice(1)) + (id.startsWith('o') ? 3 : 1)
  return hoursAgo(b) - hoursAgo(a) || (a < b ? -1 : 1)
}
