// Records a run while it goes on: its spans go through whatever tracer the application has, the journal is kept beside.
// The provider here prints the spans as they end; in an application it is there already, and sends them.
import { context, trace } from '@opentelemetry/api'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { LiveRun, stringifyJournal } from 'rivet-otel'

/** @type {import('@opentelemetry/sdk-trace-base').SpanExporter} */
const exporter = {
  export(spans, done) {
    for (const { name } of spans) console.log(`sent: ${name}`)
    done({ code: 0 })
  },
  async shutdown() {},
}
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
trace.setGlobalTracerProvider(provider)

const tracer = trace.getTracer('rivet-otel', '1')
const run = new LiveRun(tracer, { runId: 'orders_live', exportName: 'orders' })
try {
  run.record({ ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '25000' } })
  // A span of the application's own, inside of the run: import leaves it alone.
  await context.with(run.context, async () => tracer.startSpan('SELECT', {}, run.context).end())
  run.record({ ChunkCompleted: { chunk_index: 0, rows: 25000, file_name: 'orders_0.parquet' } })
  console.log(`longest chunk so far: ${run.journal.longestChunkMs()} ms`)
  run.end({ status: 'success', duration_ms: 12 })
} catch (error) {
  run.end({ status: 'failed', error_message: String(error), duration_ms: 12 })
}
console.log(stringifyJournal(run.journal))
