// Contender: the plain SDK loop. A NodeTracerProvider with a BatchSpanProcessor and an OTLPTraceExporter, and for each journal
// startSpan, addEvent and end. It loses nothing: what waits in the queue is flushed before the queue is full.
// Batches of 512 are the SDK's default; of 512 to 16,384 none is faster. Nor is a flush that is not waited for.

import { readFileSync } from 'node:fs'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { runToSpans } from './sdk-run.mjs'

const {
  journals,
  endpoint,
  protocol,
  compression,
  batch = 4096,
  flushAt = 4 * 4096,
} = JSON.parse(process.argv[2] ?? '')
const Exporter = protocol === 'http/json' ? JsonExporter : ProtobufExporter
const exporter = new Exporter({
  url: `${endpoint}/v1/traces`,
  compression,
  keepAlive: true,
  timeoutMillis: 60_000,
})
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'rivet' }),
  spanProcessors: [
    new BatchSpanProcessor(exporter, {
      maxExportBatchSize: batch,
      maxQueueSize: 10 * flushAt,
      exportTimeoutMillis: 60_000,
    }),
  ],
})
const tracer = provider.getTracer('rivet-otel', '1')

const started = performance.now()
let waiting = 0
for (const line of readFileSync(journals, 'utf8').split('\n')) {
  if (line === '') continue
  waiting += runToSpans(tracer, JSON.parse(line))
  if (waiting >= flushAt) {
    await provider.forceFlush()
    waiting = 0
  }
}
await provider.shutdown()
const ms = performance.now() - started
console.log(JSON.stringify({ ms }))
