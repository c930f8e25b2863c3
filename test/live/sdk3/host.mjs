// A host on the SDK 3.x, as any program is one: records the journals of a file live, and prints what its spans come back as.
// One line of JSON for each journal: { status, journal, kept, dropped, withoutSpans }.
import { readFileSync } from 'node:fs'
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import {
  fromReadableSpan,
  JournalAssembler,
  LiveRun,
  parseJournal,
  stringifyJournal,
} from 'rivet-otel'

const [file = ''] = process.argv.slice(2)
for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
  console.log(JSON.stringify(played(line)))
}

/** @param {string} line */
function played(line) {
  const exporter = new InMemorySpanExporter()
  const spanProcessors = [new SimpleSpanProcessor({ exporter })]
  const run = play(line, new TracerProvider({ spanProcessors }))
  const spans = exporter.getFinishedSpans()
  const assembler = new JournalAssembler()
  // The types are those of the SDK 2.x; the spans are the same.
  for (const span of spans) {
    const known = /** @type {Parameters<typeof fromReadableSpan>[0]} */ (
      /** @type {unknown} */ (span)
    )
    assembler.add(fromReadableSpan(known))
  }
  const [found] = assembler.finish()
  const dropped = spans.map((span) => span.droppedAttributesCount + span.droppedEventsCount)
  return {
    status: found?.status,
    journal: found?.status === 'exact' ? stringifyJournal(found.journal) : undefined,
    kept: stringifyJournal(run.journal),
    dropped: dropped.reduce((sum, count) => sum + count, 0),
    withoutSpans: stringifyJournal(
      play(line, new TracerProvider({ sampler: new AlwaysOffSampler() })).journal,
    ),
  }
}

/**
 * @param {string} line
 * @param {TracerProvider} provider
 */
function play(line, provider) {
  const { run_id: runId, export_name: exportName, extra, entries } = parseJournal(line)
  const tracer = provider.getTracer('rivet-otel', '1')
  const run = new LiveRun(tracer, { runId, exportName, extra })
  for (const entry of entries) run.append(entry)
  run.end()
  return run
}
