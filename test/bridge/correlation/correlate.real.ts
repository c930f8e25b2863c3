import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookedAt } from '../../../src/bridge/correlation/time-window.js'
import { stringifyJournal } from '../../../src/journal/codec.js'
import { RunJournal } from '../../../src/journal/run-journal.js'
import { formatTimestamp, parseTimestamp } from '../../../src/journal/timestamp.js'
import { pagesBeside } from '../../../src/mapping/beside.js'
import { journalToTrace } from '../../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../../src/trace/otlp-json.js'
import type { Trace } from '../../../src/trace/trace.js'
import { backendsAvailable } from '../../backends/build.mjs'
import { type RunningBackend, startJaeger, startTempo } from '../../backends/run-backends.js'
import { rivetOtel, SHOP, temporaryFolder } from '../../e2e/command-line.js'
import { shopJournals } from '../../journal/example-journals.js'
import { openToWrite } from '../../sources/places.js'
import { expectedOrder, foreignTraces } from './foreign-services.js'

const RUN = 'orders_20261121T085339.134_11188'
const SECOND = 1_000_000_000n
/** Smaller than what is there to be found, so that it is asked for in parts. */
const SMALL_ANSWERS = { query_frontend: { search: { max_result_limit: 50 } } }
const BACKENDS = [
  { kind: 'jaeger', name: 'Jaeger', start: () => startJaeger() },
  { kind: 'tempo', name: 'Tempo', start: () => startTempo() },
  {
    kind: 'tempo',
    name: 'Tempo with answers of 50 traces',
    start: () => startTempo({ config: SMALL_ANSWERS }),
  },
]
/** Traces in a request, and how long to wait before the next: a Tempo drops what comes faster. */
const TRACES_AT_ONCE = 100
const PAUSE_MS = 200

/** The run as if it had been at another time. */
function movedBy(journal: RunJournal, nanos: bigint): RunJournal {
  const entries = journal.entries.map(({ recorded_at, event }) => ({
    recorded_at: formatTimestamp(parseTimestamp(recorded_at).unixNano + nanos),
    event,
  }))
  return new RunJournal(journal.run_id, journal.export_name, entries)
}

async function send(traces: readonly Trace[], endpoint: string): Promise<void> {
  for (let i = 0; i < traces.length; i += TRACES_AT_ONCE) {
    const body = joinJsonRequest(traces.slice(i, i + TRACES_AT_ONCE).map(encodeResourceSpansJson))
    const answer = await fetch(`${endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(body),
    })
    if (!answer.ok) throw new Error(await answer.text())
    await delay(PAUSE_MS)
  }
}

interface Answer {
  readonly total: { readonly spans: number; readonly groups: number }
  readonly spans: readonly {
    readonly trace_id: string
    readonly span_id: string
    readonly reasons: readonly string[]
  }[]
  readonly groups: readonly { readonly service: string; readonly reasons: readonly string[] }[]
  readonly source: object | null
  readonly surrounding_traces: readonly string[]
  readonly looked_at: { readonly spans: number; readonly questions: number }
  readonly unseen: readonly string[]
  readonly problems: readonly string[]
}

async function correlated(args: readonly string[], cwd?: string) {
  const began = performance.now()
  const { code, stdout, stderr } = await rivetOtel(
    ['correlate', RUN, '--json', '--limit', '1000', ...args],
    cwd === undefined ? {} : { cwd },
  )
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return { answer: JSON.parse(stdout) as Answer, ms: Math.round(performance.now() - began) }
}

const ids = ({ spans }: Answer) => spans.map(({ trace_id, span_id }) => `${trace_id} ${span_id}`)

/** A state database whose run was when this one was. */
function stateOf(journal: RunJournal): string {
  const path = join(temporaryFolder(), '.rivet_state.db')
  copyFileSync(SHOP, path)
  const db = openToWrite(path)
  const text = stringifyJournal(journal).replaceAll("'", "''")
  db.exec(`UPDATE run_journal SET journal_json = '${text}' WHERE run_id = '${RUN}'`)
  db.close()
  return path
}

describe.skipIf(!backendsAvailable()).each(BACKENDS)(
  'correlating with 10,000 spans of 20 services in a real $name',
  ({ kind, name, start }) => {
    const original = shopJournals().find(({ run_id }) => run_id === RUN)
    if (original === undefined) throw new Error('the shop has no such run')
    // As services send: seconds after it happened, and not much later.
    const now = (BigInt(Date.now()) / 1000n) * SECOND
    const ended = parseTimestamp(original.entries.at(-1)?.recorded_at ?? '').unixNano
    const journal = movedBy(original, ((now - 20n * SECOND - ended) / 1000n) * 1000n)
    const { startUnixNano: chunkStart, endUnixNano: chunkEnd } = lookedAt(journal, 'longest')
    const run = lookedAt(journal)
    const traces = foreignTraces({
      seed: 7,
      services: 20,
      traces: 1000,
      spansOfTrace: 10,
      from: ((run.startUnixNano - 60n * SECOND) / 1000n) * 1000n,
      to: ((run.endUnixNano + 10n * SECOND) / 1000n) * 1000n,
    })
    const inChunk = (surrounding: readonly string[] = []) =>
      expectedOrder(traces, { start: chunkStart, end: chunkEnd }, surrounding)
    let backend: RunningBackend
    let location: string

    beforeAll(async () => {
      backend = await start()
      location = `${kind}+${backend.query}`
      await send(traces, backend.otlpHttp)
      const runs = shopJournals().map((each) => (each.run_id === RUN ? journal : each))
      await send(
        runs.flatMap((each) => [...journalToTrace(each)].map(({ trace }) => trace)),
        backend.otlpHttp,
      )
      // A Tempo finds a trace by search when nothing was added to it for some seconds.
      const deadline = Date.now() + 90_000
      while (Date.now() < deadline) {
        const { answer } = await correlated([
          '--from',
          stateOf(journal),
          '--chunk',
          '--in',
          location,
        ])
        if (answer.total.spans >= inChunk().length) return
        await delay(2000)
      }
    })
    afterAll(() => backend?.stop())

    it('finds all that overlaps the longest chunk, and the callers of its database first', async () => {
      const { answer, ms } = await correlated([
        ...['--from', stateOf(journal), '--chunk', '--in', location],
      ])
      const expected = inChunk()
      expect(expected.length).toBeGreaterThan(50)
      expect(answer.total.spans).toBe(expected.length)
      expect(ids(answer)).toEqual(expected.slice(0, 1000))
      expect(answer.spans[0]?.reasons).toEqual(['same database'])
      expect(answer.problems).toEqual([])
      console.log(
        `${name}, a chunk: ${expected.length} spans, ${JSON.stringify(answer.looked_at)}, ${ms} ms`,
      )
      expect(answer.looked_at.questions).toBeLessThan(300)
    })

    it('finds all that overlaps the whole run', async () => {
      const { answer, ms } = await correlated(['--from', stateOf(journal), '--in', location])
      const expected = expectedOrder(traces, { start: run.startUnixNano, end: run.endUnixNano }, [])
      expect(answer.total.spans).toBe(expected.length)
      expect(ids(answer)).toEqual(expected.slice(0, 1000))
      console.log(
        `${name}, a run: ${expected.length} spans, ${JSON.stringify(answer.looked_at)}, ${ms} ms`,
      )
    })

    it('reads the run, its source and what surrounds it from the server where nothing else has them', async () => {
      const surrounding = traces.find(({ spans }) =>
        spans.some(
          (span) => span.startTimeUnixNano < chunkEnd && span.endTimeUnixNano > chunkStart,
        ),
      )?.spans[0]?.traceId
      if (surrounding === undefined) throw new Error('nothing overlaps')
      const beside = pagesBeside(journal, {
        record: {
          runId: RUN,
          exportName: 'orders',
          harm: [],
          status: { status: 'success', source: 'postgres://127.0.0.1:5432/shop' },
        },
        wrapper: { traceId: surrounding, spanId: '00000000000000aa' },
      })
      await send(
        beside.map(({ trace }) => trace),
        backend.otlpHttp,
      )
      const { answer } = await correlated(['--chunk', '--in', location, '--wait', '20s'])
      expect(answer.source).toEqual({
        system: 'postgresql',
        address: '127.0.0.1',
        port: 5432,
        database: 'shop',
      })
      expect(answer.surrounding_traces).toEqual([surrounding])
      expect(ids(answer)).toEqual(inChunk([surrounding]).slice(0, 1000))
      expect(answer.spans[0]?.reasons[0]).toBe('surrounding trace')
    })

    it('says calmly that nothing was there, in the time of a run of which nobody sent anything', async () => {
      const other = 'events_full_20261121T085429.154_12752'
      const { code, stdout, stderr } = await rivetOtel(
        ['correlate', other, '--from', SHOP, '--in', location],
        {},
      )
      expect(code, stderr).toBe(0)
      expect(stdout).toContain('Nothing of another service')
    })
  },
)
