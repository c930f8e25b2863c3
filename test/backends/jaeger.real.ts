import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TraceBackend, TraceSearch } from '../../src/backends/backend.js'
import { backendSettings } from '../../src/backends/backend-settings.js'
import { openJaeger } from '../../src/backends/jaeger.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import type { Trace } from '../../src/trace/trace.js'
import { describeBackend } from '../contracts/backend-contract.js'
import { type LocalServer, startLocalServer } from '../http/local-server.js'
import {
  completed,
  runCompleted,
  shopJournals,
  started,
  warning,
} from '../journal/example-journals.js'
import { expectExact, imported } from '../mapping/both-ways.js'
import { sendTrace } from './backend-trip.js'
import { backendsAvailable } from './build.mjs'
import { type RunningBackend, startJaeger } from './run-backends.js'
import { collectFromJaeger, idsOf } from './search-items.js'

const SECOND = 1_000_000_000n
const MINUTE = 60n * SECOND
const DAY = 86_400n * SECOND
/** Jaeger takes what it is sent in batches of 200 ms. */
const TAKEN_IN_MS = 1500

describe.skipIf(!backendsAvailable()).each(['memory', 'badger'] as const)(
  'Jaeger with %s',
  (storage) => {
    describeBackend(`a real Jaeger with ${storage}`, async () => {
      const jaeger = await startJaeger({ storage })
      return {
        url: jaeger.query,
        open: openAt,
        send: (trace) => sendTrace(trace, jaeger.otlpHttp, 'protobuf'),
        settled: () => delay(TAKEN_IN_MS),
        stop: () => jaeger.stop(),
      }
    })

    describe(`a real Jaeger with ${storage} that holds hundreds of runs`, () => {
      const now = BigInt(Date.now()) * 1_000_000n
      const whole = [...shopJournals(), skewed(now)]
      const runs = Array.from({ length: 300 }, (_, i) => sentRun(i, now))
      let jaeger: RunningBackend
      let backend: TraceBackend

      beforeAll(async () => {
        // Jaeger moves spans that seem to come from a host with another clock, if it is told to.
        const config = { extensions: { jaeger_query: { max_clock_skew_adjust: '24h' } } }
        jaeger = await startJaeger({ storage, config })
        backend = openAt(jaeger.query)
        for (const { journal } of runs) for (const page of pagesOf(journal)) await send(page)
        for (const journal of whole) for (const page of pagesOf(journal)) await send(page)
        await delay(TAKEN_IN_MS)
      })

      afterAll(async () => {
        backend?.close()
        await jaeger?.stop()
      })

      const send = (trace: Trace) => sendTrace(trace, jaeger.otlpHttp, 'protobuf')

      it.each<[string, Partial<TraceSearch>, (run: SentRun) => boolean]>([
        ['all of a day', {}, () => true],
        ['an export', { exports: ['orders'] }, ({ exportName }) => exportName === 'orders'],
        ['a status', { statuses: ['failed'] }, ({ status }) => status === 'failed'],
        [
          'an export and a status',
          { exports: ['refunds'], statuses: ['failed'] },
          ({ exportName, status }) => exportName === 'refunds' && status === 'failed',
        ],
        [
          'an export and success',
          { exports: ['refunds'], statuses: ['success'] },
          ({ exportName, status }) => exportName === 'refunds' && status === 'success',
        ],
      ])('finds %s, and nothing else of them', async (_, query, isWanted) => {
        const day = { sinceUnixNano: now - DAY, untilUnixNano: now + DAY }
        const items = await collectFromJaeger(backend, { ...day, ...query })
        expect(items.filter(({ kind }) => kind === 'unseen')).toEqual([])
        const found = idsOf(items)
        const names = (some: readonly SentRun[]) => some.map(({ journal }) => journal.run_id)
        expect(names(runs.filter(({ journal }) => found.has(idOf(journal))))).toEqual(
          names(runs.filter(isWanted)),
        )
      })

      it('finds those that ended in an hour, among the others that may have', async () => {
        const [sinceUnixNano, untilUnixNano] = [now - 120n * MINUTE, now - 60n * MINUTE]
        const found = idsOf(await collectFromJaeger(backend, { sinceUnixNano, untilUnixNano }))
        for (const { journal, ended } of runs) {
          if (ended >= sinceUnixNano && ended < untilUnixNano)
            expect(found).toContain(idOf(journal))
          if (ended > untilUnixNano + MINUTE) expect(found).not.toContain(idOf(journal))
        }
      })

      it('finds them since 1970 too', async () => {
        const found = idsOf(
          await collectFromJaeger(backend, { sinceUnixNano: 0n, untilUnixNano: now + DAY }),
        )
        for (const { journal } of runs) expect(found).toContain(idOf(journal))
      })

      it('gives the real journals exactly, by their ids and by those that search finds', async () => {
        const query = { sinceUnixNano: now - 400n * DAY, untilUnixNano: now + 400n * DAY }
        const found = idsOf(await collectFromJaeger(backend, query))
        for (const journal of whole) {
          expect(found).toContain(idOf(journal))
          const { spans, problems } = await backend.trace(idOf(journal))
          expect(problems).toEqual([])
          expectExact(imported(spans)[0], journal)
        }
      })

      it('says that nothing is there under another service name', async () => {
        const other = openAt(jaeger.query, 'someone_else')
        const items = await collectFromJaeger(other, {
          sinceUnixNano: now - DAY,
          untilUnixNano: now + DAY,
        })
        expect(items).toEqual([
          { kind: 'unseen', problem: expect.stringMatching(/"someone_else".*"rivet"/) },
        ])
        other.close()
      })

      it('is read through its older API where the newer one is hidden', async () => {
        const [journal] = shopJournals()
        if (journal === undefined) throw new Error('no journal')
        const hidden = await hiding(jaeger.query, '/api/v3')
        const older = openAt(hidden.url)
        const { spans, problems } = await older.trace(idOf(journal))
        expect(problems).toEqual([])
        expectExact(imported(spans)[0], journal)
        expect(await older.trace('0'.repeat(31).concat('1'))).toEqual({ spans: [], problems: [] })
        older.close()
        await hidden.stop()
      })
    })
  },
)

interface SentRun {
  readonly journal: RunJournal
  readonly exportName: string
  readonly status: string
  readonly ended: bigint
}

/** Of each ten minutes' runs, all end at the same instant. */
function sentRun(i: number, now: bigint): SentRun {
  const exportName = i % 3 === 0 ? 'orders' : 'refunds'
  const status = i % 50 === 7 ? 'failed' : 'success'
  const ended = now - BigInt(i - (i % 10)) * MINUTE
  const events = [warning('nearly done'), runCompleted(status, null, 5)]
  const entries = events.map((event) => ({ recorded_at: formatTimestamp(ended), event }))
  return { journal: new RunJournal(`run_${i}`, exportName, entries), exportName, status, ended }
}

/** Its last chunk span ends a nanosecond after the run, as a clock that is ahead would have it. */
function skewed(now: bigint): RunJournal {
  const events = [
    started(0),
    completed(0),
    started(1),
    runCompleted('success', null, 1),
    started(2),
  ]
  const entries = events.map((event, i) => ({
    recorded_at: formatTimestamp(now - DAY + BigInt(i) * SECOND),
    event,
  }))
  return new RunJournal('skewed', 'orders', entries)
}

function pagesOf(journal: RunJournal): Trace[] {
  return [...journalToTrace(journal)].map(({ trace }) => trace)
}

function idOf({ run_id: runId }: RunJournal): string {
  return traceIdOf({ namespace: '', runId, page: 0 })
}

function openAt(url: string, serviceName = 'rivet'): TraceBackend {
  const env = { OTEL_SERVICE_NAME: serviceName }
  const from = { url: `jaeger+${url}`, retryForMs: 0, env, version: '0.0.0' }
  return openJaeger(backendSettings(from))
}

/** What a search yields, but for what it says of long runs every time. */
/** The same server with a part of it hidden behind the page of the user interface, as it was once. */
function hiding(url: string, hidden: string): Promise<LocalServer> {
  return startLocalServer((request, response) => {
    const { url: path = '/' } = request
    if (path.startsWith(hidden)) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><html></html>')
      return
    }
    void fetch(`${url}${path}`).then(async (answer) => {
      const type = answer.headers.get('content-type') ?? ''
      response.writeHead(answer.status, { 'content-type': type }).end(await answer.text())
    })
  })
}
