import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TraceBackend, TraceContent, TraceSearch } from '../../src/backends/backend.js'
import { backendSettings } from '../../src/backends/backend-settings.js'
import { openTempo } from '../../src/backends/tempo.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import type { JsonObject } from '../../src/json/lossless.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import type { Trace } from '../../src/trace/trace.js'
import { describeBackend } from '../contracts/backend-contract.js'
import { type LocalServer, startLocalServer } from '../http/local-server.js'
import { runCompleted, shopJournals } from '../journal/example-journals.js'
import { expectExact, imported } from '../mapping/both-ways.js'
import { sendTrace } from './backend-trip.js'
import { backendsAvailable } from './build.mjs'
import { type RunningBackend, startTempo } from './run-backends.js'
import { collect, idsOf } from './search-items.js'

const HOUR = 3600
const NANOS = 1_000_000_000n

/** Sees what was sent after a second or two. */
const SEES_SOON = { trace_idle_period: '1s', flush_check_period: '1s' }
/** And files it within a minute. It forgets what it filed only when its blocks have been seen. */
const FILES_SOON: JsonObject = {
  ingester: { ...SEES_SOON, max_block_duration: '2s', complete_block_timeout: '10s' },
  storage: { trace: { blocklist_poll: '1s' } },
  query_frontend: { search: { query_backend_after: '0s' } },
}

const open = (url: string): TraceBackend =>
  openTempo(backendSettings({ url: `tempo+${url}`, retryForMs: 0, env: {}, version: '0' }))

describe.skipIf(!backendsAvailable())('a real Tempo', () => {
  describeBackend('Tempo', () => underTest({ ingester: SEES_SOON }))
  describeBackend(
    'Tempo that files at once, and answers with 20 traces from 48 hours at most',
    () => {
      const search = { query_backend_after: '0s', max_result_limit: 20, max_duration: '48h' }
      return underTest({ ...FILES_SOON, query_frontend: { search } })
    },
    { cannotFindOldRuns: 'no window of 48 hours holds both a time 20 days ago and now' },
  )

  describe('that files at once', () => {
    let server: RunningBackend
    let tempo: TraceBackend
    const now = Math.floor(Date.now() / 1000)
    const odd = 'ünïcödé "quoted" \\back\\n {x="y"} `z` \t\n\u0000 😀'
    const old = runOf('old', 'old', now - 20 * 24 * HOUR)
    const late = runOf('late', 'late', now - 80 * HOUR)
    const many = Array.from({ length: 300 }, (_, i) => runOf(`many_${i}`, 'many', now - 60))
    const others = [
      ...shopJournals(),
      runOf('odd', odd, now - 60),
      runOf('failed', 'plain', now - 60, 'failed'),
    ]

    beforeAll(async () => {
      server = await startTempo({ config: FILES_SOON })
      tempo = open(server.query)
      for (const run of [old, late, ...others, ...many]) await send(run)
    })
    afterAll(async () => {
      tempo?.close()
      await server?.stop()
    })

    const send = async (run: RunJournal, revision = 0) => {
      for (const { trace } of journalToTrace(run, { revision })) {
        await sendTrace(trace, server.otlpHttp, 'protobuf')
      }
    }
    const find = (query: Partial<TraceSearch>) =>
      search(tempo, { sinceUnixNano: at(now - HOUR), untilUnixNano: at(now), ...query })

    it('gives every run by its id at once, and exactly', async () => {
      for (const run of [old, late, ...others]) {
        const { spans, problems } = await known(tempo, run)
        expect(problems).toEqual([])
        expectExact(imported(spans)[0], run)
      }
    })

    it('gives every run through the older API too', async () => {
      const older = await withoutNewerApi(server.query)
      const tempo = open(older.url)
      for (const run of [old, ...others]) {
        expectExact(imported((await known(tempo, run)).spans)[0], run)
      }
      const unknown = traceIdOf({ namespace: '', runId: 'never', page: 0 })
      expect(await tempo.trace(unknown)).toEqual({ spans: [], problems: [] })
      tempo.close()
      await older.stop()
    })

    it('finds what is filed, in windows that hold when it ran and when it was sent', async () => {
      await until(async () => (await notFiled(server)) === 0 && (await isFound(now - 60)))
      const since = (days: number) => ({ sinceUnixNano: at(now - days * 24 * HOUR) })
      expect((await find({})).ids).toContain(idOf('odd'))
      expect((await find({ exports: [odd] })).ids).toEqual([idOf('odd')])
      expect((await find({ statuses: ['failed'] })).ids).toEqual([idOf('failed')])
      expect((await find({ ...since(6), exports: ['late'] })).ids).toEqual([idOf('late')])
      expect((await find({ ...since(40), exports: ['late'] })).ids).toEqual([idOf('late')])
      const { items } = await find({ exports: [odd] })
      expect(items[0]).toMatchObject({ kind: 'found', endUnixNano: at(now - 60) + 436_857n })
    })

    it('finds each of 300 runs that ended at one instant', async () => {
      const { ids } = await find({ exports: ['many'] })
      expect(ids).toHaveLength(300)
      expect(new Set(ids)).toEqual(new Set(many.map(({ run_id }) => idOf(run_id))))
    })

    it('no longer finds a filed run that was sent 20 days after it ended, and says so', async () => {
      const search = () => find({ sinceUnixNano: at(now - 25 * 24 * HOUR) })
      await until(async () => !(await search()).ids.includes(idOf('old')))
      const { items } = await search()
      expect(JSON.stringify(items.filter(({ kind }) => kind === 'unseen'))).toContain('84 hours')
      expect((await tempo.trace(idOf('old'))).spans).not.toEqual([])
    })

    it('says when each of two revisions ended that lie in different blocks', async () => {
      await send(runOf('odd', odd, now - 30), 1)
      await until(async () => (await notFiled(server)) === 0 && (await isFound(now - 30)))
      expect(await endsOf({ exports: [odd] })).toEqual([now - 60, now - 30].map(endOf))
      expect(await endsOf({ exports: [odd], untilUnixNano: at(now - 50) })).toEqual([
        endOf(now - 60),
      ])
    })

    it('says when each of several runs ended that are joined to one trace, in different blocks', async () => {
      const joined = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) }
      const ends = [now - 55, now - 45, now - 35]
      for (const [i, end] of ends.entries()) {
        const run = runOf(`joined_${i}`, 'joined', end, i === 1 ? 'failed' : 'success')
        for (const { trace } of journalToTrace(run, { joined })) {
          await sendTrace(trace, server.otlpHttp, 'protobuf')
        }
        if (i === 0)
          await until(async () => (await notFiled(server)) === 0 && (await isFound(now - 30)))
      }
      await until(async () => {
        return (
          (await notFiled(server)) === 0 && (await endsOf({ exports: ['joined'] })).length === 3
        )
      })
      expect(await endsOf({ exports: ['joined'] })).toEqual(ends.map(endOf))
      expect(await endsOf({ exports: ['joined'], statuses: ['failed'] })).toEqual([endOf(now - 45)])
      const { ids } = await find({ exports: ['joined'] })
      expect(ids).toEqual([joined.traceId])
    })

    const endOf = (end: number) => at(end) + 436_857n
    /** The ends that a search gives, the earliest first. */
    const endsOf = async (query: Partial<TraceSearch>) => {
      const { items } = await find(query)
      return items
        .flatMap((item) => (item.kind === 'found' ? [item.endUnixNano] : []))
        .sort((a, b) => (a < b ? -1 : 1))
    }
    const isFound = async (end: number) => {
      const { items } = await find({ exports: [odd], sinceUnixNano: at(end) })
      return items.some(({ kind }) => kind === 'found')
    }
  })
})

/** A run of one second. */
function runOf(runId: string, exportName: string, endedAt: number, status = 'success') {
  const recorded_at = formatTimestamp(at(endedAt) + 436_857n)
  return new RunJournal(runId, exportName, [
    { recorded_at, event: runCompleted(status, null, 1000) },
  ])
}

function at(seconds: number): bigint {
  return BigInt(seconds) * NANOS
}

function idOf(runId: string): string {
  return traceIdOf({ namespace: '', runId, page: 0 })
}

/**
 * A trace that was sent. While Tempo moves traces from memory to its block it knows none of them for
 * some milliseconds, so it is asked again.
 */
async function known(tempo: TraceBackend, { run_id }: RunJournal): Promise<TraceContent> {
  let content = await tempo.trace(idOf(run_id))
  await until(async () => {
    if (content.spans.length > 0) return true
    content = await tempo.trace(idOf(run_id))
    return false
  })
  return content
}

async function search(tempo: TraceBackend, query: TraceSearch) {
  const items = await collect(tempo, query)
  return { items, ids: [...idsOf(items)] }
}

async function underTest(config: JsonObject) {
  const server = await startTempo({ config })
  const sent = new Set<string>()
  return {
    url: server.query,
    open,
    send: async (trace: Trace) => {
      await sendTrace(trace, server.otlpHttp, 'protobuf')
      for (const { attributes, traceId } of trace.spans) {
        if (attributes['rivet.trace.page'] === 0) sent.add(traceId)
      }
    },
    settled: async () => {
      const tempo = open(server.query)
      const now = BigInt(Date.now()) * 1_000_000n
      const day = at(24 * HOUR)
      const fresh = { sinceUnixNano: now - day, untilUnixNano: now + day }
      // All but the one of 20 days ago, which may be filed already.
      await until(async () => (await search(tempo, fresh)).ids.length >= sent.size - 1)
      tempo.close()
    },
    stop: server.stop,
  }
}

/** How many traces are in no block of the store yet. */
async function notFiled({ query }: RunningBackend): Promise<number> {
  const q = encodeURIComponent('{ span.rivet.trace.page = 0 }')
  const answer = await fetch(`${query}/api/search?limit=10000&q=${q}`)
  const { traces } = (await answer.json()) as { traces: unknown[] }
  return traces.length
}

/** A server that passes on everything but what an older one does not have. */
function withoutNewerApi(url: string): Promise<LocalServer> {
  return startLocalServer(async (request, response) => {
    if (request.url?.startsWith('/api/v2/') === true) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
      return
    }
    const answer = await fetch(`${url}${request.url}`, { headers: { accept: 'application/json' } })
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
  })
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('it is not so after two minutes')
    await delay(500)
  }
}
