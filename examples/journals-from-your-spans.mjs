// A process that rebuilds the journals of its runs in memory, from nothing but its own spans, and asks them rivet's questions.
// JournalSpanExporter stands beside the exporter that sends the spans, and hands over a run when its last span has ended.
import { fileURLToPath } from 'node:url'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import {
  fieldsOf,
  JournalSpanExporter,
  LiveRun,
  openSqliteSource,
  stringifyJournal,
} from 'rivet-otel'

/** @type {Map<string, import('rivet-otel').RunJournal>} */
const journals = new Map()
const rebuilding = new JournalSpanExporter((run) => {
  if (run.status === 'exact') journals.set(run.runId, run.journal)
  else console.log(`${run.runId}: ${run.status}, so there is no journal: ${run.reasons.join('; ')}`)
})
// An application has a processor more here, which sends the spans.
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(rebuilding)] })
const tracer = provider.getTracer('rivet-otel', '1')

// What the process does: here the runs of a real state database happen once more, event by event.
let equal = 0
const source = await openSqliteSource(
  fileURLToPath(new URL('shop.rivet_state.db', import.meta.url)),
)
for await (const item of source.read({})) {
  if (item.kind === 'unreadable') throw new Error(`${item.where}: ${item.problem}`)
  const { run_id: runId, export_name: exportName, entries } = item.journal
  const run = new LiveRun(tracer, { runId, exportName })
  for (const entry of entries) run.append(entry)
  run.end()
  // The journal of a run that has ended is there at once.
  const rebuilt = journals.get(runId)
  if (rebuilt && stringifyJournal(rebuilt) === stringifyJournal(item.journal)) equal++
}
await source.close()

// A run that goes on while the process ends is never taken for a whole one.
const unfinished = new LiveRun(tracer, { runId: 'orders_unfinished', exportName: 'orders' })
unfinished.record({ ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '25000' } })
unfinished.record({ ChunkCompleted: { chunk_index: 0, rows: 25000 } })
// Spans of other things are left alone.
tracer.startSpan('GET /orders').end()
await provider.shutdown()

for (const journal of journals.values()) console.log(answers(journal))
console.log(`${equal} journals were rebuilt, equal to the letter.`)

/** @param {import('rivet-otel').RunJournal} journal */
function answers(journal) {
  const plan = journal.planSnapshot()
  const outcome = journal.finalOutcome()
  const ended = outcome && fieldsOf(outcome.event, 'RunCompleted')
  const files = journal.files().length
  const chunkEvents = journal.chunkEvents().length
  const longest = journal.longestChunkMs() ?? '–'
  const retries = journal.retries().length
  const issues = journal.qualityIssues().length
  const changes = journal.schemaChanges().length
  const warnings = journal.warnings().length
  const [error] = ended?.error_message?.split('\n', 1) ?? []
  return `${journal.run_id}
  planned   ${plan?.strategy}, ${plan?.format}
  happened  ${files} files written, ${chunkEvents} chunk events, longest chunk ${longest} ms, ${retries} retries
  degraded  ${issues} quality issues, ${changes} schema changes, ${warnings} warnings
  ended     ${ended?.status}${error ? `: ${error}` : ''}`
}
