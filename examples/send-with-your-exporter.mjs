// Sends runs through an exporter of the OpenTelemetry SDK that the application has already.
// The endpoint comes from OTEL_EXPORTER_OTLP_ENDPOINT: node examples/send-with-your-exporter.mjs .rivet_state.db
import { fileURLToPath } from 'node:url'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { deliverThrough, exportRuns, openSqliteSource } from 'rivet-otel'

const example = fileURLToPath(new URL('shop.rivet_state.db', import.meta.url))
const [database = example] = process.argv.slice(2)
const source = await openSqliteSource(database)
const delivery = deliverThrough(new OTLPTraceExporter())

const { runs, spans } = await exportRuns({ source, selection: {}, delivery })
await delivery.close()
await source.close()

console.log(`${runs.sent} runs sent, ${runs.failed} failed (${spans.delivered} spans)`)
process.exitCode = runs.failed > 0 ? 1 : 0
