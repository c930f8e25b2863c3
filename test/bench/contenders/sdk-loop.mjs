// Contender: the plain SDK loop. A NodeTracerProvider with a BatchSpanProcessor and an OTLPTraceExporter, and for each journal
// startSpan, addEvent and end. It loses nothing: what waits in the queue is flushed before the queue is full.
// Batches of 512 are the SDK's default; of 512 to 16,384 none is faster. Nor is a flush that is not waited for.

import { readFileSync } from 'node:fs'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { runToSpans } from './sdk-run.mjs'

const BATCH = 512
const FLUSH_AT = 2048

/**
 * @param {import('./exporting.mjs').ExportSettings} settings
 * @returns {Promise<number>} ms.
 */
export default async function exportWithSdk({ journals, endpoint, protocol, compression }) {
  const Exporter = protocol === 'http/json' ? JsonExporter : ProtobufExporter
  const exporter = new Exporter({
    url: `${endpoint}/v1/traces`,
    compression: compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    keepAlive: true,
    timeoutMillis: 60_000,
  })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'rivet' }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        maxExportBatchSize: BATCH,
        maxQueueSize: 1_000_000,
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
    if (waiting >= FLUSH_AT) {
      await provider.forceFlush()
      waiting = 0
    }
  }
  await provider.shutdown()
  return performance.now() - started
}
