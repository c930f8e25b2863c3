// Rebuilds journals inside a process from the spans that it is given, as any SpanExporter gets them.
import { fileURLToPath } from 'node:url'
import { JournalSpanExporter, journalToTrace, openSqliteSource, toReadableSpans } from 'rivet-otel'

const database = fileURLToPath(new URL('shop.rivet_state.db', import.meta.url))
const exporter = new JournalSpanExporter((run) => {
  const ended = run.status === 'exact' ? run.journal.finalOutcome()?.event : undefined
  console.log(`${run.runId}: ${run.status} ${JSON.stringify(ended)?.slice(0, 60) ?? ''}`)
})

const source = await openSqliteSource(database)
for await (const item of source.read({ exports: ['orders', 'broken'] })) {
  if (item.kind !== 'journal') continue
  for (const page of journalToTrace(item.journal)) {
    exporter.export(toReadableSpans(page.trace), () => {})
  }
}
await source.close()
await exporter.shutdown()
