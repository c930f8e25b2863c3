// A nightly job with an OpenTelemetry SDK of its own: its queries and the run of an export share one trace.
// The queries are traced by the usual instrumentation of pg, the run by LiveRun; the trace is printed as a tree.
//
//   DATABASE_URL=postgres://user@localhost/shop node examples/nightly-job.mjs
//   DATABASE_URL=postgres://user@localhost/shop node examples/nightly-job.mjs rivet run -c rivet.yaml
//
// Nothing stays in that database. With OTEL_EXPORTER_OTLP_ENDPOINT the spans go there as well. With a command behind it, rivet
// does the export: then the run is sent by `rivet-otel exec --join`, into the same trace.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import {
  BatchSpanProcessor,
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { fromReadableSpan, JournalAssembler, LiveRun } from 'rivet-otel'

const { DATABASE_URL, OTEL_EXPORTER_OTLP_ENDPOINT } = process.env
if (DATABASE_URL === undefined) {
  console.error('This example queries a PostgreSQL: set DATABASE_URL=postgres://user@host/database')
  process.exit(2)
}

const command = process.argv.slice(2)
const CHUNKS = 3
const CHUNK_ROWS = 20_000

const memory = new InMemorySpanExporter()
const spanProcessors = [new SimpleSpanProcessor(memory), ...sending()]
const provider = new NodeTracerProvider({ spanProcessors })
provider.register()
registerInstrumentations({ instrumentations: [new PgInstrumentation()] })
// Only what is loaded after this is traced; an import statement at the top would have loaded pg before.
const { default: pg } = await import('pg')

await trace.getTracer('nightly').startActiveSpan('nightly job', async (job) => {
  const client = new pg.Client({ connectionString: DATABASE_URL })
  try {
    await client.connect()
    await client.query(
      `CREATE TEMP TABLE orders AS SELECT id, id * 7 AS cents FROM generate_series(1, ${CHUNKS * CHUNK_ROWS}) AS id`,
    )
    if (command.length > 0) await exportWith(command)
    else await exportOrders(client)
  } catch (error) {
    const message = error instanceof AggregateError ? error.errors.join('; ') : String(error)
    job.setStatus({ code: SpanStatusCode.ERROR, message })
    console.error(`the job failed: ${message}`)
    process.exitCode = 1
  }
  await client.end()
  job.end()
})

printTree(undefined)
printJournals()
await provider.shutdown()

/**
 * The run's span is a child of the active one, and the queries inside of it are children of the run's.
 *
 * @param {import('pg').Client} client
 */
async function exportOrders(client) {
  const began = Date.now()
  const runId = `orders_${began}`
  const run = new LiveRun(trace.getTracer('rivet-otel', '1'), { runId, exportName: 'orders' })
  try {
    for (let chunk_index = 0; chunk_index < CHUNKS; chunk_index++) {
      const keys = [chunk_index * CHUNK_ROWS + 1, (chunk_index + 1) * CHUNK_ROWS]
      const [start_key = '', end_key = ''] = keys.map(String)
      run.record({ ChunkStarted: { chunk_index, start_key, end_key } })
      const { rows } = await context.with(run.context, () =>
        client.query('SELECT * FROM orders WHERE id BETWEEN $1 AND $2', keys),
      )
      // Here the rows are written to wherever they go.
      run.record({ ChunkCompleted: { chunk_index, rows: rows.length } })
    }
    run.end({ status: 'success', duration_ms: Date.now() - began })
  } catch (error) {
    const error_message = String(error)
    run.end({ status: 'failed', error_message, duration_ms: Date.now() - began })
    throw error
  }
}

/**
 * rivet knows nothing of traces. What the active span is goes through the environment to rivet-otel exec, which
 * puts the run below it.
 *
 * @param {string[]} command
 */
async function exportWith(command) {
  const env = { ...process.env }
  propagation.inject(context.active(), env, {
    set: (_, name, value) => {
      env[name.toUpperCase()] = value
    },
  })
  // Where it is installed this is just rivet-otel.
  const rivetOtel = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
  const args = [rivetOtel, 'exec', '--join', '--', ...command]
  const [code] = await once(spawn(process.execPath, args, { env, stdio: 'inherit' }), 'exit')
  if (code !== 0) throw new Error(`${command[0]} ended with ${code}`)
}

function sending() {
  if (OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return []
  return [new BatchSpanProcessor(new OTLPTraceExporter())]
}

/** @param {string | undefined} parentId */
function printTree(parentId, indent = '') {
  // Of two that began in the same millisecond, the one that ended later is around the other.
  const children = memory
    .getFinishedSpans()
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parentId)
    .reverse()
    .sort((a, b) => a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1])
  for (const span of children) {
    const [seconds, nanos] = span.duration
    console.log(`${indent}${span.name}, ${Math.round(seconds * 1e3 + nanos / 1e6)} ms`)
    printTree(span.spanContext().spanId, `${indent}  `)
  }
}

/** The spans say all of the journal, so it can be rebuilt from them, here or wherever they were sent. */
function printJournals() {
  const assembler = new JournalAssembler()
  for (const span of memory.getFinishedSpans()) assembler.add(fromReadableSpan(span))
  for (const run of assembler.finish()) {
    const longest = run.status === 'exact' ? run.journal.longestChunkMs() : undefined
    console.log(`${run.runId}: ${run.status}, longest chunk ${longest ?? '–'} ms`)
  }
}
