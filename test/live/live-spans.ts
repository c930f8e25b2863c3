/** Live runs on the SDK 2.x, for the tests of them. */
import type { Context, Tracer } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanLimits,
} from '@opentelemetry/sdk-trace-base'
import { fromReadableSpan } from '../../src/backends/sdk-spans.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import { LiveRun, type LiveRunOptions } from '../../src/live/live-run.js'
import type { ImportedRun } from '../../src/mapping/imported-run.js'
import { imported } from '../mapping/both-ways.js'

/** A host with a tracer of its own, whose spans are kept in memory. */
export class Host {
  readonly exporter = new InMemorySpanExporter()
  readonly provider: BasicTracerProvider
  readonly tracer: Tracer

  constructor(options: { sampler?: Sampler; spanLimits?: SpanLimits } = {}) {
    const spanProcessors = [new SimpleSpanProcessor(this.exporter)]
    this.provider = new BasicTracerProvider({ ...options, spanProcessors })
    this.tracer = this.provider.getTracer('rivet-otel', '1')
  }

  /** What was ended so far. */
  spans(): ReadableSpan[] {
    return this.exporter.getFinishedSpans()
  }

  /** What an importer makes of what was ended so far. */
  runs(): ImportedRun[] {
    return imported(this.spans().map(fromReadableSpan))
  }
}

/** Starts a live run with the names of a journal. */
export function liveRunOf(
  { run_id: runId, export_name: exportName, extra }: RunJournal,
  tracer: Tracer,
  options: Partial<LiveRunOptions> & { context?: Context } = {},
): LiveRun {
  return new LiveRun(tracer, { runId, exportName, extra, ...options })
}

/** Records a whole journal live. */
export function playLive(
  journal: RunJournal,
  tracer: Tracer,
  options: Partial<LiveRunOptions> = {},
): LiveRun {
  const run = liveRunOf(journal, tracer, options)
  for (const entry of journal.entries) run.append(entry)
  run.end()
  return run
}
