import { readFileSync } from 'node:fs'
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openOtlpJsonFile } from '../../../src/backends/otlp-file.js'
import { importRuns } from '../../../src/bridge/import-runs.js'
import { openOtlpHttp } from '../../../src/delivery/otlp-http.js'
import { journalToTrace } from '../../../src/mapping/journal-to-trace.js'
import { expectAllDelivered, send } from '../../contracts/delivery-contract.js'
import { target } from '../../delivery/target.js'
import { shopJournals } from '../../journal/example-journals.js'
import { keptIn, type RunningReceiver, startReceiver } from './running-receiver.js'
import { TRACE } from './sent-values.js'

let running: RunningReceiver | undefined
afterEach(async () => {
  vi.unstubAllEnvs()
  await running?.stop()
})

const exporters = [
  { name: 'JSON', Exporter: JsonExporter, compression: 'none' },
  { name: 'JSON in gzip', Exporter: JsonExporter, compression: 'gzip' },
  { name: 'protobuf', Exporter: ProtobufExporter, compression: 'none' },
  { name: 'protobuf in gzip', Exporter: ProtobufExporter, compression: 'gzip' },
] as const

describe("OpenTelemetry's own exporter", () => {
  it.each(exporters)(
    'of $name delivers a span with everything',
    async ({ Exporter, compression }) => {
      running = await startReceiver()
      vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', compression)
      const exporter = new Exporter({ url: `${running.url}/v1/traces` })
      const provider = new BasicTracerProvider({
        resource: resourceFromAttributes(
          { 'service.name': 'shop' },
          { schemaUrl: 'https://schema' },
        ),
        spanLimits: { attributeCountLimit: 3, eventCountLimit: 1 },
        spanProcessors: [new SimpleSpanProcessor(exporter)],
      })
      const tracer = provider.getTracer('http', '1.2', { schemaUrl: 'https://scope' })
      const context = { traceId: TRACE, spanId: 'b36d1caeb2e67c8f', traceFlags: TraceFlags.SAMPLED }
      const span = tracer.startSpan('GET 表', {
        kind: SpanKind.CLIENT,
        startTime: [1795251219, 134436857],
        links: [{ context, attributes: { a: 1 } }],
      })
      span.setAttributes({ text: 'é', double: 0.25, list: [1, 2], dropped: 1, 'dropped too': 2 })
      span.addEvent('dropped event').addEvent('event', { n: 1 })
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' })
      span.end([1795251219, 134436999])
      await provider.forceFlush()
      await provider.shutdown()
      const [kept, ...others] = await keptIn(running.file)
      expect(others).toEqual([])
      expect(kept).toMatchObject({
        resource: { 'service.name': 'shop' },
        scope: { name: 'http', version: '1.2' },
        span: {
          traceId: span.spanContext().traceId,
          spanId: span.spanContext().spanId,
          name: 'GET 表',
          kind: 3,
          startTimeUnixNano: 1795251219134436857n,
          endTimeUnixNano: 1795251219134436999n,
          attributes: { text: 'é', double: 0.25, list: [1, 2] },
          events: [{ name: 'event', attributes: { n: 1 } }],
          links: [{ traceId: TRACE, spanId: 'b36d1caeb2e67c8f', attributes: { a: 1 } }],
          status: { code: 2, message: 'no' },
        },
      })
      const line = JSON.parse(readFileSync(running.file, 'utf8'))
      const [resourceSpans] = line.resourceSpans
      const [scopeSpans] = resourceSpans.scopeSpans
      expect([resourceSpans.schemaUrl, scopeSpans.schemaUrl]).toEqual([
        'https://schema',
        'https://scope',
      ])
      expect(scopeSpans.spans[0]).toMatchObject({
        flags: expect.any(Number),
        droppedAttributesCount: 2,
        droppedEventsCount: 1,
        links: [{ flags: expect.any(Number) }],
      })
    },
  )
})

describe("this project's own export", () => {
  it.each(['json', 'protobuf'] as const)(
    'in %s comes back as exactly the same runs',
    async (encoding) => {
      running = await startReceiver()
      const pages = shopJournals().flatMap((journal) => [...journalToTrace(journal)])
      const flags = { protocol: encoding === 'json' ? 'http/json' : 'http/protobuf' } as const
      const delivery = openOtlpHttp(target(running.url, flags))
      const outcomes = await send(delivery, pages)
      await delivery.close()
      expectAllDelivered(outcomes, pages)
      const { runs, problems } = await importRuns(openOtlpJsonFile(running.file))
      expect(problems).toEqual([])
      expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'exact'))
      const sent = shopJournals().map(({ run_id }) => run_id)
      expect(runs.map(({ runId }) => runId).sort()).toEqual(sent.sort())
      expect(running.runs.map(({ runId }) => runId).sort()).toEqual(sent.sort())
    },
  )
})
