import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TraceBackend } from '../../src/backends/backend.js'
import { fetchTrace } from '../../src/bridge/fetch-run.js'
import { importRuns } from '../../src/bridge/import-runs.js'
import { Patience } from '../../src/bridge/patience.js'
import { redactorOf } from '../../src/journal/redaction.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { isWhole } from '../../src/mapping/imported-run.js'
import { backendsAvailable } from '../backends/build.mjs'
import { exportJournals, openBackend } from '../backends/product-trip.js'
import { type RunningBackend, startJaeger, startTempo } from '../backends/run-backends.js'
import { arbitraryJournal } from '../journal/arbitrary-journal.js'
import { journalOfEvents, plan, shopJournals, warning } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import { liveRunOf } from './live-spans.js'

/** The same random journals come again with the seed that was printed. */
const SEED = Number(process.env.RIVET_OTEL_SEED ?? Date.now() % 2 ** 31)
const RANDOM_JOURNALS = 200
const READABLE_WITHIN_MS = 30_000
/** A Tempo searches what it has not seen any more for some seconds. */
const SEARCHABLE_WITHIN_MS = 120_000

describe.skipIf(!backendsAvailable()).each(['jaeger', 'tempo'] as const)(
  'live runs that a host sends to a real %s',
  (name) => {
    const journals = [...shopJournals(), ...longJournals(), ...randomJournals()]
    const traceIds: string[] = []
    let program: RunningBackend
    let backend: TraceBackend

    beforeAll(async () => {
      console.log(`random journals: RIVET_OTEL_SEED=${SEED}`)
      program = name === 'jaeger' ? await startJaeger() : await startTempo()
      backend = await openBackend(name, program.query)
      const exporter = new OTLPTraceExporter({ url: `${program.otlpHttp}/v1/traces` })
      const provider = new BasicTracerProvider({
        resource: resourceFromAttributes({ 'service.name': 'rivet' }),
        spanProcessors: [new BatchSpanProcessor(exporter)],
      })
      const tracer = provider.getTracer('rivet-otel', '1')
      for (const journal of journals) {
        // As in an application: the run is a part of something larger.
        const host = tracer.startSpan('nightly', {}, ROOT_CONTEXT)
        const run = liveRunOf(journal, tracer, { context: trace.setSpan(ROOT_CONTEXT, host) })
        for (const entry of journal.entries) run.append(entry)
        run.end()
        host.end()
        traceIds.push(host.spanContext().traceId)
        await provider.forceFlush()
      }
      await provider.shutdown()
    })
    afterAll(async () => {
      backend.close()
      await program.stop()
    })

    it('come back exactly, beside the spans of the host', async () => {
      const patience = new Patience(READABLE_WITHIN_MS)
      for (const [i, journal] of journals.entries()) {
        const { runs, problems, spans } = await patience.until(
          () => fetchTrace(backend, traceIds[i] ?? ''),
          ({ runs: [run], spans: { other } }) => run?.status === 'exact' && other > 0,
        )
        expect(problems).toEqual([])
        expect(spans.other).toBe(1)
        expect(runs).toHaveLength(1)
        expectExact(runs[0], journal)
        expect(runs[0]?.live).toBe(true)
      }
    })

    it('are found by a search, under the service name of the host', async () => {
      const wanted = journals.filter(({ export_name }) => export_name === 'orders')
      const { runs } = await new Patience(SEARCHABLE_WITHIN_MS).until(
        () => importRuns(backend, { selection: { exports: ['orders'] } }),
        ({ runs }) => runs.length > 0 && runs.every(isWhole),
      )
      expect(wanted.length).toBeGreaterThan(2)
      expect(runs).toHaveLength(wanted.length)
      for (const journal of wanted) {
        const run = runs.find(({ runId }) => runId === journal.run_id)
        expectExact(run, journal)
        expect(run?.live).toBe(true)
      }
    })

    it('are one run with the export of the same journal', async () => {
      const exported = shopJournals()
      await exportJournals(exported, program.otlpHttp, { encoding: 'protobuf', namespace: '' })
      const patience = new Patience(READABLE_WITHIN_MS)
      for (const [i, journal] of exported.entries()) {
        const { runs } = await patience.until(
          () => fetchTrace(backend, traceIds[i] ?? ''),
          ({ runs: [run] }) => run?.traceIds.length === 2,
        )
        expect(runs).toHaveLength(1)
        expectExact(runs[0], journal)
        expect(runs[0]).not.toHaveProperty('live')
        expect(runs[0]?.otherRevisions).toEqual([])
        expect(runs[0]?.traceIds).toHaveLength(2)
      }
    })
  },
)

function longJournals(): RunJournal[] {
  return [
    journalOfEvents(...Array.from({ length: 1000 }, (_, i) => warning(`${i}`))),
    journalOfEvents(plan({ base_query: 'é🦀x'.repeat(10_000) })),
  ].map((journal, i) => renamed(journal, `long ${i}`))
}

function randomJournals(): RunJournal[] {
  return fc
    .sample(arbitraryJournal({ maxLength: 30 }), { numRuns: RANDOM_JOURNALS, seed: SEED })
    .filter((journal) => redactorOf()(journal).redaction === undefined)
    .map((journal, i) => renamed(journal, `random ${i} of seed ${SEED} ${journal.run_id}`))
}

function renamed({ export_name, entries, extra }: RunJournal, runId: string): RunJournal {
  return new RunJournal(runId, export_name, entries, extra)
}
