import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import type { Trace } from '../../src/trace/trace.js'
import { jaegerReader, readBack, sendJournal, tempoReader } from '../backends/backend-trip.js'
import { backendsAvailable } from '../backends/build.mjs'
import { type RunningBackend, startJaeger, startTempo } from '../backends/run-backends.js'
import { journalOfChunks, journalOfWarnings } from '../backends/special-journals.js'
import { shopJournals } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { metricsOf, panels } from './dashboard.js'
import { sendTraceOverGrpc } from './otlp-grpc.js'
import { type DeployedCollector, startDeployedCollector } from './run-deployed.js'
import { measuredChunks, runsByStatus, type Sample, samplesOf, sumsBy } from './run-metrics.js'

/** Longer than the collector takes to tell what it counted. */
const COUNTED_WITHIN_MS = 60_000

describe.skipIf(!backendsAvailable())('otel-collector.yaml, as it is', () => {
  let jaeger: RunningBackend
  let tempo: RunningBackend
  let collector: DeployedCollector
  beforeAll(async () => {
    ;[jaeger, tempo] = await Promise.all([startJaeger(), startTempo()])
    collector = await startDeployedCollector({ jaeger: jaeger.otlpHttp, tempo: tempo.otlpHttp })
  })
  afterAll(async () => {
    await Promise.all([collector?.stop(), jaeger?.stop(), tempo?.stop()])
  })

  const counted: RunJournal[] = []
  const readers = () => [jaegerReader(jaeger.query), tempoReader(tempo.query)]

  it('delivers every run that comes over HTTP to both backends, exactly', async () => {
    for (const journal of shopJournals()) {
      const sent = await sendJournal(journal, collector.otlpHttp, 'protobuf')
      counted.push(journal)
      for (const read of readers()) expectExact(await readBack(sent, read), journal)
    }
  })

  it('delivers a run that comes over gRPC', async () => {
    const [journal] = shopJournals()
    if (journal === undefined) throw new Error('no journal')
    for (const page of journalToTrace(journal, { namespace: 'grpc' })) {
      expect(await sendTraceOverGrpc(page.trace, collector.otlpGrpc)).toBe('0')
      const sent = [{ ...page, spans: page.trace.spans.length }]
      for (const read of readers()) expectExact(await readBack(sent, read), journal)
    }
    counted.push(journal)
  })

  it('delivers runs of many pages and of many events', async () => {
    for (const journal of [journalOfChunks(10_000), journalOfWarnings(500)]) {
      const sent = await sendJournal(journal, collector.otlpHttp, 'protobuf')
      counted.push(journal)
      for (const read of readers()) expectExact(await readBack(sent, read), journal)
    }
  })

  it('delivers what others send', async () => {
    const trace = foreignTrace()
    const response = await send(trace, collector)
    expect(response.status).toBe(200)
    const traceId = trace.spans[0]?.traceId ?? ''
    for (const read of readers()) {
      // This Jaeger answers before it stores.
      await expect.poll(() => read(traceId), { timeout: 20_000 }).toHaveLength(1)
    }
  })

  describe('for Prometheus', () => {
    const seen: string[] = []
    let samples: Sample[]
    beforeAll(async () => {
      const deadline = Date.now() + COUNTED_WITHIN_MS
      do {
        await delay(500)
        const metrics = await collector.runMetrics()
        seen.push(metrics)
        samples = samplesOf(metrics)
      } while (total(samples, 'rivet_run_calls_total') < counted.length && Date.now() < deadline)
    })

    it('counts every run once, by export and status', () => {
      const labels = ['rivet_export_name', 'rivet_run_status']
      const expected = runsByStatus(counted)
      expect(Object.keys(expected)).toEqual(expect.arrayContaining(['broken failed']))
      expect(sumsBy(samples, 'rivet_run_calls_total', labels)).toEqual(expected)
      expect(sumsBy(samples, 'rivet_run_duration_seconds_count', labels)).toEqual(expected)
    })

    it('counts chunks of which start and end are known, and no others', () => {
      const labels = ['rivet_export_name', 'status_code']
      const expected = measuredChunks(counted)
      expect(expected).not.toHaveProperty(['orders_parallel STATUS_CODE_UNSET'])
      expect(Object.keys(expected).join()).toContain('STATUS_CODE_ERROR')
      expect(sumsBy(samples, 'rivet_chunk_calls_total', labels)).toEqual(expected)
      expect(sumsBy(samples, 'rivet_chunk_duration_seconds_count', labels)).toEqual(expected)
    })

    it('adds up how long they took', () => {
      expect(total(samples, 'rivet_run_duration_seconds_sum')).toBeCloseTo(
        seconds(counted, ({ attributes }) => attributes['rivet.trace.page'] === 0),
        6,
      )
      expect(total(samples, 'rivet_chunk_duration_seconds_sum')).toBeCloseTo(
        seconds(counted, ({ attributes }) => attributes['rivet.chunk.timing'] === 'measured'),
        6,
      )
    })

    it('names the namespace of runs that have one', () => {
      const byNamespace = sumsBy(samples, 'rivet_run_calls_total', ['rivet_run_namespace'])
      expect(byNamespace).toEqual({ '': counted.length - 1, grpc: 1 })
    })

    it('leads from a duration to a trace', () => {
      // An example is told only once, and not again when nothing new was counted.
      const examples = seen
        .join('')
        .matchAll(/^rivet_run_duration_seconds_bucket.* # \{.*trace_id="([0-9a-f]+)"/gm)
      const ids = counted.flatMap((journal) =>
        ['', 'grpc'].map((namespace) => traceIdOf({ namespace, runId: journal.run_id, page: 0 })),
      )
      const traceIds = [...examples].map(([, traceId]) => traceId)
      expect(traceIds).not.toEqual([])
      expect(ids).toEqual(expect.arrayContaining(traceIds))
    })

    it('has every metric and label that the dashboard asks for', () => {
      for (const { query } of panels().filter(({ source }) => source === 'prometheus')) {
        const labels = [...query.matchAll(/(rivet_run_status|rivet_export_name|status_code|le)\b/g)]
        for (const name of metricsOf(query)) {
          const sample = samples.find((one) => one.name === name)
          expect(sample, name).toBeDefined()
          for (const [label] of labels) expect(sample?.labels, query).toHaveProperty([label])
        }
      }
    })
  })

  describe('where a backend does not take what it should', () => {
    it.each(['jaeger', 'tempo'] as const)('tells the sender that %s is down', async (down) => {
      const other = await OtlpReceiver.start()
      const closed = await OtlpReceiver.start()
      await closed.close()
      const urls = { jaeger: other.url, tempo: other.url, [down]: closed.url }
      const ours = await startDeployedCollector(urls)
      try {
        const response = await send(foreignTrace(), ours)
        expect(response.status).toBe(503)
        expect(await response.text()).toContain('connection refused')
        // The one that is up has it, and gets it again when the sender tries again.
        expect(other.taken).toHaveLength(1)
      } finally {
        await ours.stop()
        await other.close()
      }
    })

    it('tells the sender that one does not answer, before it would', async () => {
      const silent = await OtlpReceiver.start()
      silent.answer = () => ({ delayMs: 12_000 })
      const ours = await startDeployedCollector({ jaeger: silent.url, tempo: tempo.otlpHttp })
      try {
        const response = await send(foreignTrace(), ours)
        expect(response.status).toBe(503)
      } finally {
        await ours.stop()
        await silent.close()
      }
    })

    it('tells the sender that one refuses for good', async () => {
      const refusing = await OtlpReceiver.start()
      refusing.answer = () => ({ status: 400, message: 'not like this' })
      const ours = await startDeployedCollector({ jaeger: refusing.url, tempo: tempo.otlpHttp })
      try {
        const response = await send(foreignTrace(), ours)
        expect(response.status).toBe(400)
        expect(refusing.requests).toHaveLength(1)
      } finally {
        await ours.stop()
        await refusing.close()
      }
    })
  })
})

function foreignTrace(): Trace {
  const [page] = shopJournals().flatMap((journal) => [...journalToTrace(journal)])
  const [root] = page?.trace.spans ?? []
  if (page === undefined || root === undefined) throw new Error('no span')
  const spans = [{ ...root, traceId: '0af7651916cd43dd8448eb211c80319c' }]
  return { ...page.trace, scope: { name: 'another', version: '1' }, spans }
}

async function send(trace: Trace, collector: DeployedCollector): Promise<Response> {
  return fetch(`${collector.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(encodeResourceSpansProtobuf(trace)),
  })
}

function total(samples: readonly Sample[], metric: string): number {
  return Object.values(sumsBy(samples, metric, [])).reduce((sum, value) => sum + value, 0)
}

/** How long the chosen spans of runs took, together. */
function seconds(
  journals: readonly RunJournal[],
  chosen: (span: Trace['spans'][number]) => boolean,
): number {
  const spans = journals.flatMap((journal) =>
    [...journalToTrace(journal)].flatMap(({ trace }) => trace.spans.filter(chosen)),
  )
  const nanos = spans.reduce(
    (sum, { startTimeUnixNano, endTimeUnixNano }) => sum + endTimeUnixNano - startTimeUnixNano,
    0n,
  )
  return Number(nanos) / 1e9
}
