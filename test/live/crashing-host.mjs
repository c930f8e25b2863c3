// A program that records a run live, appends what its spans are to a file, and is killed in the middle of it.
// node crashing-host.mjs JOURNAL SPANS: the journal of a file, of which it records all but the end.
import { appendFileSync, readFileSync } from 'node:fs'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { LiveRun, parseJournal } from 'rivet-otel'

const [journalFile = '', spansFile = ''] = process.argv.slice(2)
const {
  run_id: runId,
  export_name: exportName,
  entries,
} = parseJournal(readFileSync(journalFile, 'utf8'))

/** @type {import('@opentelemetry/sdk-trace-base').SpanExporter} */
const exporter = {
  export(spans, done) {
    const bytes = JsonTraceSerializer.serializeRequest(spans) ?? new Uint8Array()
    appendFileSync(spansFile, `${Buffer.from(bytes).toString()}\n`)
    done({ code: 0 })
  },
  async shutdown() {},
}
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const run = new LiveRun(provider.getTracer('rivet-otel', '1'), { runId, exportName })
for (const entry of entries.slice(0, -1)) run.append(entry)
process.kill(process.pid, 'SIGKILL')
