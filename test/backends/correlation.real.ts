/**
 * A job's trace, the wrapper's span, and the runs that it left, found from each other in both
 * directions, with what the product sends and with the servers' own questions.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TraceBackend } from '../../src/backends/backend.js'
import { importRuns } from '../../src/bridge/import-runs.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { isJsonObject, isList, type JsonObject, parseJson } from '../../src/json/lossless.js'
import { pagesBeside } from '../../src/mapping/beside.js'
import { execToTrace } from '../../src/mapping/exec-span.js'
import { interruptedIdsOf, loadIdsOf, spanIdsOf, traceIdOf } from '../../src/mapping/ids.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { loadToTrace } from '../../src/mapping/load-to-trace.js'
import type { Span, SpanContext, Trace } from '../../src/trace/trace.js'
import { fenced } from '../docs/backends-document.js'
import { journalOfEvents, runCompleted, shopJournal } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import { bareSpan } from '../trace/sample-traces.js'
import { sendTrace } from './backend-trip.js'
import { backendsAvailable } from './build.mjs'
import { startOlderJaeger } from './older-jaeger.js'
import { openBackend } from './product-trip.js'
import { type RunningBackend, startJaeger, startTempo } from './run-backends.js'
import { journalOfChunks } from './special-journals.js'

/** Of docs/backends.md, with the names in its questions. */
const PART = 'From a command to its runs, and back'
const PUBLISHED_RUN = 'orders_20261121T085339.134_11188'
const PUBLISHED_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

const NOW = BigInt(Date.now()) * 1_000_000n
const SECOND = 1_000_000_000n
/** Tempo sees what was sent after some seconds. */
const SEEN_WITHIN_MS = 60_000

/** For some milliseconds it does not find what it is just moving into its store. */
const FOR_A_WHILE = { timeout: 10_000, interval: 200 }

const MODES = ['linked', 'joined'] as const
type Mode = (typeof MODES)[number]
const SERVERS = ['Jaeger', 'a Jaeger without /api/v3', 'Tempo'] as const

/** What a job left: its own trace, and its runs. */
interface Job {
  readonly mode: Mode
  readonly namespace: string
  readonly parent: SpanContext
  readonly wrapper: SpanContext
  readonly runs: readonly RunJournal[]
}

describe.skipIf(!backendsAvailable())('a job, its wrapper and its runs', () => {
  const stops: (() => unknown)[] = []
  const backends = new Map<string, TraceBackend>()
  const servers = new Map<string, RunningBackend>()
  const jobs = MODES.map(jobOf)

  beforeAll(async () => {
    const batch = { processors: { batch: { timeout: '10ms' } } }
    const ingester = { trace_idle_period: '1s', flush_check_period: '1s' }
    const [jaeger, tempo] = await Promise.all([
      startJaeger({ config: batch }),
      startTempo({ config: { ingester } }),
    ])
    const older = await startOlderJaeger(jaeger.query)
    stops.push(jaeger.stop, tempo.stop, older.stop)
    servers.set('Jaeger', jaeger)
    servers.set('a Jaeger without /api/v3', { ...jaeger, query: older.query })
    servers.set('Tempo', tempo)
    for (const [name, { query }] of servers) {
      backends.set(name, await openBackend(name === 'Tempo' ? 'tempo' : 'jaeger', query))
    }
    for (const { otlpHttp } of [jaeger, tempo]) {
      for (const trace of [...jobs.flatMap(tracesOf), ...otherTraces()]) {
        await sendTrace(trace, otlpHttp, 'protobuf')
      }
    }
    await until(async () => {
      const found = await Promise.all(
        [...backends.values()].map((backend) => importRuns(backend, RECENT)),
      )
      return found.every(({ runs }) => runs.length === jobs.flatMap(({ runs }) => runs).length)
    })
  })
  afterAll(async () => {
    for (const backend of backends.values()) backend.close()
    await Promise.all(stops.map((stop) => stop()))
  })

  describe.each(SERVERS)('in %s', (name) => {
    const spansIn = async (traceId: string): Promise<Span[]> => {
      const { spans, problems } = (await backends.get(name)?.trace(traceId)) ?? {}
      expect(problems).toEqual([])
      return (spans ?? []).map(({ span }) => span)
    }
    const search = (parameters: Record<string, string>) =>
      traceIdsOf(servers.get(name)?.query ?? '', name, parameters)

    describe.each(jobs.map((job) => [job.mode, job] as const))('%s', (_, job) => {
      it('the job leads to the wrapper, and the wrapper to every run', async () => {
        const spans = await spansIn(job.parent.traceId)
        const wrapper = spans.find(({ spanId }) => spanId === job.wrapper.spanId)
        expect(wrapper).toMatchObject({ name: 'exec rivet', parentSpanId: job.parent.spanId })
        expect(spans.some(({ spanId }) => spanId === job.parent.spanId)).toBe(true)
        const links = wrapper?.links ?? []
        expect(links).toHaveLength(job.runs.length)
        for (const [i, { traceId, spanId }] of links.entries()) {
          const root = (await spansIn(traceId)).find((span) => span.spanId === spanId)
          expect(root?.attributes['rivet.run.id']).toBe(job.runs[i]?.run_id)
        }
      })

      it('every run leads to the wrapper by its run_id, and that to the job', async () => {
        for (const { run_id: runId } of job.runs) {
          const own = traceIdOf({ namespace: job.namespace, runId, page: 0 })
          const spans = await spansIn(own)
          const way = job.mode === 'linked' ? 'wrapper' : 'signpost'
          const [link] = spans.find(({ name }) => name === way)?.links ?? []
          if (link === undefined) throw new Error(`no ${way} of ${runId}`)
          const target = (await spansIn(link.traceId)).find((span) => span.spanId === link.spanId)
          if (job.mode === 'linked') expect(link).toMatchObject(job.wrapper)
          else expect(target?.parentSpanId).toBe(job.wrapper.spanId)
          expect(link.traceId).toBe(job.parent.traceId)
          expect(target).toBeDefined()
        }
      })

      it('a question for the run_id leads to the wrapper too, or to the run', async () => {
        const [journal] = job.runs
        const runId = journal?.run_id ?? ''
        const own = traceIdOf({ namespace: job.namespace, runId, page: 0 })
        const [, inTempo = ''] = fenced('traceql', PART)
        const [inJaeger = ''] = fenced('jaeger', PART)
        const ofRun =
          name === 'Tempo'
            ? { q: inTempo.replace(PUBLISHED_RUN, runId) }
            : Object.fromEntries(
                inJaeger
                  .replace(PUBLISHED_RUN, runId)
                  .split('\n')
                  .map((line) => line.split('=')),
              )
        const wanted = job.mode === 'joined' ? [own, job.parent.traceId] : [own]
        await expect.poll(() => search(ofRun), FOR_A_WHILE).toEqual(expect.arrayContaining(wanted))
      })

      it('every run comes back exactly, by its run_id, by every trace of it and by search', async () => {
        const backend = backends.get(name)
        if (backend === undefined) throw new Error(`no ${name}`)
        const { namespace, runs } = job
        const runIds = runs.map(({ run_id }) => run_id)
        const own = runIds.map((runId) => traceIdOf({ namespace, runId, page: 0 }))
        const selections = [
          { runIds },
          { traceIds: own },
          ...(job.mode === 'joined' ? [{ traceIds: [job.parent.traceId] }] : []),
          { ...RECENT.selection },
        ]
        for (const selection of selections) {
          const { runs: came, problems } = await importRuns(backend, { selection, namespace })
          expect(problems).toEqual([])
          expect(came.map(({ runId }) => runId).sort()).toEqual(runIds.toSorted())
          for (const journal of runs) {
            expectExact(
              came.find(({ runId }) => runId === journal.run_id),
              journal,
            )
          }
        }
      })
    })

    it('the newest few are the newest, also where they share a trace with older ones', async () => {
      const backend = backends.get(name)
      if (backend === undefined) throw new Error(`no ${name}`)
      const all = (await importRuns(backend, RECENT)).runs.map(({ runId }) => runId)
      for (const last of [1, 3, 4]) {
        const { runs } = await importRuns(backend, { selection: { ...RECENT.selection, last } })
        expect(runs.map(({ runId }) => runId)).toEqual(all.slice(-last))
      }
      const failed = { ...RECENT.selection, statuses: ['failed'] }
      const ids = (await importRuns(backend, { selection: failed })).runs.map(({ runId }) => runId)
      expect(ids.sort()).toEqual(MODES.map((mode) => `failed ${mode}`).sort())
    })

    it('a killed run has its trace with a link to the run that went on, and no journal', async () => {
      const backend = backends.get(name)
      if (backend === undefined) throw new Error(`no ${name}`)
      const { traceId, root } = interruptedIdsOf(KILLED)
      const spans = await spansIn(traceId)
      expect(spans.map(({ spanId }) => spanId)).toContain(root)
      const known = spans.find(({ name }) => name === 'interrupted')
      expect(known?.links).toMatchObject([{ traceId: traceIdOf({ ...RESUMING, page: 0 }) }])
      const selection = { runIds: [KILLED.runId] }
      const { runs, interrupted } = await importRuns(backend, {
        selection,
        namespace: KILLED.namespace,
      })
      expect(runs).toEqual([])
      expect(interrupted).toMatchObject([{ ...KILLED, traceId }])
    })

    it('a load has its trace with a link to every run, those that were killed among them', async () => {
      const [span] = await spansIn(loadIdsOf({ namespace: 'linked', runId: LOAD_ID }).traceId)
      expect(span?.links.map(({ traceId }) => traceId)).toEqual([
        traceIdOf({ ...RESUMING, page: 0 }),
        interruptedIdsOf(KILLED).traceId,
      ])
    })

    // A Jaeger has no such question; docs/backends.md says so.
    it.runIf(name === 'Tempo')(
      'what links to a trace is found by a question, where the server has one',
      async () => {
        const job = jobs[0]
        if (job === undefined) throw new Error('no job')
        const [q = ''] = fenced('traceql', PART)
        const wanted = job.runs
          .map(({ run_id: runId }) => traceIdOf({ namespace: 'linked', runId, page: 0 }))
          .sort()
        await expect
          .poll(() => search({ q: q.replace(PUBLISHED_TRACE, job.parent.traceId) }), FOR_A_WHILE)
          .toEqual(wanted)
      },
    )
  })
})

describe.skipIf(!backendsAvailable())('more runs than fit one trace, joined to it', () => {
  it('are incomplete in a Tempo that drops them without a word, and say in which trace', async () => {
    const overrides = { defaults: { global: { max_bytes_per_trace: 300_000 } } }
    const tempo = await startTempo({ config: { overrides } })
    const backend = await openBackend('tempo', tempo.query)
    try {
      const joined = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) }
      const { entries } = journalOfChunks(300)
      const runs = Array.from(
        { length: 6 },
        (_, i) => new RunJournal(`run_${i}`, 'orders', entries),
      )
      for (const journal of runs) {
        const pages = [
          ...journalToTrace(journal, { joined }),
          ...pagesBeside(journal, {}, { joined }),
        ]
        for (const { trace } of pages) await sendTrace(trace, tempo.otlpHttp, 'protobuf')
      }
      const selection = { runIds: runs.map(({ run_id }) => run_id) }
      const came = (await importRuns(backend, { selection })).runs
      expect(came).toHaveLength(runs.length)
      const lost = came.filter(({ status }) => status === 'incomplete')
      expect(came.find(({ runId }) => runId === 'run_0')?.status).toBe('exact')
      expect(lost.map(({ runId }) => runId)).toContain('run_5')
      for (const run of lost) {
        expect('reasons' in run && run.reasons.join()).toMatch(/trace (ab){16}|page 0 has/)
      }
    } finally {
      backend.close()
      await tempo.stop()
    }
  })
})

const RECENT = { selection: { sinceUnixNano: NOW - 3600n * SECOND } }
const RESUMING = { namespace: 'linked', runId: 'small linked' }
const KILLED = { namespace: 'linked', runId: 'killed' }
const LOAD_ID = 'load_1:load:shop.public.orders'

/** Runs of other ends, among them one that has pages of its own. */
function jobOf(mode: Mode): Job {
  const traceId = randomBytes(16).toString('hex')
  const context = () => ({ traceId, spanId: randomBytes(8).toString('hex') })
  const runs = [
    endingAt(shopJournal('orders'), mode, 'small', mode === 'joined' ? 500n : 490n),
    endingAt(journalOfChunks(4000), mode, 'large', mode === 'joined' ? 480n : 470n),
    endingAt(journalOfEvents(runCompleted('failed', 'no disk')), mode, 'failed', 60n),
  ]
  return { mode, namespace: mode, parent: context(), wrapper: context(), runs }
}

/** The same run so many seconds ago, under a name of its own. */
function endingAt(
  { export_name, entries }: RunJournal,
  mode: Mode,
  name: string,
  secondsAgo: bigint,
): RunJournal {
  const base = NOW - secondsAgo * SECOND - BigInt(entries.length) * 1000n
  return new RunJournal(
    `${name} ${mode}`,
    export_name,
    entries.map(({ event }, i) => ({
      recorded_at: formatTimestamp(base + BigInt(i) * 1000n + 7n),
      event,
    })),
  )
}

function tracesOf({ mode, namespace, parent, wrapper, runs }: Job): Trace[] {
  const options = { namespace, ...(mode === 'joined' ? { joined: wrapper } : {}) }
  const start = NOW - 1000n * SECOND
  const roots = runs.map(({ run_id: runId, export_name: exportName }) => {
    const key = { namespace, runId, page: 0, revision: 0 }
    const traceId = mode === 'joined' ? wrapper.traceId : traceIdOf(key)
    return { runId, exportName, traceId, spanId: spanIdsOf(key).root }
  })
  const command = {
    context: wrapper,
    parentSpanId: parent.spanId,
    program: 'rivet',
    startUnixNano: start,
    endUnixNano: NOW,
    exitCode: 0,
  }
  return [
    jobTrace(parent, start),
    ...runs.flatMap((journal) =>
      [...journalToTrace(journal, options), ...pagesBeside(journal, { wrapper }, options)].map(
        ({ trace }) => trace,
      ),
    ),
    execToTrace(command, roots, { namespace }).trace,
  ]
}

/** As a scheduler's own instrumentation would send it. */
function jobTrace(parent: SpanContext, start: bigint): Trace {
  const span: Span = {
    ...bareSpan,
    ...parent,
    name: 'nightly',
    startTimeUnixNano: start - SECOND,
    endTimeUnixNano: NOW + SECOND,
  }
  return {
    resource: { 'service.name': 'scheduler' },
    scope: { name: 's', version: '' },
    spans: [span],
  }
}

function otherTraces(): Trace[] {
  const killed = interruptedRunToTrace(
    {
      kind: 'unjournaled',
      runId: KILLED.runId,
      exportName: 'orders',
      state: 'interrupted',
      status: 'success',
      startedUnixNano: NOW - 900n * SECOND,
      endedUnixNano: NOW - 500n * SECOND,
      resumedBy: RESUMING.runId,
      record: { runId: KILLED.runId, exportName: 'orders', harm: [] },
      chunkTasks: [],
      files: [],
    },
    { namespace: KILLED.namespace },
  )
  const load = loadToTrace(
    {
      kind: 'load',
      loadId: LOAD_ID,
      exportName: 'orders',
      targetTable: 'shop.public.orders',
      warehouse: 'bigquery',
      mode: 'append',
      sourceRunIds: [RESUMING.runId, KILLED.runId],
      status: 'success',
      finishedUnixNano: NOW - 30n * SECOND,
    },
    { namespace: 'linked' },
    new Set([KILLED.runId]),
  )
  return [killed.trace, load.trace]
}

/** The traces that a server finds, sorted. */
async function traceIdsOf(
  query: string,
  name: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string[]> {
  const isTempo = name === 'Tempo'
  const times = isTempo
    ? {}
    : { start: String(NOW / 1000n - 3_600_000_000n), end: String(NOW / 1000n + 3_600_000_000n) }
  const all = new URLSearchParams({ ...parameters, ...times, limit: '100' })
  const answer = await fetch(`${query}/api/${isTempo ? 'search' : 'traces'}?${all}`)
  const value = parseJson(await answer.text())
  const list = isJsonObject(value) ? (isTempo ? value.traces : value.data) : undefined
  if (!isList(list)) throw new Error(JSON.stringify(value))
  const idOf = (trace: JsonObject) => String(trace.traceID).padStart(32, '0')
  return list.filter(isJsonObject).map(idOf).sort()
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SEEN_WITHIN_MS
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('it is not so after a minute')
    await delay(500)
  }
}
